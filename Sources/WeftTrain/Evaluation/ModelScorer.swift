import WeftCorpus
import WeftRuntime

/// Scores the parameters of an epoch on the dev corpora with the inference library.
struct ModelScorer: DevScorer {
  let evaluator: Evaluator
  let library: InferenceLibrary
  let corpora: [EncodedCorpus]

  func scores(of parameters: ParameterBlock, tasks: TaskSet) throws -> [Double?] {
    var scores = Array(repeating: Double?.none, count: evaluator.tasks.count)
    guard !corpora.isEmpty else { return scores }
    let model = try Model(library: library, parameters: parameters)
    for result in try evaluator.evaluate(model, on: corpora, tasks: tasks).tasks where result.score.tokens > 0
    {
      scores[result.number] = result.score.value
    }
    return scores
  }
}
