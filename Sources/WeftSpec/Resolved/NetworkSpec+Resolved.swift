extension NetworkSpec {
  var resolved: OutputValue {
    .mapping([
      ("words", words?.resolved ?? .text("none")), ("chars", chars?.resolved ?? .text("none")),
      ("features", .list(features.map(\.resolved))), ("encoder", .list(encoder.map(\.resolved))),
      ("dropout", dropout.resolved), ("noise", .number(noise)),
    ])
  }
}

extension WordSpec {
  var resolved: OutputValue {
    var entries: [(String, OutputValue)] = [("dim", .integer(dim))]
    if let vectors { entries.append(("vectors", .text(vectors))) }
    entries += [
      ("vocabulary", vocabulary.resolved), ("min-count", .integer(minCount)),
      ("lowercase", .boolean(lowercase)),
      ("frozen", .boolean(frozen)), ("unk-dropout", .number(unkDropout)),
    ]
    return .mapping(entries)
  }
}

extension WordSpec.Vocabulary {
  var resolved: OutputValue {
    switch self {
    case .train: .text("train")
    case .trainAndVectors: .text("train+vectors")
    case .file(let path): .mapping([("file", .text(path))])
    }
  }
}

extension CharSpec {
  var resolved: OutputValue {
    var entries: [(String, OutputValue)] = [("kind", .text(kind.rawValue)), ("dim", .integer(dim))]
    switch kind {
    case .cnn:
      entries += [("filters", .integer(filters)), ("width", .integer(width)), ("relu", .boolean(relu))]
    case .bilstm: entries.append(("hidden", .integer(hidden)))
    }
    entries.append(("min-count", .integer(minCount)))
    return .mapping(entries)
  }
}

extension FeatureSpec {
  var resolved: OutputValue {
    let what: (String, OutputValue) =
      switch source {
      case .column(let column): ("column", .text(column))
      case .capitalization: ("shape", .text("capitalization"))
      case .digits: ("shape", .text("digits"))
      }
    return .mapping([("name", .text(name)), what, ("dim", .integer(dim))])
  }
}

extension LayerSpec {
  var resolved: OutputValue { .mapping([("kind", .text(kind.rawValue)), ("hidden", .integer(hidden))]) }
}

extension DropoutSpec {
  var resolved: OutputValue {
    .mapping([
      ("input", .number(input)), ("layers", .number(layers)), ("output", .number(output)),
      ("variational", .boolean(variational)),
    ])
  }
}
