extension SpecDecoder {
  func sharing(_ node: SpecNode?) -> SharingSpec {
    var sharing = SharingSpec()
    set(&sharing.kind, node?.word("kind").flatMap(SharingSpec.Kind.init))
    guard let node, node.isMapping else { return sharing }
    switch sharing.kind {
    case .soft:
      set(&sharing.embeddings, node["embeddings"]?.text.flatMap(SharingSpec.Embeddings.init))
      if let mix = node["mix"] { sharing.mix = self.mix(mix) }
      if let penalties = node["penalties"] { sharing.penalties = self.penalties(penalties) }
    case .single, .hard: masks(node, &sharing)
    case .sparse:
      set(&sharing.warmup, node["warmup"]?.integer)
      if let prune = node["prune"] { sharing.prune = self.prune(prune) }
      masks(node, &sharing)
    }
    return sharing
  }

  private func mix(_ node: SpecNode) -> MixSpec {
    var mix = MixSpec()
    set(&mix.subspaces, node["subspaces"]?.integer)
    set(&mix.learned, node["learned"]?.boolean)
    set(&mix.start, node["start"]?.text.flatMap(MixSpec.Start.init))
    mix.matrix = node["start"]?.elements?.map { ($0.elements ?? []).compactMap(\.number) }
    mix.entries = node["entries"]?.elements?.map { row in
      (row.elements ?? []).compactMap { entry in
        entry.number.map(MixEntry.constant) ?? entry.text.map(MixEntry.learned)
      }
    }
    return mix
  }

  private func penalties(_ node: SpecNode) -> PenaltySpec {
    var penalties = PenaltySpec()
    if let orthogonality = node["orthogonality"] {
      set(&penalties.orthogonality, orthogonality.number ?? orthogonality["weight"]?.number)
      // Options that nothing reads keep their defaults: two specs that mean the same are equal.
      if penalties.orthogonality > 0 { set(&penalties.orthogonalityEvery, orthogonality["every"]?.integer) }
    }
    set(&penalties.groupLasso, node["group-lasso"]?.number)
    return penalties
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
