import Testing
import WeftCorpus
import WeftRuntime
import WeftSpec

@testable import WeftTrain

@Suite struct CorpusBatchesTests {
  /// Batches and plan of the sample spec.
  func sample(_ overrides: [String] = []) throws -> (CorpusBatches, TrainingPlan) {
    let folder = try Samples.folder()
    let data = try ExperimentData(folder.load(Samples.spec, overrides: overrides))
    let batches = CorpusBatches(tasks: data.spec.tasks, corpora: data.corpora.compactMapValues { $0[.train] })
    return (batches, TrainingPlan(spec: data.spec, labelledSentences: data.labelledSentences))
  }

  @Test func aPassTakesEverySentenceWithALabelOnce() throws {
    var (batches, plan) = try sample()
    let phase = plan.phases[0]
    for (stream, expected) in zip(phase.streams, [[0, 1, 3, 4], [0, 1, 4]] as [[Int32]]) {
      for pass in 0..<3 {
        var sentences: [Int32] = []
        for number in 0..<2 {
          let batch = try batches.batch(2 * pass + number, of: stream, in: phase)
          sentences += batch.packed.sentences
          #expect(batch.labelled == stream.tasks)
        }
        #expect(sentences.sorted() == expected)
      }
    }
  }

  @Test func aBatchDependsOnItsNumberAlone() throws {
    var (first, plan) = try sample()
    var (second, _) = try sample()
    let phase = plan.phases[0]
    let forward = try (0..<12).map { try first.batch($0, of: phase.streams[0], in: phase).packed }
    let backward = try (0..<12).reversed().map {
      try second.batch($0, of: phase.streams[0], in: phase).packed
    }
    #expect(forward == backward.reversed())
    var other = phase
    other.seed += 1
    let others = try (0..<12).map { try first.batch($0, of: phase.streams[0], in: other).packed }
    #expect(others != forward)
  }

  @Test func aBatchCarriesTheLabelsOfItsTasksOnly() throws {
    var (batches, plan) = try sample()
    let phase = plan.phases[0]
    let batch = try batches.batch(0, of: phase.streams[1], in: phase).packed
    #expect(batch.input("label.ner") != nil)
    #expect(batch.input("label.pos") == nil)
  }

  @Test func aJointStreamKnowsWhichTasksABatchHasLabelsFor() throws {
    var (batches, plan) = try sample(["train.step=all-tasks", "train.batch=1"])
    let phase = plan.phases[0]
    #expect(phase.streams.map(\.sentenceCount) == [4])
    for number in 0..<4 {
      let batch = try batches.batch(number, of: phase.streams[0], in: phase)
      #expect(batch.labelled == (batch.packed.sentences == [3] ? TaskSet(task: 0) : .all(2)))
    }
  }
}
