import Testing
import WeftSpec

@Suite struct LayeringTests {
  @Test func mappingsMergeAndListsReplace() throws {
    let spec = try SpecSamples.variant(
      """
      name: variant
      tasks: {ner: {decoder: crf}, extra: {column: deprel}}
      data: {ewt: {train: [x.conll, y.conll]}}
      """)
    #expect(spec.name == "variant")
    #expect(spec.tasks.map(\.name) == ["pos", "ner", "deprel", "extra"])
    #expect(spec.tasks[1].decoder == .crf)
    #expect(spec.tasks[1].dataScheme == .bio)
    #expect(spec.data[0].train == ["x.conll", "y.conll"])
    #expect(spec.data[0].dev == ["ewt/dev.conll"])
  }

  @Test func nullTakesAnInheritedKeyAway() throws {
    #expect(try SpecSamples.variant("tasks: {pos: null, deprel: }").tasks.map(\.name) == ["ner"])
    #expect(try SpecSamples.variant("", overrides: ["tasks.ner="]).tasks.map(\.name) == ["pos", "deprel"])
  }

  @Test func pathsStayRelativeToTheFileThatSaysThem() throws {
    let files = SpecFiles.memory([
      "runs/a/spec.yaml": "weft: 1\nextends: ../../bases/mid.yaml\nnetwork: {words: {vectors: v.txt}}\n",
      "runs/a/../../bases/mid.yaml": "weft: 1\nextends: base.yaml\ntrain: {initialize: /abs/x.safetensors}\n",
      "runs/a/../../bases/base.yaml": SpecSamples.base,
    ])
    let loaded = try SpecLoader(files: files).load(
      path: "runs/a/spec.yaml", overrides: ["data.ewt.test=test.conll"])
    #expect(loaded.spec.data[0].train == ["../../bases/ewt/train.conll"])
    #expect(loaded.spec.data[0].test == ["test.conll"])
    #expect(loaded.spec.network.words?.vectors == "v.txt")
    #expect(loaded.spec.train.initialize == "/abs/x.safetensors")
    #expect(loaded.baseDirectory == "runs/a")
    #expect(loaded.resolve("v.txt") == "runs/a/v.txt")
    #expect(loaded.resolve("/abs/x") == "/abs/x")
  }

  @Test func longCirclesAreFound() {
    let circle = SpecSamples.problems(
      "weft: 1\nextends: sub/a.yaml\n",
      files: [
        "sub/a.yaml": "weft: 1\nextends: ./b.yaml\n", "sub/./b.yaml": "weft: 1\nextends: ../spec.yaml\n",
      ])
    #expect(
      circle.contains(
        "sub/./b.yaml:2:10: error: 'extends' goes in a circle: "
          + "spec.yaml → sub/a.yaml → sub/./b.yaml → sub/./../spec.yaml"))
  }

  @Test func overridesReplaceValues() throws {
    let spec = try SpecSamples.variant(
      "network: {encoder: [{hidden: 5}, {hidden: 6}]}",
      overrides: [
        "train.rate=0.05", "network.encoder.1.hidden=60", "tasks.ner.decoder={kind: crf, constrained: true}",
        " limits.tokens = 77", "network.chars=none", "data.ewt.columns.xpos=9", "train.clip=none",
      ])
    #expect(spec.train.rate == 0.05)
    #expect(spec.network.encoder.map(\.hidden) == [5, 60])
    #expect(spec.tasks[1].crf.constrained)
    #expect(spec.limits.tokens == 77)
    #expect(spec.data[0].columns[1].source == .index(9))
    #expect(spec.train.clip == ClipSpec.none)
  }

  @Test func wordsThatAreShortForMappingsCanBeExtended() throws {
    let base = """
      weft: 1
      extends: base.yaml
      tasks: {ner: {decoder: crf, head: linear}}
      network: {chars: cnn, dropout: 0.25}
      train: {optimizer: adamw}

      """
    let spec = try SpecLoader(
      files: .memory([
        "base.yaml": SpecSamples.base, "mid.yaml": base,
        "spec.yaml": "weft: 1\nextends: mid.yaml\ntasks: {ner: {decoder: {constrained: true}}}\n",
      ])
    ).load(
      path: "spec.yaml",
      overrides: [
        "tasks.ner.scheme.model=bioes", "tasks.ner.head.layer=0", "network.chars.filters=31",
        "network.dropout.layers=0.1", "train.optimizer.weight-decay=0.01",
      ]
    ).spec
    #expect(spec.tasks[1].crf == CRFSpec(constrained: true))
    #expect(spec.tasks[1].modelScheme == .bioes)
    #expect(spec.tasks[1].head == HeadSpec(layer: 0))
    #expect(spec.network.chars == CharSpec(filters: 31))
    #expect(spec.network.dropout == DropoutSpec(input: 0.25, layers: 0.1, output: 0.25))
    #expect(spec.train.optimizer == OptimizerSpec(kind: .adamw, weightDecay: 0.01))
    // A word that switches a part off is short for nothing.
    let off = SpecSamples.problems(
      SpecSamples.base + "network: {chars: none}\n", overrides: ["network.chars.filters=3"])
    #expect(off.contains("'network.chars' is 'none' in the spec and has no keys"))
  }

  @Test(arguments: [
    (
      "train.rate=fast",
      """
      --set train.rate: error: 'train.rate' must be a number above 0; found 'fast'
        train.rate=fast
                   ^~~~
      1 error
      """
    ),
    (
      "trian.rate=0.1",
      """
      --set trian.rate: error: unknown key 'trian'
        trian.rate=0.1
        ^~~~~
        help: did you mean 'train'?
      1 error
      """
    ),
    (
      "train.epochs",
      """
      --set train.epochs: error: an override has the form key=value
        train.epochs
        ^~~~~~~~~~~~
        help: e.g. train.rate=0.05
      1 error
      """
    ),
    (
      "train..rate=1",
      """
      --set train..rate: error: an empty key
        train..rate=1
              ^
        help: e.g. train.rate=0.05
      1 error
      """
    ),
    (
      "name.first=x",
      """
      --set name.first: error: 'name' is 'base' in the spec and has no keys
        name.first=x
             ^~~~~
        help: replace the whole of it with --set name={…}
      1 error
      """
    ),
    (
      "network.encoder={hidden: 3",
      """
      --set network.encoder: error: YAML syntax: did not find expected ',' or '}'
        network.encoder={hidden: 3
                                  ^
      1 error
      """
    ),
    (
      "weft=2",
      """
      --set weft: error: 'weft' can be given in a file only
        weft=2
        ^~~~
      1 error
      """
    ),
    (
      "tasks.ner.data=etw",
      """
      --set tasks.ner.data: error: there is no corpus 'etw'
        tasks.ner.data=etw
                       ^~~
        help: did you mean 'ewt'?
      1 error
      """
    ),
  ])
  func overrideProblems(override: String, expected: String) {
    #expect(SpecSamples.problems(SpecSamples.base, overrides: [override]) == expected)
  }

  @Test func positionBeyondAList() {
    let text = SpecSamples.base + "network: {encoder: [{hidden: 5}]}\n"
    #expect(
      SpecSamples.problems(text, overrides: ["network.encoder.1.hidden=3"]).hasPrefix(
        "--set network.encoder.1.hidden: error: 'network.encoder' is a list of 1; '1' is no position in it"))
  }

  @Test func unreadableSpecs() {
    func message(_ reason: String) -> String? {
      let files = SpecFiles { _ throws(FileReadError) in throw FileReadError(reason: reason) }
      do {
        _ = try SpecLoader(files: files).load(path: "x/spec.yaml")
        return nil
      } catch {
        return error.description
      }
    }
    #expect(
      message("permission denied")
        == "x/spec.yaml: error: cannot read 'x/spec.yaml': permission denied\n1 error")
    #expect(throws: FileReadError(reason: "no such file")) { try SpecFiles.disk.read("/nowhere/at/all.yaml") }
    #expect(throws: FileReadError(reason: "it is a folder")) { try SpecFiles.disk.read("/") }
  }
}
