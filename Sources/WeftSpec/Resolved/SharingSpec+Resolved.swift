extension SharingSpec {
  /// Whether training masks weights, be the masks given or found.
  public var usesMasks: Bool { kind == .sparse || masks != .found }

  var resolved: OutputValue {
    let kind: (String, OutputValue) = ("kind", .text(kind.rawValue))
    switch self.kind {
    case .soft:
      return .mapping(
        [kind, ("embeddings", .text(embeddings.rawValue)), ("mix", mix.resolved)]
          + (penalties == PenaltySpec() ? [] : [("penalties", penalties.resolved)]))
    case .sparse:
      return .mapping(
        [kind, ("warmup", .integer(warmup)), ("prune", prune.resolved), ("masks", masks.resolved)]
          + maskOptions)
    case .single, .hard:
      // Without masks the options of masks decide nothing but which parameters a report calls prunable.
      let isPlain = !usesMasks && prunable == Self.defaultPrunable && updates == SharingSpec().updates
      return .mapping([kind] + (isPlain ? [] : [("masks", masks.resolved)] + maskOptions))
    }
  }

  private var maskOptions: [(String, OutputValue)] {
    [("prunable", .texts(prunable)), ("updates", .text(updates.rawValue))]
  }

  /// What decides which parameters there are. Sparse sharing is hard sharing of which each task leaves some weights out.
  var architecture: OutputValue {
    let entries: [(String, OutputValue)] = [("kind", .text((kind == .sparse ? .hard : kind).rawValue))]
    guard kind == .soft else { return .mapping(entries) }
    // What a constant α keeps apart is not joined in the network.
    var mixing: [(String, OutputValue)] = [("subspaces", .integer(mix.subspaces))]
    if embeddings != .shared { mixing.append(("embeddings", .text(embeddings.rawValue))) }
    if !mix.learned { mixing.append(("constant", mix.resolvedStart)) }
    if let pattern = mix.resolvedEntries { mixing.append(("entries", pattern)) }
    return .mapping(entries + mixing)
  }

  /// What decides the bits of training; nil where it is all in the architecture.
  var recipe: OutputValue? {
    if kind == .soft {
      return .mapping(
        [("mix", mix.resolved)] + (penalties == PenaltySpec() ? [] : [("penalties", penalties.resolved)]))
    }
    guard usesMasks else { return nil }
    switch masks {
    case .found:
      return .mapping([("warmup", .integer(warmup)), ("prune", prune.resolved)] + maskOptions)
    // Files may move; with random ones the seed and the density say it all.
    case .folder, .files: return .mapping([("masks", .text("given"))] + maskOptions)
    case .randomLike: return .mapping([("masks", .text("random-like"))] + maskOptions)
    case .random: return .mapping([("masks", masks.resolved)] + maskOptions)
    }
  }
}

extension MixSpec {
  var resolved: OutputValue {
    .mapping(
      [("subspaces", .integer(subspaces)), ("learned", .boolean(learned)), ("start", resolvedStart)]
        + (resolvedEntries.map { [("entries", $0)] } ?? []))
  }

  var resolvedStart: OutputValue {
    matrix.map { .list($0.map { .list($0.map(OutputValue.number)) }) } ?? .text(start.rawValue)
  }

  var resolvedEntries: OutputValue? {
    entries.map { rows in
      .list(
        rows.map { row in
          .list(
            row.map { entry in
              switch entry {
              case .constant(let value): .number(value)
              case .learned(let name): .text(name)
              }
            })
        })
    }
  }
}

extension PenaltySpec {
  var resolved: OutputValue {
    var entries: [(String, OutputValue)] = []
    if orthogonality > 0 {
      entries.append(
        (
          "orthogonality",
          .mapping([("weight", .number(orthogonality)), ("every", .integer(orthogonalityEvery))])
        ))
    }
    if groupLasso > 0 { entries.append(("group-lasso", .number(groupLasso))) }
    return .mapping(entries)
  }
}

extension PruneSpec {
  var resolved: OutputValue {
    .mapping([
      ("final", .number(final)),
      rate.map { ("rate", .number($0)) } ?? ("rounds", .integer(rounds)),
      ("granularity", .text(granularity.rawValue)), ("scope", .text(scope.rawValue)),
      ("select", select.resolved), ("epochs", .integer(epochs)),
      ("patience", patience.map(OutputValue.integer) ?? .text("none")), ("decay", .number(decay)),
    ])
  }
}

extension PruneSpec.Selection {
  var resolved: OutputValue {
    switch self {
    case .best: .text("best")
    case .density(let density): .mapping([("density", .number(density))])
    case .round(let round): .mapping([("round", .integer(round))])
    }
  }
}

extension MaskSource {
  var resolved: OutputValue {
    switch self {
    case .found: .text("found")
    case .folder(let path): .text(path)
    case .files(let files):
      .mapping(files.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })
    case .random(let density): .mapping([("random", .number(density))])
    case .randomLike(let path): .mapping([("random-like", .text(path))])
    }
  }
}
