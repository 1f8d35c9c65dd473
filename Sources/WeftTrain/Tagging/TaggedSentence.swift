import WeftCorpus

/// A sentence with what a model says of it.
public struct TaggedSentence: Sendable {
  public var sentence: Sentence
  /// In the order that the tasks were asked for.
  public var tasks: [TaskTags]

  public subscript(task: String) -> TaskTags? { tasks.first { $0.task == task } }
}

/// What a model says of a sentence for one task.
public struct TaskTags: Sendable {
  public var task: String
  /// One tag a token, in the scheme of the task's data.
  public var tags: [String]
  /// The model's own labels, which `probabilities` are of.
  public var labels: [String]
  /// Probability of each label (`labels`' order is that of ``TaggingPipeline/labels(of:)``) at each token: softmax, or
  /// marginals of a CRF. Nil unless asked for.
  public var probabilities: [[Float]]?
  /// The most probable label sequences, best first. Nil unless asked for.
  public var alternatives: [TagSequence]?
}

/// One way to tag a sentence.
public struct TagSequence: Sendable, Equatable {
  /// In the scheme of the task's data.
  public var tags: [String]
  /// Natural logarithm of the probability of the whole sequence.
  public var logProbability: Float
}
