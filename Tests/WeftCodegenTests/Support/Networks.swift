import WeftGraph
import WeftSpec

@testable import WeftCodegen

/// Small networks that between them use every operation.
enum Networks {
  static func corpus() -> CorpusSpec {
    CorpusSpec(name: "toy", train: ["toy.conll"], columns: [ColumnSpec(name: "word", source: .index(0))])
  }

  /// The network of the sparse-sharing paper at toy size: words, character CNN, one BiLSTM, two softmax tasks.
  static func hard(name: String = "toy") -> (spec: Spec, sizes: NetworkSizes) {
    let spec = Spec(
      name: name, data: [corpus()],
      tasks: [
        TaskSpec(name: "pos", data: "toy", column: "pos"), TaskSpec(name: "ner", data: "toy", column: "ner"),
      ],
      network: NetworkSpec(
        words: WordSpec(dim: 7, unkDropout: 0.1), chars: CharSpec(dim: 5, filters: 6, width: 3),
        encoder: [LayerSpec(hidden: 5)]))
    return (
      spec,
      NetworkSizes(
        words: 11, characters: 9, labels: ["pos": LabelShape(count: 4), "ner": LabelShape(count: 3)])
    )
  }

  /// Everything else: character BiLSTM, features, noise, variational dropout, two layers of different sizes, a CRF
  /// with constraints on the lower one and an MLP head with label smoothing on the upper.
  static func rich(name: String = "rich", sharing: SharingSpec.Kind = .hard) -> (
    spec: Spec, sizes: NetworkSizes
  ) {
    let spec = Spec(
      name: name, data: [corpus()],
      tasks: [
        TaskSpec(
          name: "chunk", data: "toy", column: "chunk", decoder: .crf,
          crf: CRFSpec(startEnd: true, constrained: true),
          head: HeadSpec(layer: 0)),
        TaskSpec(
          name: "pos", data: "toy", column: "pos", head: HeadSpec(hidden: [6, 9], activation: .tanh),
          labelSmoothing: 0.1),
      ],
      network: NetworkSpec(
        words: WordSpec(dim: 6, unkDropout: 0.2), chars: CharSpec(kind: .bilstm, dim: 4, hidden: 3),
        features: [FeatureSpec(name: "case", source: .capitalization, dim: 2)],
        encoder: [LayerSpec(hidden: 4), LayerSpec(hidden: 18)],
        dropout: DropoutSpec(input: 0.3, layers: 0.2, output: 0.4, variational: true), noise: 0.2),
      sharing: SharingSpec(kind: sharing))
    // Labels O, B, I of one type: I only behind B or I.
    let constraints = CRFConstraints(
      allowed: [true, true, false, true, true, true, true, true, true], allowedStart: [true, true, false],
      allowedEnd: [true, true, true])
    return (
      spec,
      NetworkSizes(
        words: 11, characters: 9, features: ["case": 7],
        labels: ["chunk": LabelShape(count: 3, constraints: constraints), "pos": LabelShape(count: 5)])
    )
  }

  static func generator(
    _ network: (spec: Spec, sizes: NetworkSizes),
    instructionSets: [InstructionSet] = [.avx512, .avx2, .portable]
  ) throws -> CodeGenerator {
    CodeGenerator(
      graph: try Graph(spec: network.spec, sizes: network.sizes), name: network.spec.name,
      architectureHash: "0123456789abcdef", options: CodegenOptions(instructionSets: instructionSets))
  }
}
