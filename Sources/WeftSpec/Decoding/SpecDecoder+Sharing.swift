extension SpecDecoder {
  func sharing(_ node: SpecNode?) -> SharingSpec {
    var sharing = SharingSpec()
    set(&sharing.kind, node?.word("kind").flatMap(SharingSpec.Kind.init))
    guard let node, node.isMapping else { return sharing }
    switch sharing.kind {
    case .soft:
      set(&sharing.mix.subspaces, node["mix"]?["subspaces"]?.integer)
      set(&sharing.mix.learned, node["mix"]?["learned"]?.boolean)
      set(&sharing.mix.start, node["mix"]?["start"]?.text.flatMap(MixSpec.Start.init))
    case .single, .hard: masks(node, &sharing)
    case .sparse:
      set(&sharing.warmup, node["warmup"]?.integer)
      if let prune = node["prune"] { sharing.prune = self.prune(prune) }
      masks(node, &sharing)
    }
    return sharing
  }

  private func masks(_ node: SpecNode, _ sharing: inout SharingSpec) {
    set(&sharing.masks, node["masks"].flatMap(maskSource))
    if let prunable = node["prunable"] { sharing.prunable = prunable.oneOrMore.compactMap(\.text) }
    set(&sharing.updates, node["updates"]?.text.flatMap(MaskedUpdates.init))
  }

  private func maskSource(_ node: SpecNode) -> MaskSource? {
    guard let entries = node.entries else {
      return node.text == "found" ? .found : node.path.map(MaskSource.folder)
    }
    if let density = node["random"]?.number { return .random(density: density) }
    if let folder = node["random-like"]?.path { return .randomLike(folder) }
    let files = entries.compactMap { entry in entry.value.path.map { (entry.key, $0) } }
    return .files(Dictionary(files, uniquingKeysWith: { first, _ in first }))
  }

  private func prune(_ node: SpecNode) -> PruneSpec {
    var prune = PruneSpec()
    set(&prune.final, node["final"]?.number)
    prune.rate = node["rate"]?.number
    // Options that nothing reads keep their defaults: two specs that mean the same are equal.
    if prune.rate == nil { set(&prune.rounds, node["rounds"]?.integer) }
    set(&prune.granularity, node["granularity"]?.text.flatMap(PruneSpec.Granularity.init))
    set(&prune.scope, node["scope"]?.text.flatMap(PruneSpec.Scope.init))
    if let density = node["select"]?["density"]?.number {
      prune.select = .density(density)
    } else if let round = node["select"]?["round"]?.integer {
      prune.select = .round(round)
    }
    set(&prune.epochs, node["epochs"]?.integer)
    if let patience = node["patience"] { prune.patience = patience.integer }
    set(&prune.decay, node["decay"]?.number)
    return prune
  }
}
