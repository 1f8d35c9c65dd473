import Testing
import WeftSpec

@Suite struct DecodingTests {
  @Test func everythingIsDecoded() throws {
    let spec = try SpecSamples.load(SpecSamples.everything).spec
    #expect(spec.name == "every-thing_2")
    #expect(spec.seed == 9_007_199_254_740_991)
    #expect(spec.data.map(\.name) == ["z-last", "a-first", "tabbed"])
    #expect(
      spec.data[0]
        == CorpusSpec(
          name: "z-last", separator: .whitespace, train: ["a.conll", "b: c.conll"], dev: ["größe.conll"],
          test: ["t.conll"],
          columns: [
            ColumnSpec(name: "word", source: .index(1)), ColumnSpec(name: "xpos", source: .index(0)),
            ColumnSpec(name: "ner", source: .index(2)),
          ], unlabelled: ["_", "0", "\"x\"", "null"]))
    #expect(
      spec.data[1].columns == [
        ColumnSpec(name: "word", source: .field("lemma")), ColumnSpec(name: "upos", source: .field("upos")),
        ColumnSpec(name: "entity", source: .key(field: "misc", key: "Entity")),
      ])
    #expect(spec.data[2].format == .tsv)
    #expect(
      spec.tasks == [
        TaskSpec(
          name: "ner", data: "z-last", column: "ner", dataScheme: .bio, modelScheme: .bioes, decoder: .crf,
          crf: CRFSpec(startEnd: false, constrained: true), metric: .accuracy,
          head: HeadSpec(layer: 0, hidden: [100, 50], activation: .tanh), weight: 0.25),
        TaskSpec(
          name: "a-upos", data: "a-first", column: "upos", head: HeadSpec(hidden: [7], activation: .sigmoid),
          labelSmoothing: 0.1),
        TaskSpec(
          name: "entity", data: "a-first", column: "entity", dataScheme: .bioes, modelScheme: .bioes,
          metric: .spanF1),
        TaskSpec(
          name: "chunk", data: "tabbed", column: "chunk", dataScheme: .iob1, modelScheme: .bio, decoder: .crf,
          metric: .spanF1),
      ])
    #expect(
      spec.network
        == NetworkSpec(
          words: WordSpec(
            dim: 64, vectors: "v.txt", vocabulary: .trainAndVectors, minCount: 2, lowercase: false,
            frozen: true,
            unkDropout: 0.01),
          chars: CharSpec(kind: .bilstm, dim: 20, hidden: 25, minCount: 3),
          features: [
            FeatureSpec(name: "xpos", source: .column("xpos"), dim: 4),
            FeatureSpec(name: "caps", source: .capitalization, dim: 5),
            FeatureSpec(name: "digits", source: .digits, dim: 6),
          ],
          encoder: [LayerSpec(hidden: 11), LayerSpec(hidden: 12)],
          dropout: DropoutSpec(input: 0.1, layers: 0.2, output: 0.3, variational: true), noise: 0.2))
    #expect(spec.sharing.kind == .single)
    var train = TrainSpec()
    train.optimizer = OptimizerSpec(kind: .adamw, weightDecay: 0.01, beta1: 0.8, beta2: 0.98, epsilon: 1e-6)
    train.rate = 0.002
    train.schedule = ScheduleSpec(kind: .cosine, floor: 0.0001, warmup: 10)
    train.clip = .value(0.5)
    train.batch = 3
    train.accumulate = 2
    train.epochs = 7
    train.patience = nil
    train.mainTask = "ner"
    train.sampling = .temperature(0.5)
    train.averaging = 0.999
    train.saveEvery = 50
    train.initialize = "runs/a.safetensors"
    train.threads = 2
    #expect(spec.train == train)
    #expect(spec.limits == LimitsSpec(tokens: 99, scalars: 40))
  }

  @Test func missingKeysAreTheDefaultsOfTheValueTypes() throws {
    let spec = try SpecSamples.load(SpecSamples.base).spec
    #expect(spec.network == NetworkSpec())
    #expect(spec.train == TrainSpec())
    #expect(spec.sharing == SharingSpec())
    #expect(spec.limits == LimitsSpec())
    #expect(spec.seed == 1)
    #expect(spec.tasks[0] == TaskSpec(name: "pos", data: "ewt", column: "xpos"))
    #expect(spec.tasks[2] == TaskSpec(name: "deprel", data: "ewt", column: "deprel"))
  }

  @Test func nameIsTheFilesUnlessGiven() throws {
    let text = SpecSamples.base.replacing("name: base\n", with: "")
    #expect(
      try SpecSamples.load(text, path: "a.b/my-run.v.yaml".replacing(".v", with: "")).spec.name == "my-run")
    let error = #expect(throws: SpecError.self) { try SpecSamples.load(text, path: "2nd run.yaml") }
    #expect(error?.description.contains("'2nd run' cannot name generated code") == true)
  }

  @Test func shorthands() throws {
    #expect(try SpecSamples.variant("sharing: single").sharing.kind == .single)
    #expect(try SpecSamples.variant("network: {chars: bilstm}").network.chars == CharSpec(kind: .bilstm))
    #expect(try SpecSamples.variant("network: {words: none, chars: cnn}").network.words == nil)
    #expect(try SpecSamples.variant("network: {encoder: []}").network.encoder.isEmpty)
    #expect(
      try SpecSamples.variant("network: {dropout: 0.25}").network.dropout
        == DropoutSpec(input: 0.25, output: 0.25))
    #expect(
      try SpecSamples.variant("network: {words: {vocabulary: {file: w.txt}}}").network.words?.vocabulary
        == .file("w.txt"))
    let train = try SpecSamples.variant(
      "train: {momentum: 0.5, nesterov: true, weight-decay: 1e-4, decay: 0.05, clip: none, "
        + "sampling: round-robin}"
    ).train
    #expect(train.optimizer == OptimizerSpec(momentum: 0.5, nesterov: true, weightDecay: 1e-4))
    #expect(train.schedule == ScheduleSpec(kind: .inverseTime, decay: 0.05))
    #expect(train.clip == ClipSpec.none)
    #expect(train.sampling == .roundRobin)
    let warm = try SpecSamples.variant("train: {decay: 0.1, schedule: {warmup: 7}}").train.schedule
    #expect(warm == ScheduleSpec(kind: .inverseTime, decay: 0.1, warmup: 7))
    #expect(try SpecSamples.variant("train: {optimizer: adam}").train.rate == 0.001)
    #expect(try SpecSamples.variant("train: {schedule: plateau}").train.schedule.kind == .plateau)
    #expect(try SpecSamples.variant("train: {step: all-tasks}").train.step == .allTasks)
  }

  @Test func optionsOfAnotherKindKeepTheirDefaults() throws {
    let chars = try SpecSamples.variant("network: {chars: {kind: bilstm, filters: 99}}").network.chars
    #expect(chars == CharSpec(kind: .bilstm))
    let optimizer = try SpecSamples.variant("train: {optimizer: adam, momentum: 0.3}").train.optimizer
    #expect(optimizer == OptimizerSpec(kind: .adam))
  }

  @Test func conlluFindsItsWords() throws {
    let spec = try SpecSamples.load(
      """
      weft: 1
      data: {gum: {format: conllu, train: t.conllu, columns: {upos: upos}}}
      tasks: {upos: {}}
      """
    ).spec
    #expect(spec.data[0].columns[0] == ColumnSpec(name: "word", source: .field("form")))
  }

  @Test func aliasesStandForWhatTheyName() throws {
    let spec = try SpecSamples.load(
      """
      weft: 1
      data: {ewt: {train: a.conll, columns: {word: 0, xpos: 2, ner: 3}}}
      tasks:
        pos: &task {data: ewt, column: xpos, head: &head {hidden: [3]}}
        pos2: *task
        ner: {data: ewt, head: *head}
      """
    ).spec
    #expect(spec.tasks.map(\.head.hidden) == [[3], [3], [3]])
    #expect(spec.tasks[1].labels.description == "xpos")
  }

  @Test func byteOrderMarkAndWindowsLineEndsAreFine() throws {
    let text = "\u{FEFF}" + SpecSamples.base.replacing("\n", with: "\r\n")
    #expect(try SpecSamples.load(text).spec == SpecSamples.load(SpecSamples.base).spec)
  }

  @Test func domains() throws {
    let spec = try SpecSamples.load(SpecSamples.domains).spec
    #expect(spec.data[0].domains == .file("d.tsv"))
    #expect(spec.data[0].trainOn == ["x y", "1"])
    #expect(spec.data[0].limit == 7)
    #expect(spec.data[1].domains == .comment(field: "genre", until: nil))
    #expect(spec.data[1].trainOn == ["news"])
    #expect(spec.data[2].domains == .comment(field: "newdoc id", until: "-"))
    #expect(spec.data[2].limit == nil)
    #expect(spec.tasks[0].randomLabels == RandomLabelsSpec(share: 0.5))
    #expect(spec.tasks[1].randomLabels == RandomLabelsSpec(share: 1, seed: 7))
    #expect(spec.tasks[2].randomLabels == nil)
    #expect(spec.train.scoreTraining)
  }
}
