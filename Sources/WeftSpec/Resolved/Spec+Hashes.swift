extension Spec {
  /// The part of the spec that shapes the network, as canonical JSON: what is read, sizes, layers, sharing,
  /// decoders.
  ///
  /// The *architecture* hash is taken over the network's parameters, whose shapes depend on vocabularies too;
  /// this text is the spec's share in it. Task names are in it since parameters are named after them.
  public var architectureJSON: String {
    var entries: [(String, OutputValue)] = []
    if let words = network.words { entries.append(("words", .mapping([("dim", .integer(words.dim))]))) }
    if let chars = network.chars { entries.append(("chars", chars.resolved.without(["min-count"]))) }
    entries += [
      (
        "features",
        .list(network.features.map { .mapping([("name", .text($0.name)), ("dim", .integer($0.dim))]) })
      ),
      ("encoder", .list(network.encoder.map(\.resolved))),
      ("sharing", sharing.architecture),
      (
        "tasks",
        .named(
          tasks.map { task in
            // A head that names the top layer is the head that leaves it out.
            var head = task.head
            head.layer = head.layer ?? (network.encoder.isEmpty ? nil : network.encoder.count - 1)
            // Where the weights of a mixture start, and whether they are trained, is recipe.
            head.beta = BetaSpec()
            let decoder = task.resolvedDecoder.without(["constrained"])
            return (task.name, .mapping([("head", head.resolved), ("decoder", decoder)]))
          })
      ),
    ]
    return OutputValue.mapping(entries).json
  }

  /// The part of the spec that decides the bits of training besides architecture and data, as canonical JSON.
  ///
  /// In: the seed; how cells become labels and words become inputs; dropout, noise, loss weights, smoothing;
  /// optimiser, rate, schedule, clipping, batch, sampling, averaging, and by which score the best epoch is
  /// chosen; with sparse sharing how the subnets are found, the epochs of that included; with masks that they are
  /// there, and what a step may change under them; with soft sharing what α starts from and whether it is trained.
  ///
  /// Out: paths (files may move, and the data hash covers their labels and words) and what says which domain a sentence
  /// is of, but not the domains that are trained on; `name`; `limits`; `epochs` and `patience`, so that a
  /// finished run can be given more epochs; `save-every`; `threads`; `initialize`, which matters before the
  /// first step only. A cosine schedule spreads over all epochs: resumed with another number of them, it goes
  /// on along the new curve.
  public var recipeJSON: String {
    let corpora = data.map { corpus in
      (corpus.name, corpus.resolved.without(["train", "dev", "test", "domains"]))
    }
    var words = OutputValue.text("none")
    if let spec = network.words {
      let isFile = if case .file = spec.vocabulary { true } else { false }
      words = spec.resolved.without(["dim", "vectors", "vocabulary"]).adding([
        ("vectors", .boolean(spec.vectors != nil)),
        ("vocabulary", isFile ? .text("file") : spec.vocabulary.resolved),
      ])
    }
    let tasks = tasks.map { task in
      let constrained = OutputValue.boolean(task.crf.constrained)
      let beta = task.head.layers == .mixture ? [("beta", task.head.beta.resolved)] : []
      return (
        task.name, task.resolved.without(["head", "decoder"]).adding([("constrained", constrained)] + beta)
      )
    }
    var entries: [(String, OutputValue)] = [
      ("weft", .integer(version)),
      ("seed", .seed(seed)),
      ("data", .named(corpora)),
      ("tasks", .named(tasks)),
      ("words", words),
      ("char-min-count", .integer(network.chars?.minCount ?? 0)),
      ("features", .list(network.features.map { $0.resolved.without(["dim"]) })),
      ("dropout", network.dropout.resolved),
      ("noise", .number(network.noise)),
      (
        "train",
        train.resolved.without([
          "epochs", "patience", "save-every", "score-training", "initialize", "threads", "precision",
        ])
      ),
    ]
    // Named only where it is not what it always was, so that older runs can be resumed.
    if train.precision != .fp32 { entries.append(("precision", .text(train.precision.rawValue))) }
    if let sharing = sharing.recipe { entries.append(("sharing", sharing)) }
    return OutputValue.mapping(entries).json
  }

  /// SHA-256 of `recipeJSON`, in hexadecimal. Resuming a run needs it to match.
  public var recipeHash: String { SHA256.hex(recipeJSON) }
}

extension OutputValue {
  func without(_ keys: Set<String>) -> OutputValue {
    guard case .mapping(let entries) = self else { return self }
    return .mapping(entries.filter { !keys.contains($0.key) })
  }

  fileprivate func adding(_ more: [(String, OutputValue)]) -> OutputValue {
    guard case .mapping(let entries) = self else { return self }
    return .mapping(entries + more)
  }
}
