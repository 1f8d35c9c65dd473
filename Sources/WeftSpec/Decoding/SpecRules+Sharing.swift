extension SpecRules {
  mutating func checkSharing() {
    guard isSound("sharing.kind") else { return }
    let sharing = spec.sharing
    if sharing.kind == .soft { checkSoft() }
    checkMasks()
    if sharing.kind == .sparse, sharing.masks == .found { checkPruning() }
    if sharing.usesMasks, spec.train.step == .allTasks, isSound("train.step", "sharing.masks") {
      error(
        "masks need 'step: one-task': a step over all tasks runs the network once, and each task has a subnet of "
          + "its own", at: "train.step",
        suggestion: sharing.masks == .found
          ? "use step: one-task, or sharing: hard" : "use step: one-task, or remove 'masks'")
    }
  }

  private mutating func checkSoft() {
    if spec.network.encoder.isEmpty, isSound("network.encoder") {
      error(
        "soft sharing mixes the outputs of encoder layers, and there are none", at: "sharing.kind",
        suggestion: "add layers to network.encoder, or use sharing: hard")
    }
    let subspaces = spec.sharing.mix.subspaces
    if isSound("sharing.mix", "network.encoder"),
      let layer = spec.network.encoder.firstIndex(where: { $0.hidden % subspaces != 0 })
    {
      error(
        "layer \(layer) has \(spec.network.encoder[layer].hidden) units a direction, which cannot be split in"
          + " \(subspaces) subspaces of equal size", at: "sharing.mix.subspaces",
        suggestion: "use a divisor of the hidden size")
    }
    if spec.tasks.count == 1, isSound("tasks") {
      warning("with one task there is nothing to mix", at: "sharing.kind")
    }
    checkMixture()
    checkPenalties()
  }

  /// α is over the subspaces of all tasks.
  private mutating func checkMixture() {
    let (mix, path) = (spec.sharing.mix, "sharing.mix")
    guard isSound(path, "tasks") else { return }
    if let matrix = mix.matrix { checkSize(of: matrix.map(\.count), at: "\(path).start") }
    guard let entries = mix.entries else { return }
    checkSize(of: entries.map(\.count), at: "\(path).entries")
    let isConstant = entries.joined().allSatisfy { if case .constant = $0 { true } else { false } }
    if isWritten("\(path).learned"), mix.learned == isConstant {
      errorAtKey(
        isConstant
          ? "'entries' names none that could be learned" : "'entries' names entries that are learned",
        at: "\(path).learned", suggestion: "remove 'learned'")
    }
    if isConstant, isWritten("\(path).start") {
      warning("'start' has no effect with 'entries' that are all constants", at: "\(path).start")
    }
  }

  private mutating func checkSize(of rows: [Int], at path: String) {
    let (tasks, subspaces) = (spec.tasks.count, spec.sharing.mix.subspaces)
    let size = tasks * subspaces
    let whose =
      "α over \(tasks == 1 ? "one task" : "\(tasks) tasks")"
      + (subspaces == 1 ? "" : " of \(subspaces) subspaces each")
    let order = spec.tasks.flatMap { task in
      (1...subspaces).map { subspaces == 1 ? task.name : "\(task.name) \($0)" }
    }
    let advice = "rows and columns are \(order.prefix(8).joined(separator: ", "))\(size > 8 ? " …" : "")"
    guard rows.count == size else {
      error(
        "\(whose) is a matrix of \(size) × \(size); this one has \(rows.count == 1 ? "one row" : "\(rows.count) rows")",
        at: path, suggestion: advice)
      return
    }
    guard let short = rows.firstIndex(where: { $0 != size }) else { return }
    error(
      "\(whose) is a matrix of \(size) × \(size); row \(short + 1) has \(rows[short] == 1 ? "one entry" : "\(rows[short]) entries")",
      at: "\(path).\(short)", suggestion: advice)
  }

  private mutating func checkPenalties() {
    let (penalties, path) = (spec.sharing.penalties, "sharing.penalties.orthogonality")
    guard penalties.orthogonality > 0, isSound("sharing.mix", path) else { return }
    if spec.sharing.mix.subspaces < 2 {
      error(
        "the orthogonality penalty is between subspaces, and layers have one", at: path,
        suggestion: "add mix: {subspaces: 2}, or remove the penalty")
    }
  }

  private mutating func checkMasks() {
    let sharing = spec.sharing
    if case .files(let files) = sharing.masks, isSound("sharing.masks", "tasks") {
      let names = spec.tasks.map(\.name)
      for name in files.keys.sorted() where !names.contains(name) {
        errorAtKey(
          "there is no task '\(name)'", at: "sharing.masks.\(name)",
          suggestion: Spelling.suggestion(for: name, among: names + SpecLanguage.randomMasks.keys.map(\.name))
            ?? "the tasks are \(names.list(last: "and"))")
      }
    }
    guard isSound("sharing.prunable") else { return }
    if sharing.prunable.isEmpty, sharing.usesMasks {
      error(
        "no parameter may be pruned, and masks are made over those that may", at: "sharing.prunable",
        suggestion: "leave 'prunable' out for \(SharingSpec.defaultPrunable.list(last: "and"))")
    }
    for (index, pattern) in sharing.prunable.enumerated() {
      let isList = tree["sharing"]?["prunable"]?.elements != nil
      checkPattern(pattern, at: isList ? "sharing.prunable.\(index)" : "sharing.prunable")
    }
  }

  /// A pattern that cannot name a weight of a recurrence or convolution, whatever the network is.
  private mutating func checkPattern(_ pattern: String, at path: String) {
    let isPlausible = pattern.utf8.allSatisfy { byte in
      StructureChecker.isNamePart(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "*")
    }
    guard isPlausible, !pattern.isEmpty else {
      error(
        "'\(pattern)' is no pattern of parameter names", at: path,
        suggestion: "a pattern is a name as 'weft check' shows it, in which '*' stands for any characters")
      return
    }
    let kind =
      pattern.contains("bias")
      ? "biases"
      : pattern.hasPrefix("heads.")
        ? "heads" : pattern.hasSuffix("words.weight") || pattern.contains("embedding") ? "embeddings" : nil
    if let kind { error("\(kind) are never pruned", at: path, suggestion: "remove '\(pattern)'") }
  }

  private mutating func checkPruning() {
    let prune = spec.sharing.prune
    let path = "sharing.prune"
    guard isSound(path) else { return }
    if isWritten("\(path).rate"), isWritten("\(path).rounds") {
      errorAtKey(
        "'rate' and 'rounds' both say how much a round removes", at: "\(path).rounds",
        suggestion: "remove one of them")
    }
    if prune.final == 1 {
      let message = "a final density of 1 leaves nothing to prune"
      if prune.rate == nil {
        warning(message, at: "\(path).final")
      } else {
        errorAtKey(
          "\(message), and so no candidate", at: "\(path).final", suggestion: "use a density below 1")
      }
    }
    if prune.rate == nil, case .round(let round) = prune.select, round > prune.rounds {
      error(
        "there is no round \(round): pruning ends after \(prune.rounds)", at: "\(path).select.round",
        suggestion: "a round from 1 to \(prune.rounds)")
    }
    checkSelection()
  }

  /// What is chosen by dev scores needs some for each task.
  private mutating func checkSelection() {
    guard spec.sharing.prune.select == .best, isSound("data", "tasks") else { return }
    let unscored = spec.tasks.filter { spec.corpus(named: $0.data)?.dev.isEmpty == true }
    guard let task = unscored.first else { return }
    error(
      "the dev score chooses the subnet of task '\(task.name)', and its corpus '\(task.data)' has no 'dev' files",
      at: "sharing.prune.select",
      suggestion: "add dev: FILE to the corpus, or choose without scores, e.g. select: {density: 0.5}")
  }
}
