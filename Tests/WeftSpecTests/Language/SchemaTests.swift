import Foundation
import Testing
import WeftSpec
import Yams

@Suite struct SchemaTests {
  static func schema() throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(SpecLanguage.jsonSchema().utf8)) as? [String: Any])
  }

  @Test func everyReferenceResolvesAndEveryDefinitionIsUsed() throws {
    let schema = try Self.schema()
    #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
    let text = SpecLanguage.jsonSchema()
    let references = Set(text.matches(of: /"#\/\$defs\/([a-z]+)"/).map { String($0.1) })
    let definitions = try #require(schema["$defs"] as? [String: Any])
    #expect(references == Set(definitions.keys))
  }

  @Test(arguments: ResolvedTests.samples) func goodSpecsAreValid(text: String) throws {
    let validator = SchemaValidator(schema: try Self.schema())
    #expect(validator.problems(of: try Yams.load(yaml: text) as Any) == [])
    let resolved = try SpecSamples.load(text).spec.resolvedYAML()
    #expect(validator.problems(of: try Yams.load(yaml: resolved) as Any) == [])
  }

  /// Problems of form are found by an editor too.
  @Test(arguments: [
    "misspelt-keys", "wrong-types", "out-of-range", "unknown-words", "missing-keys", "no-data", "bad-names",
    "sharing-ranges",
  ])
  func badSpecsAreNot(name: String) throws {
    let url = Goldens.folder.appendingPathComponent("Bad/\(name).yaml")
    let document = try Yams.load(yaml: String(contentsOf: url, encoding: .utf8)) as Any
    #expect(!SchemaValidator(schema: try Self.schema()).problems(of: document).isEmpty)
  }

  @Test func aVariantNeedNotBeWhole() throws {
    let validator = SchemaValidator(schema: try Self.schema())
    let document = try Yams.load(yaml: "weft: 1\nextends: base.yaml\ndata: {ewt: {dev: x}}\n") as Any
    #expect(validator.problems(of: document) == [])
  }
}

/// The keywords of JSON Schema that the schema uses; others are problems.
struct SchemaValidator {
  let schema: [String: Any]

  func problems(of value: Any) -> [String] { check(value, schema, at: "") }

  private func check(_ value: Any, _ schema: [String: Any], at path: String) -> [String] {
    var problems: [String] = []
    func fail(_ message: String) { problems.append("\(path): \(message)") }
    func nested(_ key: String) -> [String: Any] { schema[key] as? [String: Any] ?? [:] }
    func matching(_ key: String) -> Int {
      (schema[key] as? [[String: Any]] ?? []).count { check(value, $0, at: path).isEmpty }
    }
    let object = value as? [String: Any]
    for (keyword, rule) in schema {
      switch keyword {
      case "$schema", "title", "description", "$defs", "then": break
      case "$ref":
        let name = (rule as? String ?? "").replacing("#/$defs/", with: "")
        let definitions = self.schema["$defs"] as? [String: [String: Any]]
        guard let target = definitions?[name] else {
          fail("no \(name)")
          break
        }
        problems += check(value, target, at: path)
      case "type":
        let types = rule as? [String] ?? [rule as? String ?? ""]
        if !types.contains(where: { isType(value, $0) }) { fail("not \(types)") }
      case "properties":
        for (key, inner) in rule as? [String: [String: Any]] ?? [:] {
          if let child = object?[key] { problems += check(child, inner, at: "\(path).\(key)") }
        }
      case "additionalProperties":
        let known = Set((nested("properties")).keys)
        for (key, child) in object ?? [:] where !known.contains(key) {
          if let inner = rule as? [String: Any] {
            problems += check(child, inner, at: "\(path).\(key)")
          } else if rule as? Bool == false {
            fail("unknown \(key)")
          }
        }
      case "propertyNames":
        for key in (object ?? [:]).keys { problems += check(key, nested(keyword), at: path) }
      case "required":
        for key in rule as? [String] ?? [] where object.map({ $0[key] == nil }) == true { fail("no \(key)") }
      case "minProperties": if let object, object.count < rule as? Int ?? 0 { fail("too few") }
      case "maxProperties": if let object, object.count > rule as? Int ?? 0 { fail("too many") }
      case "items":
        for (index, child) in (value as? [Any] ?? []).enumerated() {
          problems += check(child, nested(keyword), at: "\(path).\(index)")
        }
      case "anyOf": if matching(keyword) == 0 { fail("none of anyOf") }
      case "oneOf": if matching(keyword) != 1 { fail("not one of oneOf") }
      case "not": if check(value, nested(keyword), at: path).isEmpty { fail("not allowed") }
      case "if":
        if check(value, nested("if"), at: path).isEmpty { problems += check(value, nested("then"), at: path) }
      case "const": if value as? String != rule as? String { fail("not \(rule)") }
      case "pattern":
        if let text = value as? String,
          text.range(of: rule as? String ?? "", options: .regularExpression) == nil
        {
          fail("no match")
        }
      case "minLength": if let text = value as? String, text.isEmpty { fail("empty") }
      case "minimum": if let number = number(value), number < limit(rule) { fail("too small") }
      case "maximum": if let number = number(value), number > limit(rule) { fail("too large") }
      case "exclusiveMinimum": if let number = number(value), number <= limit(rule) { fail("too small") }
      case "exclusiveMaximum": if let number = number(value), number >= limit(rule) { fail("too large") }
      case "multipleOf":
        if let number = number(value), number.remainder(dividingBy: limit(rule)) != 0 { fail("no multiple") }
      default: fail("the validator does not know \(keyword)")
      }
    }
    return problems
  }

  private func limit(_ rule: Any) -> Double { (rule as? NSNumber)?.doubleValue ?? .nan }

  private func number(_ value: Any) -> Double? {
    if value is Bool { return nil }
    return (value as? Int).map(Double.init) ?? value as? Double
  }

  private func isType(_ value: Any, _ type: String) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "boolean": value is Bool
    case "integer": value is Int
    case "number": number(value) != nil
    default: false
    }
  }
}
