extension SpecRules {
  mutating func checkData() {
    var used = Set(spec.tasks.map(\.data))
    if !isSound("tasks") { used = Set(spec.data.map(\.name)) }
    for corpus in spec.data {
      let path = "data.\(corpus.name)"
      checkColumns(of: corpus, at: "\(path).columns")
      if isSound("\(path).format"), corpus.format != .conll {
        warnUnused(["separator"], in: path, because: "with 'format: \(corpus.format.rawValue)'")
      }
      checkDomains(of: corpus, at: path)
      if !used.contains(corpus.name) { warning("no task reads the corpus '\(corpus.name)'", at: path) }
    }
  }

  private mutating func checkDomains(of corpus: CorpusSpec, at path: String) {
    guard isSound("\(path).domains", "\(path).train-on", "\(path).format") else { return }
    guard let domains = corpus.domains else {
      guard !corpus.trainOn.isEmpty else { return }
      errorAtKey(
        "the corpus '\(corpus.name)' is not split in domains", at: "\(path).train-on",
        suggestion: "add domains: {file: …} or domains: {comment: …}")
      return
    }
    if case .comment = domains, corpus.format == .tsv {
      errorAtKey(
        "a 'tsv' corpus has no comments", at: "\(path).domains.comment",
        suggestion: "use domains: {file: …}, or another format")
    }
    if isWritten("\(path).domains.comment.until"), case .comment(_, .some("")) = domains {
      error("'until' is empty", at: "\(path).domains.comment.until", suggestion: "e.g. until: '-'")
    }
    for (index, domain) in corpus.trainOn.enumerated() where corpus.trainOn[..<index].contains(domain) {
      error(
        "the domain '\(domain)' is named twice", at: "\(path).train-on.\(index)", suggestion: "remove it")
    }
  }

  private mutating func checkColumns(of corpus: CorpusSpec, at path: String) {
    guard isSound("data.\(corpus.name).format") else { return }
    for column in corpus.columns where isSound("\(path).\(column.name)") {
      let columnPath = "\(path).\(column.name)"
      switch (corpus.format, column.source) {
      case (.conll, .index), (.tsv, .index): break
      case (.conll, _), (.tsv, _):
        error("a column of a '\(corpus.format.rawValue)' corpus is a number, counted from 0", at: columnPath)
      case (.conllu, .index(let index)):
        let field =
          (1...SpecLanguage.conlluFields.count).contains(index) ? SpecLanguage.conlluFields[index - 1] : nil
        error(
          "a column of a 'conllu' corpus is the name of a field", at: columnPath,
          suggestion: field.map { "column \(index) is '\($0)'" }
            ?? "one of \(SpecLanguage.conlluFields.list(last: "or")), or a key such as misc.Entity")
      case (.conllu, .field(let field)):
        guard !SpecLanguage.conlluFields.contains(field) else { break }
        error(
          "CoNLL-U has no field '\(field)'", at: columnPath,
          suggestion: Spelling.suggestion(for: field, among: SpecLanguage.conlluFields)
            ?? "one of \(SpecLanguage.conlluFields.list(last: "or")), or a key such as misc.Entity")
      case (.conllu, .key(let field, let key)):
        guard !SpecLanguage.conlluKeyedFields.contains(field) || key.isEmpty else { break }
        error(
          "'\(field).\(key)' names no key of FEATS or MISC", at: columnPath,
          suggestion: "write feats.Number or misc.Entity")
      }
    }
    guard isSound(path, "\(path).word"), !corpus.columns.contains(where: { $0.name == "word" }) else {
      return
    }
    errorAtKey(
      "no column of the corpus '\(corpus.name)' is called 'word'", at: path,
      suggestion: "say where the words are: word: 0")
  }

  mutating func check(_ task: TaskSpec) {
    let path = "tasks.\(task.name)"
    if task.name == "heads" {
      // Parameters of heads are called `heads.<task>`, those of a task's own network `<task>.…`.
      errorAtKey(
        "a task cannot be called 'heads': the names of its parameters would be those of others", at: path)
    }
    checkSource(of: task, at: path)
    checkScheme(of: task, at: path)
    checkDecoder(of: task, at: path)
    checkHead(of: task, at: path)
    if task.randomLabels != nil, task.dataScheme != .none, isSound("\(path).random-labels", "\(path).scheme")
    {
      errorAtKey(
        "labels drawn by chance are no spans", at: "\(path).random-labels",
        suggestion: "remove 'scheme' to learn the tags as they are, or remove 'random-labels'")
    }
  }

  private mutating func checkSource(of task: TaskSpec, at path: String) {
    guard isSound("data", "\(path).data") || !spec.data.isEmpty && isSound("\(path).data") else { return }
    guard !task.data.isEmpty else {
      if spec.data.count > 1 {
        errorAtKey(
          "the task '\(task.name)' does not say which corpus it reads", at: path,
          suggestion: "add data: \(spec.data.map(\.name).list(last: "or"))")
      }
      return
    }
    guard let corpus = spec.corpus(named: task.data) else {
      let names = tree["data"]?.entries?.map(\.key) ?? []
      error(
        "there is no corpus '\(task.data)'", at: "\(path).data",
        suggestion: Spelling.suggestion(for: task.data, among: names)
          ?? (names.isEmpty ? nil : "the corpora are \(names.list(last: "and"))"))
      return
    }
    guard
      isSound(
        "\(path).column", "\(path).synthetic", "data.\(corpus.name).columns", "data.\(corpus.name).format")
    else { return }
    guard case .column(let column) = task.labels else {
      if isWritten("\(path).column") {
        errorAtKey(
          "the labels of a synthetic task are no column", at: "\(path).column",
          suggestion: "remove 'column' or 'synthetic'")
      }
      return
    }
    guard !corpus.columns.contains(where: { $0.name == column }) else { return }
    let columns = corpus.columns.map(\.name)
    let message = "the corpus '\(corpus.name)' has no column '\(column)'"
    let suggestion =
      Spelling.suggestion(for: column, among: columns)
      ?? "its columns are \(columns.list(last: "and"))"
    if isWritten("\(path).column") {
      error(message, at: "\(path).column", suggestion: suggestion)
    } else {
      errorAtKey(
        message, at: path,
        suggestion: "\(suggestion); without 'column' a task reads the column of its own name")
    }
  }

  private mutating func checkScheme(of task: TaskSpec, at path: String) {
    guard isSound("\(path).scheme", "\(path).synthetic") else { return }
    if case .synthetic(let labels) = task.labels, (task.dataScheme, task.modelScheme) != (.none, .none) {
      errorAtKey(
        "'\(labels.rawValue)' labels are no spans", at: "\(path).scheme", suggestion: "remove 'scheme'")
      return
    }
    switch (task.dataScheme, task.modelScheme) {
    case (.none, .none): break
    case (.none, let model):
      error(
        "labels without a scheme cannot be turned into '\(model.rawValue)'", at: "\(path).scheme.model",
        suggestion: "give the scheme of the data too: scheme: {data: bio, model: \(model.rawValue)}")
    case (let data, .none):
      error(
        "a model without a scheme cannot predict the spans of '\(data.rawValue)' data",
        at: "\(path).scheme.model",
        suggestion: "leave out 'scheme' to learn the tags as they are")
    default: break
    }
    guard isSound("\(path).metric"), task.metric == .spanF1, task.dataScheme == .none else { return }
    error(
      "'span-f1' counts spans, and the task '\(task.name)' has no scheme", at: "\(path).metric",
      suggestion: "add the scheme of the data, e.g. scheme: bio, or use metric: accuracy")
  }

  private mutating func checkDecoder(of task: TaskSpec, at path: String) {
    let decoder = "\(path).decoder"
    guard isSound(decoder) else { return }
    switch task.decoder {
    case .softmax:
      for option in ["start-end", "constrained"] where isWritten("\(decoder).\(option)") {
        errorAtKey(
          "'\(option)' is an option of a CRF, and this decoder is softmax", at: "\(decoder).\(option)",
          suggestion: "add kind: crf, or remove '\(option)'")
      }
    case .crf:
      if task.crf.constrained, task.modelScheme == .none, isSound("\(path).scheme") {
        error(
          "without a scheme no transition is forbidden", at: "\(decoder).constrained",
          suggestion: "add the scheme of the data, e.g. scheme: bio, or remove 'constrained'")
      }
      if task.labelSmoothing > 0, isSound("\(path).label-smoothing") {
        errorAtKey(
          "label smoothing belongs to a softmax loss, and this decoder is a CRF",
          at: "\(path).label-smoothing",
          suggestion: "remove 'label-smoothing', or use decoder: softmax")
      }
    }
  }

  /// Layers are added only where they have as many units; a head on the token features has none to join.
  private mutating func checkLayersRead(by task: TaskSpec, at path: String) {
    let encoder = spec.network.encoder
    guard task.head.layers != .top, isSound("network.encoder") else { return }
    if encoder.isEmpty {
      warning("'layers' has no effect without encoder layers", at: path)
      return
    }
    let read = encoder.prefix((task.head.layer ?? encoder.count - 1) + 1)
    if let values = task.head.beta.values, values.count != read.count,
      (task.head.layer ?? 0) < encoder.count
    {
      error(
        "β over \(values.count == 1 ? "one layer" : "\(values.count) layers"), but the head of '\(task.name)' reads"
          + " \(read.count == 1 ? "one" : "\(read.count)")",
        at: "tasks.\(task.name).head.beta.start",
        suggestion: "a weight for each of the layers 0 to \(read.count - 1)")
    }
    guard task.head.layers != .concatenation, let first = read.first,
      let other = read.firstIndex(where: { $0.hidden != first.hidden })
    else { return }
    error(
      "layers of different sizes cannot be added: layer 0 has \(first.hidden) units a direction, layer \(other) has"
        + " \(encoder[other].hidden)", at: path, suggestion: "use layers: concatenation")
  }

  private mutating func checkHead(of task: TaskSpec, at path: String) {
    guard isSound("\(path).head") else { return }
    if task.head.hidden.isEmpty {
      warnUnused(["activation"], in: "\(path).head", because: "without hidden layers")
    }
    if task.head.layers != .mixture {
      warnUnused(["beta"], in: "\(path).head", because: "without 'layers: mixture'")
    }
    checkLayersRead(by: task, at: "\(path).head.layers")
    guard let layer = task.head.layer, isSound("network.encoder"), layer >= spec.network.encoder.count else {
      return
    }
    let count = spec.network.encoder.count
    error(
      "there is no layer \(layer): the encoder has \(count == 1 ? "one layer" : "\(count) layers")",
      at: "\(path).head.layer",
      suggestion: count == 0
        ? "leave 'layer' out to read the token features"
        : count == 1 ? "layers count from 0: the only one is 0" : "layers count from 0: 0 to \(count - 1)")
  }
}
