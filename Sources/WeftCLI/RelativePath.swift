import Foundation

/// Paths as text.
enum RelativePath {
  /// The folder of a file; empty for a bare name.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func join(_ folder: String, _ name: some StringProtocol) -> String {
    if folder.isEmpty { return String(name) }
    return folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// The file's name without its last extension.
  static func stem(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }

  /// How a file in `folder` names a path of the current folder. An absolute path stays as it is.
  static func path(_ path: String, from folder: String) -> String {
    if folder.isEmpty || path.hasPrefix("/") { return path }
    return Self.path(path, between: folder)
  }

  /// A path as seen from a folder.
  static func path(_ path: String, between folder: String) -> String {
    func parts(_ text: String) -> [String] {
      URL(fileURLWithPath: text).standardizedFileURL.pathComponents
    }
    let target = parts(path)
    let base = parts(folder)
    let shared = zip(target, base).prefix { $0 == $1 }.count
    let ups = Array(repeating: "..", count: base.count - shared)
    let relative = (ups + target[shared...]).joined(separator: "/")
    return relative.isEmpty ? "." : relative
  }

  /// Relative to the current folder if that is below it, else absolute.
  static func shortest(_ url: URL) -> String {
    let path = url.standardizedFileURL.path
    let current = FileManager.default.currentDirectoryPath
    return path.hasPrefix(current + "/") ? String(path.dropFirst(current.count + 1)) : path
  }
}
