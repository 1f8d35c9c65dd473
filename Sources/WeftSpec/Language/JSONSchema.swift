extension SpecLanguage {
  /// The language as a JSON Schema (draft 2020-12), by which editors complete and check specs.
  ///
  /// It covers the form of a spec. References between parts, and combinations that cannot work, are for `weft
  /// check`.
  public static func jsonSchema() -> String {
    var definitions: [(String, OutputValue)] = []
    for (_, section) in sections
    where section.name != root.name && !definitions.contains(where: { $0.0 == section.name }) {
      definitions.append((section.name, .mapping(properties(of: section))))
    }
    let schema: [(String, OutputValue)] =
      [
        ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
        ("title", .text("Weft spec, version \(version)")),
      ] + properties(of: root) + [
        ("required", .texts(["weft"])),
        // A spec that builds on another need not be whole by itself.
        ("if", .mapping([("not", .mapping([("required", .texts(["extends"]))]))])),
        ("then", .mapping(requirements(of: root))),
        ("$defs", .mapping(definitions)),
      ]
    return OutputValue.mapping(schema).prettyJSON() + "\n"
  }

  private static func properties(of section: Section) -> [(String, OutputValue)] {
    let keys = section.keys + (section.takesSpecKeys ? specKeys : [])
    var schema: [(String, OutputValue)] = [
      ("description", .text(section.doc)),
      ("type", .text("object")),
      ("properties", .mapping(keys.map { ($0.name, .mapping(property($0))) })),
      ("additionalProperties", .boolean(false)),
    ]
    if section.isUnion { schema += [("minProperties", .integer(1)), ("maxProperties", .integer(1))] }
    return schema
  }

  private static func property(_ key: Key) -> [(String, OutputValue)] {
    let fallback: String? =
      switch key.presence {
      case .required: nil
      case .value(let text): "`\(text)`"
      case .described(let text): text
      }
    return [("description", .text(key.fullDoc + (fallback.map { " Default: \($0)." } ?? "")))]
      + schema(key.type)
  }

  /// What must be there when nothing is inherited: required keys, and those of the entries of dictionaries.
  private static func requirements(of section: Section) -> [(String, OutputValue)] {
    // A CoNLL-U corpus knows where its words are without `columns`.
    let required = section.keys.filter { $0.presence == .required && $0.name != "columns" }
    guard !required.isEmpty else { return [] }
    var nested: [(String, OutputValue)] = []
    for key in section.keys {
      guard case .dictionary(.section(let inner), _) = key.type else { continue }
      let requirements = requirements(of: inner)
      guard !requirements.isEmpty else { continue }
      nested.append((key.name, .mapping([("additionalProperties", .mapping(requirements))])))
    }
    return [("required", .texts(required.map(\.name)))]
      + (nested.isEmpty ? [] : [("properties", .mapping(nested))])
  }

  private static let namePattern = "^[A-Za-z][A-Za-z0-9_-]*$"

  private static func schema(_ type: LanguageType) -> [(String, OutputValue)] {
    switch type {
    case .boolean: return [("type", .text("boolean"))]
    case .integer(let range, let odd):
      return [
        ("type", .text("integer")), ("minimum", .integer(range.lowerBound)),
        ("maximum", .integer(range.upperBound)),
      ] + (odd ? [("not", .mapping([("multipleOf", .integer(2))]))] : [])
    case .number(let bounds):
      let lower: [(String, OutputValue)] =
        bounds.lower == -.infinity
        ? [] : [(bounds.includesLower ? "minimum" : "exclusiveMinimum", .number(bounds.lower))]
      return [("type", .text("number"))] + lower
        + (bounds.upper.map { [(bounds.includesUpper ? "maximum" : "exclusiveMaximum", .number($0))] } ?? [])
    case .name: return [("type", .text("string")), ("pattern", .text(namePattern))]
    case .path: return [("type", .text("string")), ("minLength", .integer(1))]
    case .text: return [("type", .texts(["string", "number"]))]
    case .choice(let choices):
      return [
        (
          "oneOf",
          .list(choices.map { .mapping([("const", .text($0.word)), ("description", .text($0.doc))]) })
        )
      ]
    case .list(let type, _): return [("type", .text("array")), ("items", .mapping(schema(type)))]
    case .oneOrMore(let type, _):
      return [
        (
          "anyOf",
          .list([
            .mapping(schema(type)), .mapping([("type", .text("array")), ("items", .mapping(schema(type)))]),
          ])
        )
      ]
    case .section(let section): return [("$ref", .text("#/$defs/\(section.name)"))]
    case .dictionary(let type, _):
      return [
        ("type", .text("object")), ("minProperties", .integer(1)),
        ("propertyNames", .mapping([("pattern", .text(namePattern))])),
        ("additionalProperties", .mapping(schema(type))),
      ]
    case .either(let types): return [("anyOf", .list(types.map { .mapping(schema($0)) }))]
    }
  }
}
