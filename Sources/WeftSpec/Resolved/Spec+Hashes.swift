extension Spec {
  /// The part of the spec that shapes the network, as canonical JSON: what is read, sizes, layers, sharing, decoders.
  ///
  /// The *architecture* hash is taken over the network's parameters, whose shapes depend on vocabularies too; this
  /// text is the spec's share in it. Task names are in it since parameters are named after them.
  public var architectureJSON: String {
    var entries: [(String, ResolvedValue)] = []
    if let words = network.words { entries.append(("words", .mapping([("dim", .integer(words.dim))]))) }
    if let chars = network.chars { entries.append(("chars", chars.resolved.without(["min-count"]))) }
    entries += [
      (
        "features",
        .list(network.features.map { .mapping([("name", .text($0.name)), ("dim", .integer($0.dim))]) })
      ),
      ("encoder", .list(network.encoder.map(\.resolved))),
      ("sharing", sharing.resolved),
      (
        "tasks",
        .named(
          tasks.map { task in
            // A head that names the top layer is the head that leaves it out.
            var head = task.head
            head.layer = head.layer ?? (network.encoder.isEmpty ? nil : network.encoder.count - 1)
            return (task.name, .mapping([("head", head.resolved), ("decoder", task.resolvedDecoder)]))
          })
      ),
    ]
    return ResolvedValue.mapping(entries).json
  }

  /// The part of the spec that decides the bits of training besides architecture and data, as canonical JSON.
  ///
  /// In: the seed; how cells become labels and words become inputs; dropout, noise, loss weights, smoothing; optimiser,
  /// rate, schedule, clipping, batch, sampling, averaging, and by which score the best epoch is chosen.
  ///
  /// Out: paths (the data hash covers what was read); `name`; `limits`; `epochs` and `patience`, so that a finished
  /// run can be given more epochs; `save-every`; `threads`; `initialize`, which matters before the first step only.
  /// A cosine schedule spreads over all epochs: resumed with another number of them, it goes on along the new curve.
  public var recipeJSON: String {
    let corpora = data.map { corpus in
      (corpus.name, corpus.resolved.without(["train", "dev", "test"]))
    }
    var words = network.words?.resolved.without(["dim", "vectors", "vocabulary"]) ?? .text("none")
    if let spec = network.words, case .mapping(let entries) = words {
      let vocabulary: ResolvedValue =
        if case .file = spec.vocabulary { .text("file") } else { spec.vocabulary.resolved }
      words = .mapping(entries + [("vectors", .boolean(spec.vectors != nil)), ("vocabulary", vocabulary)])
    }
    return ResolvedValue.mapping([
      ("weft", .integer(version)),
      ("seed", .seed(seed)),
      ("data", .named(corpora)),
      ("tasks", .named(tasks.map { ($0.name, $0.resolved.without(["head", "decoder"])) })),
      ("words", words),
      ("char-min-count", .integer(network.chars?.minCount ?? 0)),
      ("features", .list(network.features.map { $0.resolved.without(["dim"]) })),
      ("dropout", network.dropout.resolved),
      ("noise", .number(network.noise)),
      ("train", train.resolved.without(["epochs", "patience", "save-every", "initialize", "threads"])),
    ]).json
  }

  /// SHA-256 of `recipeJSON`, in hexadecimal. Resuming a run needs it to match.
  public var recipeHash: String { SHA256.hex(recipeJSON) }
}

extension ResolvedValue {
  fileprivate func without(_ keys: Set<String>) -> ResolvedValue {
    guard case .mapping(let entries) = self else { return self }
    return .mapping(entries.filter { !keys.contains($0.key) })
  }
}
