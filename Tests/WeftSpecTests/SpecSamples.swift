import WeftSpec

/// Specs in memory.
enum SpecSamples {
  static let base = """
    weft: 1
    name: base
    data:
      ewt:
        train: ewt/train.conll
        dev: ewt/dev.conll
        columns: {word: 0, xpos: 2, ner: 3, deprel: 5}
    tasks:
      pos: {column: xpos}
      ner: {column: ner, scheme: bio}
      deprel: {}

    """

  /// Domains by a table and by comments, with and without a separator.
  static let domains = """
    weft: 1
    data:
      a: {train: a.conll, columns: {word: 0, pos: 1}, domains: {file: d.tsv}, train-on: [x y, "1"], limit: 7}
      b: {train: b.conll, columns: {word: 0, pos: 1}, domains: {comment: genre}, train-on: news}
      c: {train: c.conll, columns: {word: 0, pos: 1}, domains: {comment: {field: newdoc id, until: "-"}}}
    tasks:
      a: {data: a, column: pos, random-labels: 0.5}
      b: {data: b, column: pos, random-labels: {seed: 7}}
      c: {data: c, column: pos}
    train: {score-training: true}

    """

  /// Loads a text that stands alone.
  static func load(_ text: String, overrides: [String] = [], path: String = "spec.yaml") throws(SpecError)
    -> LoadedSpec
  {
    try SpecLoader(files: .memory([path: text])).load(path: path, overrides: overrides)
  }

  /// Loads lines on top of `base`.
  static func variant(_ text: String, overrides: [String] = []) throws(SpecError) -> Spec {
    try SpecLoader(files: .memory(["base.yaml": base, "spec.yaml": "weft: 1\nextends: base.yaml\n" + text]))
      .load(path: "spec.yaml", overrides: overrides).spec
  }

  /// The diagnostics of a spec that must not load, as text.
  static func problems(_ text: String, overrides: [String] = [], files: [String: String] = [:]) -> String {
    var all = files
    all["spec.yaml"] = text
    do {
      _ = try SpecLoader(files: .memory(all)).load(path: "spec.yaml", overrides: overrides)
      return ""
    } catch {
      return error.description
    }
  }

  /// One that says something other than the default under every key.
  static let everything = """
    weft: 1
    name: every-thing_2
    seed: 9007199254740991
    data:
      z-last:
        format: conll
        separator: whitespace
        train: [a.conll, "b: c.conll"]
        dev: größe.conll
        test: [t.conll]
        columns: {word: 1, xpos: 0, ner: 2}
        unlabelled: ["_", 0, "\\"x\\"", "null"]
      a-first:
        format: conllu
        train: gum.conllu
        columns: {word: lemma, upos: upos, entity: misc.Entity}
      tabbed:
        format: tsv
        train: c.tsv
        columns: {word: 0, chunk: 1}
    tasks:
      ner:
        data: z-last
        column: ner
        scheme: {data: bio, model: bioes}
        decoder: {kind: crf, start-end: false, constrained: true}
        metric: accuracy
        head: {layer: 0, hidden: [100, 50], activation: tanh}
        weight: 0.25
      a-upos: {data: a-first, column: upos, label-smoothing: 0.1, head: {hidden: 7, activation: sigmoid}}
      entity: {data: a-first, scheme: bioes}
      chunk: {data: tabbed, scheme: iob1, decoder: crf}
    network:
      words:
        dim: 64
        vectors: v.txt
        vocabulary: train+vectors
        min-count: 2
        lowercase: false
        frozen: true
        unk-dropout: 0.01
      chars: {kind: bilstm, dim: 20, hidden: 25, min-count: 3}
      features: [{column: xpos, dim: 4}, {name: caps, shape: capitalization, dim: 5}, {shape: digits, dim: 6}]
      encoder: [{kind: bilstm, hidden: 11}, {hidden: 12}]
      dropout: {input: 0.1, layers: 0.2, output: 0.3, variational: true}
      noise: 0.2
    sharing: {kind: single}
    train:
      optimizer: {kind: adamw, weight-decay: 0.01, beta1: 0.8, beta2: 0.98, epsilon: 1e-6}
      rate: 0.002
      schedule: {kind: cosine, floor: 0.0001, warmup: 10}
      clip: {value: 0.5}
      batch: 3
      accumulate: 2
      epochs: 7
      patience: none
      main-task: ner
      sampling: {temperature: 0.5}
      step: one-task
      averaging: 0.999
      save-every: 50
      initialize: runs/a.safetensors
      threads: 2
    limits: {tokens: 99, scalars: 40}

    """
}
