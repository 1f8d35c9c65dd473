import Foundation

/// What two JSON texts do not share, in words: `network.encoder[0].hidden: 200 against 100`.
public enum JSONDifference {
  /// - Returns: differences in the order of sorted keys; none if a text is no JSON.
  public static func list(between left: String, and right: String, under path: String = "") -> [String] {
    guard let left = parse(left), let right = parse(right) else { return [] }
    var differences: [String] = []
    compare(left, right, path, &differences)
    return differences
  }

  private static func parse(_ text: String) -> Any? {
    try? JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
  }

  private static func compare(_ left: Any, _ right: Any, _ path: String, _ differences: inout [String]) {
    switch (left, right) {
    case (let left as [String: Any], let right as [String: Any]):
      for key in Set(left.keys).union(right.keys).sorted() {
        let inner = path.isEmpty ? key : "\(path).\(key)"
        switch (left[key], right[key]) {
        case (let left?, let right?): compare(left, right, inner, &differences)
        case (let left?, nil): differences.append("\(inner): \(describe(left)) against nothing")
        case (nil, let right?): differences.append("\(inner): nothing against \(describe(right))")
        case (nil, nil): break
        }
      }
    case (let left as [Any], let right as [Any]):
      if left.count != right.count {
        let first = zip(left, right).enumerated().first { !isEqual($1.0, $1.1) }?.offset
        let place =
          first.map { "; number \($0) is \(describe(left[$0])) against \(describe(right[$0]))" } ?? ""
        differences.append("\(path): \(left.count) entries against \(right.count)\(place)")
      } else {
        for index in left.indices where !isEqual(left[index], right[index]) {
          compare(left[index], right[index], "\(path)[\(index)]", &differences)
        }
      }
    default:
      if !isEqual(left, right) { differences.append("\(path): \(describe(left)) against \(describe(right))") }
    }
  }

  private static func isEqual(_ left: Any, _ right: Any) -> Bool {
    switch (left, right) {
    case (let left as NSObject, let right as NSObject): left == right
    case (let left as String, let right as String): left == right
    default: describe(left) == describe(right)
    }
  }

  private static func describe(_ value: Any) -> String {
    let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
    let text = data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
    return text.count > 60 ? "\(text.prefix(57))…" : text
  }
}
