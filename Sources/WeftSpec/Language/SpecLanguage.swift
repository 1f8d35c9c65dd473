/// The language of specs, described once: checks, JSON Schema and reference documentation all follow from it.
///
/// Defaults are read off the value types, so that they cannot differ from what a missing key does.
public enum SpecLanguage {
  /// The version that `weft:` must name.
  public static let version = 1

  /// The whole spec.
  public static let root = Section(
    "spec", "The top level of a spec file.",
    keys: [
      Key("weft", .integer(version...version), .required, "Version of the language."),
      Key(
        "extends", .path, .described("nothing"),
        "A spec that this one builds on. Mappings merge, everything else replaces, an empty value (`null`) "
          + "takes an inherited key away. Paths stay relative to the folder of the file that says them."),
      Key(
        "name", .name, .described("the file's name without its extension"),
        "Names generated symbols, files and folders."),
      Key("seed", .integer(0...largestSeed), .value("\(blank.seed)"), "Seed of every random stream."),
      Key("data", .dictionary(.section(corpus), of: "corpus"), .required, "The corpora, each under a name."),
      Key(
        "tasks", .dictionary(.section(task), of: "task"), .required,
        "The tasks, each under a name. Their order is the order of columns and tables everywhere."),
      Key("network", .section(network), .value("{}"), "The base network."),
      Key(
        "sharing", .either([sharingKind, .section(sharing)]), .value(blankSharing.kind.rawValue),
        "How the tasks share the base network."),
      Key("train", .section(train), .value("{}"), "The recipe."),
      Key("limits", .section(limits), .value("{}"), "The longest input that generated code must accept."),
      Key(
        compareKey, .section(comparison), .described("nothing"),
        "Systems to compare: each is a variant of this spec."),
    ])

  /// Larger seeds do not survive JSON readers that hold numbers as doubles.
  static let largestSeed = (1 << 53) - 1

  static let blank = Spec(name: "blank", data: [], tasks: [])

  static let limits = Section(
    "limits", "The longest input that generated code must accept. What is longer is refused with a message.",
    keys: [
      Key(
        "tokens", .count(to: 10_000_000), .value("\(blank.limits.tokens)"), "Tokens in the longest sentence."),
      Key("scalars", .count(), .value("\(blank.limits.scalars)"), "Unicode scalars in the longest word."),
    ])

  /// What may stand at a key path; nil where the language knows no such place.
  static func type(at path: [String]) -> LanguageType? {
    var type = LanguageType.section(root)
    for key in path {
      var next: LanguageType?
      for alternative in type.alternatives {
        switch alternative {
        case .section(let section):
          let keys = section.keys + (section.takesSpecKeys ? specKeys : [])
          next = keys.first { $0.name == key }?.type
        case .dictionary(let inner, _): next = inner
        case .list(let inner, _), .oneOrMore(let inner, _): next = inner
        default: continue
        }
        if next != nil { break }
      }
      guard let next else { return nil }
      type = next
    }
    return type
  }

  /// Every section with the key paths at which it occurs, in the order of the language; dictionary entries
  /// appear as `<corpus>`, list elements as `<n>`.
  public static let sections: [(path: String, section: Section)] = {
    var found: [(String, Section)] = []
    func walk(_ type: LanguageType, at path: String) {
      switch type {
      case .section(let section):
        found.append((path, section))
        for key in section.keys { walk(key.type, at: KeyPathText.join(path, key.name)) }
      case .list(let type, _), .oneOrMore(let type, _): walk(type, at: path + ".<n>")
      case .dictionary(let type, let what): walk(type, at: path + ".<\(what)>")
      case .either(let types): for type in types { walk(type, at: path) }
      default: break
      }
    }
    walk(.section(root), at: "")
    return found
  }()
}
