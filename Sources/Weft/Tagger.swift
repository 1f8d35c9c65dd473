import Foundation
import Synchronization
import WeftCorpus
import WeftRuntime
import WeftSpec
import WeftTrain

/// A trained model that tags sentences, from any number of threads at once.
///
/// All threads share one copy of the weights; each call uses the memory of one thread's run, which is kept for later
/// calls. All tasks are computed in one pass.
///
/// ```swift
/// let tagger = try await Tagger(contentsOf: URL(filePath: "runs/ewt-hard"))
/// let sentence = try tagger.tag(["Ann", "lives", "in", "Oslo", "."])
/// print(sentence["ner"]?.tags ?? [])        // one tag a word
/// ```
public final class Tagger: Sendable {
  /// A task that the model was trained for.
  public struct Task: Sendable, Hashable {
    public var name: String
    /// The labels of the model in the order of probabilities.
    public var labels: [String]
    /// How spans are written in the tags that come out; `none` for labels that are no spans.
    public var scheme: TagScheme
  }

  /// One thread's run and its memory: a box, so that a pool can hold it.
  private final class Worker {
    var pipeline: TaggingPipeline
    init(_ pipeline: consuming TaggingPipeline) { self.pipeline = pipeline }
  }
  private struct Pools {
    /// Idle workers by what they compute.
    var idle: [(options: TaggingOptions, worker: Worker)] = []
  }

  private let trained: TrainedModel
  private let pools = Mutex(Pools())
  /// Idle workers that are kept.
  private static let poolSize = 16

  /// The tasks in the order of the spec.
  public let tasks: [Task]

  /// The spec that the model was trained by.
  public var spec: Spec { trained.spec }

  /// Scores of the model by part of its data (`dev`, `test`), then by task or `mean`; in 0 ... 1.
  public var scores: [String: [String: Double]] { trained.scores }

  /// Opens a model.
  ///
  /// - Parameters:
  ///   - url: a run's folder, or a checkpoint such as `model.safetensors`.
  ///   - library: the compiled inference library that `weft build` names. With it no compiler is needed on this
  ///     machine. Without it the library is taken from the cache, or generated and compiled.
  /// - Throws: `RuntimeError`, `TrainError` or `SpecError`, each with a description for people: a file that is
  ///   missing or damaged, a library of another network, no C compiler.
  public convenience init(contentsOf url: URL, library: URL? = nil) async throws {
    self.init(try await TrainedModel(contentsOf: url, library: library))
  }

  /// Tags with a model that is open already.
  public init(_ trained: TrainedModel) {
    self.trained = trained
    tasks = trained.spec.tasks.map { task in
      Task(
        name: task.name, labels: trained.vocabularies.labels[task.name]?.labels ?? [],
        scheme: task.dataScheme)
    }
  }

  /// Tags the words of a sentence.
  ///
  /// - Parameters:
  ///   - words: tokens; none may be empty.
  ///   - options: tasks, probabilities, alternatives.
  /// - Throws: `CorpusError` for a sentence or word beyond the model's limits, `TrainError` for a task that the model
  ///   does not have.
  public func tag(_ words: [String], options: TaggingOptions = TaggingOptions()) throws -> TaggedSentence {
    // As many results as sentences: one.
    try tag([Sentence(words: words)], options: options)[0]
  }

  /// Tags sentences together, which is faster than one by one.
  ///
  /// - Parameters:
  ///   - sentences: words, and other columns where the model reads them; the result has their order.
  ///   - options: tasks, probabilities, alternatives.
  public func tag(
    _ sentences: [Sentence], options: TaggingOptions = TaggingOptions()
  ) throws -> [TaggedSentence] {
    let worker = try take(options)
    let results = try worker.pipeline.tag(sentences)
    put(worker, options)
    return results
  }

  /// Tags text: a sentence a line, its words separated by spaces and tabs. Blank lines are left out.
  public func tag(text: String, options: TaggingOptions = TaggingOptions()) throws -> [TaggedSentence] {
    var reader = PlainTextReader(text: Array(text.utf8))
    var sentences: [Sentence] = []
    while let sentence = try reader.next() { sentences.append(sentence) }
    return try tag(sentences, options: options)
  }

  private func take(_ options: TaggingOptions) throws -> Worker {
    let idle = pools.withLock { pools -> Idle? in
      guard let index = pools.idle.lastIndex(where: { $0.options == options }) else { return nil }
      return Idle(worker: pools.idle.remove(at: index).worker)
    }
    if let idle { return idle.worker }
    return Worker(try TaggingPipeline(trained, options: options))
  }

  private func put(_ worker: Worker, _ options: TaggingOptions) {
    let idle = Idle(worker: worker)
    pools.withLock { pools in
      if pools.idle.count == Self.poolSize { pools.idle.removeFirst() }
      pools.idle.append((options, idle.worker))
    }
  }

  /// A worker on its way into or out of the pool. Sound: whoever holds one is the only one that does.
  private struct Idle: @unchecked Sendable {
    var worker: Worker
  }
}

extension TaggedSentence {
  /// The spans that a task's tags stand for, e.g. the named entities; none for labels that are no spans.
  ///
  /// - Parameter task: a task whose tags are written by a scheme.
  public func spans(_ task: Tagger.Task) -> [TagSpan] {
    guard task.scheme != .none, let tags = self[task.name]?.tags else { return [] }
    return TagScheme.spans(of: tags.map { SpanTag($0) ?? SpanTag(.outside) })
  }
}
