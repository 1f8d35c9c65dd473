import Foundation
import Logging
import WeftCorpus
import WeftRuntime
import WeftSpec
import WeftTrain

/// A trained model and where its data are.
struct EvaluationSubject {
  let trained: TrainedModel
  /// The checkpoint, or the folder of the run.
  let url: URL
  /// The spec; its paths lead to the data.
  let loaded: LoadedSpec

  /// - Parameters:
  ///   - path: a run's folder, a checkpoint, or a spec.
  ///   - checkpoint: with a spec: a checkpoint or a run's folder.
  init(_ path: String, checkpoint: String?, overrides: [String], logger: Logger) async throws {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    if exists, isFolder.boolValue || path.hasSuffix(".safetensors") {
      if checkpoint != nil || !overrides.isEmpty {
        throw Failure(.usage, error: "--checkpoint and --set go with a spec, and \(path) is none")
      }
      url = URL(fileURLWithPath: path)
      trained = try await logger.model(url)
      let run = isFolder.boolValue ? url : url.deletingLastPathComponent()
      loaded = LoadedSpec(
        spec: trained.spec, path: path, baseDirectory: RunOrigin(run: run)?.folder.path ?? "",
        locations: SpecLocations(path: path))
    } else {
      loaded = try SpecLoader().load(path: path, overrides: overrides)
      url =
        checkpoint.map { URL(fileURLWithPath: $0) } ?? RunFolder(name: loaded.spec.name).url
      trained = try await logger.model(url)
      try check(against: url)
    }
  }

  /// Is the checkpoint one of this spec with these data?
  private func check(against url: URL) throws {
    var isFolder: ObjCBool = false
    let isRun = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    let file = isRun ? RunFolder(url).model : url
    let data = try ExperimentData(loaded, splits: [.train])
    let wanted = try NetworkDesign(spec: loaded.spec, vocabularies: data.vocabularies)
    try Checkpoint(contentsOf: file).description.check(
      against: wanted.checkpointDescription(), for: .use, file: file.path)
  }

  /// Span counts on the tags as they are written, as conlleval counts them; other tasks as always.
  func rawEvaluation(_ corpora: [EncodedCorpus], threads: Int) throws -> Evaluation {
    var pipeline = try TaggingPipeline(trained, threads: threads)
    var results: [TaskEvaluation] = []
    let ordinary = try trained.evaluate(corpora, threads: threads)
    for result in ordinary.tasks {
      guard result.score.metric == .spanF1,
        let corpus = corpora.first(where: { $0.tasks.contains { $0.name == result.task } })
      else {
        results.append(result)
        continue
      }
      let task = trained.spec.tasks[result.number]
      var scorer = RawTagScorer()
      let sentences = (0..<corpus.sentenceCount).map { corpus.corpus[$0] }
      for (sentence, tagged) in try pipeline.tag(sentences).enumerated() {
        scorer.add(gold: corpus.gold(task, sentence: sentence), predicted: tagged[task.name]?.tags ?? [])
      }
      results.append(
        TaskEvaluation(
          task: result.task, number: result.number, score: scorer.score, unseenLabels: result.unseenLabels))
    }
    return Evaluation(tasks: results)
  }
}
