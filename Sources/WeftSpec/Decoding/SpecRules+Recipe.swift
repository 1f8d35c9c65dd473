extension SpecRules {
  mutating func checkNetwork() {
    let network = spec.network
    if let words = network.words { check(words) }
    if let chars = network.chars, isSound("network.chars") {
      switch chars.kind {
      case .cnn: warnUnused(["hidden"], in: "network.chars", because: "with 'kind: cnn'")
      case .bilstm:
        warnUnused(["filters", "width", "relu"], in: "network.chars", because: "with 'kind: bilstm'")
      }
    }
    checkFeatures()
    if isSound("network.words", "network.chars", "network.features"), network.words == nil,
      network.chars == nil,
      network.features.isEmpty
    {
      error("the network reads nothing: it has no words, no chars and no features", at: "network.words")
    }
    if isSound("network.encoder", "network.dropout"), network.dropout.layers > 0, network.encoder.count < 2 {
      warning("dropout between layers has no effect with fewer than two layers", at: "network.dropout.layers")
    }
  }

  private mutating func check(_ words: WordSpec) {
    let path = "network.words"
    if words.vocabulary == .trainAndVectors, words.vectors == nil,
      isSound("\(path).vectors", "\(path).vocabulary")
    {
      error(
        "the vocabulary takes in the words of 'vectors', and there are no vectors", at: "\(path).vocabulary",
        suggestion: "add vectors: FILE, or use vocabulary: train")
    }
    if words.frozen, words.vectors == nil, isSound("\(path).vectors", "\(path).frozen") {
      warning(
        "random vectors stay random with 'frozen'", at: "\(path).frozen", suggestion: "add vectors: FILE")
    }
  }

  private mutating func checkFeatures() {
    var names: [String: Int] = [:]
    for (index, node) in (tree["network"]?["features"]?.elements ?? []).enumerated() {
      let path = "network.features.\(index)"
      guard node.isMapping, isSound(path) else { continue }
      switch (node["column"], node["shape"]) {
      case (nil, nil):
        error(
          "a feature needs a 'column' or a 'shape'", at: path,
          suggestion: "e.g. {column: xpos, dim: 20} or {shape: capitalization, dim: 5}")
        continue
      case (_?, _?):
        errorAtKey("a feature is either of a 'column' or a 'shape', not both", at: "\(path).shape")
        continue
      default: break
      }
      if let column = node["column"]?.text, isSound("data"),
        !spec.data.contains(where: { $0.columns.contains { $0.name == column } })
      {
        let columns = spec.data.flatMap(\.columns).map(\.name)
        error(
          "no corpus has a column '\(column)'", at: "\(path).column",
          suggestion: Spelling.suggestion(for: column, among: columns))
      }
      let name = node["name"]?.text ?? node["column"]?.text ?? node["shape"]?.text ?? ""
      // Generated symbols write '-' as '_'.
      let symbol = name.replacing("-", with: "_")
      if let earlier = names[symbol] {
        error(
          "two features are called '\(name)' (numbers \(earlier) and \(index))", at: path,
          suggestion: "give one of them another 'name'")
      }
      names[symbol] = index
    }
  }

  mutating func checkTrain() {
    let train = spec.train
    if let main = train.mainTask, isSound("train.main-task", "tasks"),
      !spec.tasks.contains(where: { $0.name == main })
    {
      let names = spec.tasks.map(\.name)
      error(
        "there is no task '\(main)'", at: "train.main-task",
        suggestion: Spelling.suggestion(for: main, among: names) ?? "the tasks are \(names.list(last: "and"))"
      )
    }
    checkOptimizer()
    checkSchedule()
    checkDev()
    if train.step == .allTasks, isSound("train.step") {
      warnUnused(["sampling"], in: "train", because: "with 'step: all-tasks'")
    }
  }

  /// What is decided by dev scores needs some.
  private mutating func checkDev() {
    guard isSound("data", "tasks") else { return }
    let scored = spec.tasks.filter { spec.corpus(named: $0.data)?.dev.isEmpty == false }.map(\.name)
    if let main = spec.train.mainTask, isSound("train.main-task"), !scored.contains(main),
      let task = spec.tasks.first(where: { $0.name == main })
    {
      error(
        "the dev score of '\(main)' decides, and its corpus '\(task.data)' has no 'dev' files",
        at: "train.main-task", suggestion: "add dev: FILE to the corpus")
    }
    guard scored.isEmpty, !spec.tasks.isEmpty else { return }
    if spec.train.schedule.kind == .plateau, isSound("train.schedule") {
      error(
        "'plateau' follows the dev score, and no task has 'dev' files", at: "train.schedule",
        suggestion: "add dev: FILE to a corpus, or use another schedule")
    } else {
      warning(
        "no task has 'dev' files: there is no score by which to choose the best epoch", at: "data",
        suggestion: "add dev: FILE to a corpus")
    }
  }

  private mutating func checkOptimizer() {
    guard isSound("train.optimizer") else { return }
    let optimizer = spec.train.optimizer
    for option in ["momentum", "nesterov", "weight-decay"]
    where isWritten("train.\(option)") && isWritten("train.optimizer.\(option)") {
      errorAtKey(
        "'\(option)' is given here and in 'optimizer'", at: "train.\(option)",
        suggestion: "remove one of them")
    }
    switch optimizer.kind {
    case .sgd:
      warnUnused(["beta1", "beta2", "epsilon", "lazy"], in: "train.optimizer", because: "with 'kind: sgd'")
      if optimizer.nesterov, optimizer.momentum == 0, isSound("train.momentum", "train.nesterov") {
        let path = isWritten("train.nesterov") ? "train.nesterov" : "train.optimizer.nesterov"
        errorAtKey("Nesterov's momentum needs a momentum above 0", at: path)
      }
    case .adam, .adamw:
      for place in ["train", "train.optimizer"] {
        warnUnused(
          ["momentum", "nesterov"], in: place, because: "with 'optimizer: \(optimizer.kind.rawValue)'")
      }
    }
  }

  private mutating func checkSchedule() {
    guard isSound("train.schedule", "train.decay") else { return }
    let schedule = spec.train.schedule
    let path = "train.schedule"
    if isWritten("train.decay") {
      let given = tree["train"]?["schedule"]
      if given?.word("kind") != nil || isWritten("\(path).decay") {
        errorAtKey(
          "'decay' is short for 'schedule: {kind: inverse-time, decay: …}', and 'schedule' is given too",
          at: "train.decay", suggestion: "remove one of them")
        return
      }
    }
    let used: [String] =
      switch schedule.kind {
      case .constant: ["warmup"]
      case .inverseTime: ["decay", "warmup"]
      case .step, .plateau: ["factor", "every", "warmup"]
      case .cosine: ["floor", "warmup"]
      }
    let options = SpecLanguage.schedule.keys.map(\.name).filter { $0 != "kind" && !used.contains($0) }
    warnUnused(options, in: path, because: "with 'kind: \(schedule.kind.rawValue)'")
    if schedule.kind == .cosine, schedule.floor >= spec.train.rate, isSound("train.rate") {
      errorAtKey(
        "the cosine falls from the rate, \(NumberText.text(spec.train.rate)), to a floor that is not below it",
        at: "\(path).floor")
    }
    if schedule.kind == .step || schedule.kind == .plateau, schedule.factor >= 1 {
      errorAtKey("the rate is multiplied by 'factor', which must be below 1", at: "\(path).factor")
    }
  }
}
