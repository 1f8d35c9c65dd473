import WeftCorpus
import WeftRuntime

/// Scores the parameters of an epoch on the dev corpora with the inference library.
struct ModelScorer: DevScorer {
  let evaluator: Evaluator
  let library: InferenceLibrary
  let corpora: [EncodedCorpus]
  /// Training corpora, if they are to be scored too.
  var training: [EncodedCorpus] = []

  func scores(of parameters: ParameterBlock, masks: [Int: Mask], tasks: TaskSet) throws -> [Double?] {
    try scores(of: parameters, masks, tasks, on: corpora)
  }

  func trainingScores(
    of parameters: ParameterBlock, masks: [Int: Mask], tasks: TaskSet
  ) throws -> [Double?] {
    training.isEmpty ? [] : try scores(of: parameters, masks, tasks, on: training)
  }

  private func scores(
    of parameters: ParameterBlock, _ masks: [Int: Mask], _ tasks: TaskSet, on corpora: [EncodedCorpus]
  ) throws -> [Double?] {
    var scores = Array(repeating: Double?.none, count: evaluator.tasks.count)
    guard !corpora.isEmpty else { return scores }
    let subnets = try Subnets(library: library, parameters: parameters, masks: masks, tasks: tasks)
    for result in try evaluator.evaluate(subnets, on: corpora, tasks: tasks).tasks
    where result.score.tokens > 0 {
      scores[result.number] = result.score.value
    }
    return scores
  }
}
