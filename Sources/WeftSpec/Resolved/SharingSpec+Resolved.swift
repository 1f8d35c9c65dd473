extension SharingSpec {
  /// Whether training masks weights, be the masks given or found.
  public var usesMasks: Bool { kind == .sparse || masks != .found }

  var resolved: OutputValue {
    let kind: (String, OutputValue) = ("kind", .text(kind.rawValue))
    switch self.kind {
    case .soft: return .mapping([kind, ("mix", mix.resolved)])
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
    let constant: [(String, OutputValue)] = mix.learned ? [] : [("constant", .text(mix.start.rawValue))]
    return .mapping(entries + [("subspaces", .integer(mix.subspaces))] + constant)
  }

  /// What decides the bits of training; nil where it is all in the architecture.
  var recipe: OutputValue? {
    if kind == .soft { return .mapping([("mix", mix.resolved)]) }
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
    .mapping([
      ("subspaces", .integer(subspaces)), ("learned", .boolean(learned)), ("start", .text(start.rawValue)),
    ])
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
