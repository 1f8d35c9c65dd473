extension SpecLanguage {
  /// The reference part of `docs/spec.md`: a table for each section of the language, and the words of its
  /// keys.
  public static func markdownReference() -> String {
    var text = ""
    var explained: Set<[Choice]> = []
    for (path, section) in sections {
      text += "### " + (path.isEmpty ? "Top level" : "`\(path)`") + "\n\n\(section.doc)"
      text += section.isUnion && section.keys.count > 1 ? " Exactly one of these keys is given.\n\n" : "\n\n"
      text += "| key | value | default | meaning |\n|---|---|---|---|\n"
      for key in section.keys {
        text += "| `\(key.name)` | \(markdown(key.type)) | \(markdown(key.presence)) | \(key.fullDoc) |\n"
      }
      text += "\n"
      for key in section.keys {
        let choices = key.type.choices
        // Words that stand in several places are explained at the first.
        guard choices.count > 1, explained.insert(choices).inserted else { continue }
        text += "`\(key.name)`:\n" + choices.map { "- `\($0.word)`: \($0.doc)\n" }.joined() + "\n"
      }
    }
    return String(text.dropLast())
  }

  private static func markdown(_ type: LanguageType) -> String {
    switch type {
    case .boolean: "`true`, `false`"
    case .integer, .number: type.phrase
    case .name: "a name"
    case .path: "a path"
    case .text(let what): what
    case .choice(let choices): choices.map { "`\($0.word)`" }.joined(separator: ", ")
    case .list(_, let what): "a list of \(what)"
    case .oneOrMore(let type, let what): "\(markdown(type)), or a list of \(what)"
    case .section: "a mapping, see below"
    case .dictionary(let type, let what):
      if case .section = type {
        "a mapping from names to \(what) mappings, see below"
      } else {
        "a mapping from names to \(markdown(type))"
      }
    case .either(let types): types.map(markdown).joined(separator: "; ")
    }
  }

  private static func markdown(_ presence: Key.Presence) -> String {
    switch presence {
    case .required: "**required**"
    case .value(let text): "`\(text)`"
    case .described(let text): text
    }
  }
}

extension LanguageType {
  /// All words that may stand here.
  var choices: [Choice] {
    alternatives.flatMap { if case .choice(let choices) = $0 { choices } else { [Choice]() } }
  }
}
