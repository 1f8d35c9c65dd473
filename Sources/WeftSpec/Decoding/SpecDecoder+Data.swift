extension SpecDecoder {
  func corpus(_ node: SpecNode, name: String) -> CorpusSpec {
    let format = node["format"]?.text.flatMap(CorpusSpec.Format.init) ?? SpecLanguage.blankCorpus.format
    var columns =
      node["columns"]?.entries?.compactMap { entry in
        columnSource(entry.value).map { ColumnSpec(name: entry.key, source: $0) }
      } ?? []
    if format == .conllu, node["columns"]?["word"] == nil {
      columns.insert(ColumnSpec(name: "word", source: .field("form")), at: 0)
    }
    var corpus = CorpusSpec(
      name: name, format: format, train: paths(node["train"]), dev: paths(node["dev"]),
      test: paths(node["test"]),
      columns: columns, unlabelled: node["unlabelled"]?.oneOrMore.compactMap(\.text) ?? [])
    if format == .conll, let separator = node["separator"]?.text.flatMap(CorpusSpec.Separator.init) {
      corpus.separator = separator
    }
    corpus.domains = node["domains"].flatMap(domains)
    corpus.trainOn = node["train-on"]?.oneOrMore.compactMap(\.text) ?? []
    corpus.limit = node["limit"]?.integer
    return corpus
  }

  private func domains(_ node: SpecNode) -> DomainSource? {
    if let path = node["file"]?.path { return .file(path) }
    guard let comment = node["comment"], let field = comment.word("field") else { return nil }
    return .comment(field: field, until: comment["until"]?.text)
  }

  private func randomLabels(_ node: SpecNode) -> RandomLabelsSpec? {
    var labels = RandomLabelsSpec()
    guard node.isMapping else {
      guard let share = node.number else { return nil }
      labels.share = share
      return labels
    }
    set(&labels.share, node["share"]?.number)
    set(&labels.seed, node["seed"]?.integer.flatMap { UInt64(exactly: $0) })
    return labels
  }

  /// `2`, `xpos` or `misc.Entity`.
  private func columnSource(_ node: SpecNode) -> ColumnSpec.Source? {
    if let index = node.integer { return .index(index) }
    guard let text = node.text else { return nil }
    guard let dot = text.firstIndex(of: ".") else { return .field(text) }
    return .key(field: String(text[..<dot]), key: String(text[text.index(after: dot)...]))
  }

  private func paths(_ node: SpecNode?) -> [String] { node?.oneOrMore.compactMap(\.path) ?? [] }

  func task(_ node: SpecNode, name: String, corpora: [CorpusSpec]) -> TaskSpec {
    var task = TaskSpec(
      name: name, data: node["data"]?.text ?? (corpora.count == 1 ? corpora[0].name : ""),
      labels: node["synthetic"]?.text.flatMap(SyntheticLabels.init).map(LabelSource.synthetic)
        ?? .column(node["column"]?.text ?? name))
    let scheme = node["scheme"]
    task.dataScheme = scheme?.word("data").flatMap(TagScheme.init) ?? .none
    task.modelScheme =
      scheme?["model"]?.text.flatMap(TagScheme.init) ?? (task.dataScheme == .iob1 ? .bio : task.dataScheme)
    task.decoder = node["decoder"]?.word("kind").flatMap(TaskSpec.Decoder.init) ?? task.decoder
    if task.decoder == .crf {
      set(&task.crf.startEnd, node["decoder"]?["start-end"]?.boolean)
      set(&task.crf.constrained, node["decoder"]?["constrained"]?.boolean)
    }
    task.metric =
      node["metric"]?.text.flatMap(Metric.init) ?? (task.dataScheme == .none ? .accuracy : .spanF1)
    set(&task.labelSmoothing, node["label-smoothing"]?.number)
    set(&task.weight, node["weight"]?.number)
    task.randomLabels = node["random-labels"].flatMap(randomLabels)
    if let head = node["head"], head.isMapping {
      task.head.layer = head["layer"]?.integer
      set(&task.head.layers, head["layers"]?.text.flatMap(LayersRead.init))
      if task.head.layers == .mixture {
        set(&task.head.beta.learned, head["beta"]?["learned"]?.boolean)
        set(&task.head.beta.start, head["beta"]?["start"]?.text.flatMap(BetaSpec.Start.init))
        task.head.beta.values = head["beta"]?["start"]?.elements.map { $0.compactMap(\.number) }
      }
      task.head.hidden = head["hidden"]?.oneOrMore.compactMap(\.integer) ?? []
      if !task.head.hidden.isEmpty {
        set(&task.head.activation, head["activation"]?.text.flatMap(Activation.init))
      }
    }
    return task
  }
}
