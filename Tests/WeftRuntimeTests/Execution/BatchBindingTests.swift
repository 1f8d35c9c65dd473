import Testing
import WeftCorpus

@testable import WeftRuntime

/// Batches that would lead C outside its memory, and what is said about them.
@Suite struct BatchBindingTests {
  let inputs = [
    InputInfo(name: "word", rows: .token, limit: 5), InputInfo(name: "form", rows: .token, limit: 1000),
    InputInfo(name: "character", rows: .scalar, limit: 7),
    InputInfo(name: "label.tag", rows: .token, limit: 3),
  ]

  private func valid() -> PackedBatch {
    PackedBatch(
      sentenceCount: 2, tokenCount: 3, formCount: 2, scalarCount: 3, tokenOffsets: [0, 2, 3],
      scalarOffsets: [0, 2, 3], sentences: [4, 9], order: [0, 1],
      inputs: ["word": [1, 2, 0], "form": [1, 0, 1], "character": [6, 1, 2], "label.tag": [-1, 2, 0]])
  }

  private func problem(_ change: (inout PackedBatch) -> Void) -> String? {
    var batch = valid()
    change(&batch)
    var binding = BatchBinding()
    return runtimeError { try binding.bind(batch, inputs: inputs, tasks: []) }?.message
  }

  @Test func validBatchIsCopied() throws {
    var binding = BatchBinding()
    try binding.bind(valid(), inputs: inputs, tasks: [])
    let batch = binding.batch
    #expect(batch.extent.longest_sentence == 2 && batch.extent.longest_form == 2 && batch.extent.tokens == 3)
    #expect(Array(UnsafeBufferPointer(start: batch.token_offsets, count: 3)) == [0, 2, 3])
    #expect(Array(UnsafeBufferPointer(start: batch.sentence_ids, count: 2)) == [4, 9])
    #expect(Array(UnsafeBufferPointer(start: batch.inputs[3], count: 3)) == [-1, 2, 0])
  }

  @Test func missingLabelsAreUnlabelled() throws {
    var batch = valid()
    batch.inputs["label.tag"] = nil
    var binding = BatchBinding()
    try binding.bind(batch, inputs: inputs, tasks: [])
    #expect(Array(UnsafeBufferPointer(start: binding.batch.inputs[3], count: 3)) == [-1, -1, -1])
  }

  @Test func wrongIds() {
    let advice = "Was the batch made with the vocabularies that this network was built for?"
    #expect(
      problem { $0.inputs["word"] = [1, 5, 0] }
        == "Row 1 of the input `word` has the id 5; it must be from 0 to 4. \(advice)")
    #expect(
      problem { $0.inputs["word"] = [-1, 1, 0] }
        == "Row 0 of the input `word` has the id -1; it must be from 0 to 4. \(advice)")
    #expect(
      problem { $0.inputs["form"] = [0, 0, 2] }
        == "Row 2 of the input `form` has the id 2; it must be from 0 to 1. \(advice)")
    #expect(
      problem { $0.inputs["label.tag"] = [0, 3, 0] }
        == "Row 1 of the input `label.tag` has the label 3; it must be from -1 to 2. \(advice)")
    #expect(
      problem { $0.inputs["label.tag"] = [0, -2, 0] }
        == "Row 1 of the input `label.tag` has the label -2; it must be from -1 to 2. \(advice)")
    #expect(
      problem { $0.inputs["word"] = [1, 1] }
        == "The input `word` has 2 values; the batch has 3 rows of that kind.")
    #expect(problem { $0.inputs["character"] = nil } == "The batch lacks the input `character`.")
  }

  @Test func wrongOffsets() {
    #expect(problem { $0.tokenOffsets = [0, 2, 4] }?.contains("do not run from 0 to 3") == true)
    #expect(problem { $0.tokenOffsets = [1, 2, 3] }?.contains("do not run from 0 to 3") == true)
    #expect(problem { $0.tokenOffsets = [] }?.contains("do not run from 0 to 3") == true)
    #expect(
      problem { $0.tokenOffsets = [0, 3] }?.contains("3 of its sentences have tokens at position 0") == true)
    #expect(
      problem { $0.tokenOffsets = [0, 1, 3] }?.contains(
        "2 of its sentences have tokens at position 1, after 1")
        == true)
    #expect(problem { $0.tokenOffsets = [0, 2, 1, 3] }?.contains("inconsistent") == true)
    #expect(problem { $0.tokenOffsets = [0, 2, 2, 3] }?.contains("inconsistent") == true)
    #expect(problem { $0.tokenOffsets = [0, .min, 3] }?.contains("inconsistent") == true)
    #expect(problem { $0.scalarOffsets = [0, 1, 2, 3] }?.contains("1 of its forms have no scalars") == true)
    #expect(problem { $0.sentences = [1] }?.contains("2 sentences but 1 sentence ids") == true)
    #expect(problem { $0.tokenCount = -1 }?.contains("-1 rows") == true)
    #expect(problem { $0.formCount = .max }?.contains("rows of one kind") == true)
  }

  /// A sentence without tokens is last and takes part in nothing.
  @Test func emptySentence() {
    #expect(
      problem {
        $0.sentenceCount = 3
        $0.sentences = [1, 2, 3]
      } == nil)
  }
}
