extension Spec {
  /// The spec with every default filled in, as YAML that loads to an equal spec.
  public func resolvedYAML() -> String { resolved.yaml }

  /// The spec with every default filled in, as canonical JSON: sorted keys, shortest numbers, no spaces.
  ///
  /// Its form is that of the YAML, but that `data`, `tasks` and `columns` are lists of objects with a `name`,
  /// since their order counts and the order of JSON objects does not; a column's place stands under `is`.
  public func resolvedJSON() -> String { resolved.json }

  /// Reads what `resolvedJSON()` wrote.
  ///
  /// - Parameter path: names the text in diagnostics.
  public init(resolvedJSON text: String, path: String = "spec.json") throws(SpecError) {
    let (node, problems) = YAMLReader.read(text, source: SourceText(path: path, text: text))
    guard let node, problems.isEmpty else {
      throw SpecError(
        diagnostics: problems.isEmpty
          ? [.error("there is no spec in it", at: SourceSpan(path: path))] : problems)
    }
    guard node["weft"]?.integer == SpecLanguage.version else {
      throw SpecError(
        diagnostics: [
          .error(
            "the text is no spec of version \(SpecLanguage.version) of the language",
            at: SourceSpan(path: path))
        ])
    }
    self = try SpecLoader.check(node.namesAsKeys(at: ""), path: path).spec
  }

  var resolved: OutputValue {
    .mapping([
      ("weft", .integer(version)),
      ("name", .text(name)),
      ("seed", .seed(seed)),
      ("data", .named(data.map { ($0.name, $0.resolved) })),
      ("tasks", .named(tasks.map { ($0.name, $0.resolved) })),
      ("network", network.resolved),
      ("sharing", sharing.resolved),
      ("train", train.resolved),
      ("limits", limits.resolved),
    ])
  }
}

extension SpecNode {
  /// Lists of named objects become mappings again.
  fileprivate func namesAsKeys(at path: String) -> SpecNode {
    var result = self
    switch content {
    case .mapping(let entries):
      result.content = .mapping(
        entries.map { entry in
          var entry = entry
          entry.value = entry.value.namesAsKeys(at: KeyPathText.join(path, entry.key))
          return entry
        })
    case .list(let elements) where ["data", "tasks", "data.*.columns"].contains(path):
      result.content = .mapping(
        elements.compactMap { element in
          guard let entries = element.entries, let name = entries.first(where: { $0.key == "name" }),
            let key = name.value.text
          else { return nil }
          if let value = element["is"] { return Entry(key: key, keySpan: name.keySpan, value: value) }
          var value = element
          value.content = .mapping(entries.filter { $0.key != "name" })
          return Entry(key: key, keySpan: name.keySpan, value: value.namesAsKeys(at: path + ".*"))
        })
    default: break
    }
    return result
  }
}

extension CorpusSpec {
  var resolved: OutputValue {
    var entries: [(String, OutputValue)] = [("format", .text(format.rawValue))]
    if format == .conll { entries.append(("separator", .text(separator.rawValue))) }
    entries += [
      ("train", .texts(train)), ("dev", .texts(dev)), ("test", .texts(test)),
      ("columns", .named(columns.map { ($0.name, $0.source.resolved) })), ("unlabelled", .texts(unlabelled)),
    ]
    // What is not there leaves no trace, so that specs without domains keep their hashes.
    if let domains { entries.append(("domains", domains.resolved)) }
    if !trainOn.isEmpty { entries.append(("train-on", .texts(trainOn))) }
    if let limit { entries.append(("limit", .integer(limit))) }
    return .mapping(entries)
  }
}

extension DomainSource {
  var resolved: OutputValue {
    switch self {
    case .file(let path): return .mapping([("file", .text(path))])
    case .comment(let field, let until):
      var entries: [(String, OutputValue)] = [("field", .text(field))]
      if let until { entries.append(("until", .text(until))) }
      return .mapping([("comment", .mapping(entries))])
    }
  }
}

extension ColumnSpec.Source {
  var resolved: OutputValue {
    switch self {
    case .index(let index): .integer(index)
    case .field(let field): .text(field)
    case .key(let field, let key): .text("\(field).\(key)")
    }
  }
}

extension LabelSource {
  var resolved: (String, OutputValue) {
    switch self {
    case .column(let name): ("column", .text(name))
    case .synthetic(let labels): ("synthetic", .text(labels.rawValue))
    }
  }
}

extension TaskSpec {
  var resolved: OutputValue {
    var entries = [
      ("data", .text(data)), labels.resolved, ("scheme", scheme), ("decoder", resolvedDecoder),
      ("metric", .text(metric.rawValue)), ("head", head.resolved),
      ("label-smoothing", .number(labelSmoothing)),
      ("weight", .number(weight)),
    ]
    if let randomLabels {
      entries.append(
        (
          "random-labels",
          .mapping([("share", .number(randomLabels.share)), ("seed", .seed(randomLabels.seed))])
        ))
    }
    return .mapping(entries)
  }

  var scheme: OutputValue {
    .mapping([("data", .text(dataScheme.rawValue)), ("model", .text(modelScheme.rawValue))])
  }

  var resolvedDecoder: OutputValue {
    switch decoder {
    case .softmax: .mapping([("kind", .text(decoder.rawValue))])
    case .crf:
      .mapping([
        ("kind", .text(decoder.rawValue)), ("start-end", .boolean(crf.startEnd)),
        ("constrained", .boolean(crf.constrained)),
      ])
    }
  }
}

extension HeadSpec {
  var resolved: OutputValue {
    var entries: [(String, OutputValue)] = []
    if let layer { entries.append(("layer", .integer(layer))) }
    if layers != .top { entries.append(("layers", .text(layers.rawValue))) }
    if layers == .mixture, beta != BetaSpec() { entries.append(("beta", beta.resolved)) }
    entries.append(("hidden", .list(hidden.map(OutputValue.integer))))
    if !hidden.isEmpty { entries.append(("activation", .text(activation.rawValue))) }
    return .mapping(entries)
  }
}

extension BetaSpec {
  var resolved: OutputValue {
    let start = values.map { OutputValue.list($0.map(OutputValue.number)) } ?? .text(start.rawValue)
    return .mapping([("learned", .boolean(learned)), ("start", start)])
  }
}

extension LimitsSpec {
  var resolved: OutputValue { .mapping([("tokens", .integer(tokens)), ("scalars", .integer(scalars))]) }
}
