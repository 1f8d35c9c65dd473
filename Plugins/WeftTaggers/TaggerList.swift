import Foundation

/// `weft.json`: the taggers that a package keeps in its repository. Paths are relative to the root of the package.
struct TaggerList: Decodable {
  struct Tagger: Decodable {
    /// Where the packaged tagger is.
    var folder: String
    var spec: String
    /// The checkpoint, or the folder of the run.
    var checkpoint: String
    /// `fp32`, `bf16` or `int8`; fp32 if absent.
    var weights: String?
    /// Bindings, as `--only` names them; all if absent.
    var only: [String]?
    /// Licences besides those that lie beside the data.
    var licenses: [String]?
    /// Further arguments of `weft package`.
    var options: [String]?

    /// Arguments of `weft` that write it.
    var packaging: [String] {
      var arguments = ["package", spec, "--checkpoint", checkpoint, "-o", folder]
      if let weights { arguments += ["--weights", weights] }
      if let only { arguments += ["--only", only.joined(separator: ",")] }
      for file in licenses ?? [] { arguments += ["--license", file] }
      return arguments + (options ?? [])
    }

    /// Arguments of `weft` that compare it with its model.
    var verification: [String] { ["verify", folder, "--checkpoint", checkpoint] }
  }

  var taggers: [Tagger]

  init(package: URL) throws {
    let file = package.appending(path: "weft.json")
    guard let data = try? Data(contentsOf: file) else {
      throw TaggerListError(
        "there is no weft.json in \(package.path); 'swift package weft --help' says what it holds")
    }
    do {
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch {
      throw TaggerListError("weft.json: \(Self.problem(error)); see 'swift package weft --help'")
    }
  }

  /// - Parameter folders: all if empty.
  func chosen(_ folders: [String]) throws -> [Tagger] {
    for folder in folders where !taggers.contains(where: { $0.folder == folder }) {
      throw TaggerListError(
        "weft.json has no tagger in the folder '\(folder)'; it has "
          + taggers.map(\.folder).joined(separator: ", "))
    }
    return folders.isEmpty ? taggers : taggers.filter { folders.contains($0.folder) }
  }

  private static func problem(_ error: any Error) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.isEmpty
        ? "" : " at " + path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      return "the key '\(key.stringValue)' is missing" + place(context.codingPath)
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      return "a value of another type is wanted" + place(context.codingPath)
    default: return "this is no JSON"
    }
  }
}

struct TaggerListError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
