import Foundation

/// Why a file could not be read, for a sentence like `cannot read 'x': no such file`.
public struct FileReadError: Error, Sendable, Equatable, CustomStringConvertible {
  public var reason: String
  public init(reason: String) { self.reason = reason }
  public var description: String { reason }
}

/// Where specs are read from: a disk, or values in memory.
public struct SpecFiles: Sendable {
  /// The bytes of the file at a path.
  public var read: @Sendable (_ path: String) throws(FileReadError) -> [UInt8]

  public init(read: @escaping @Sendable (_ path: String) throws(FileReadError) -> [UInt8]) {
    self.read = read
  }

  /// Larger files are no specs; the limit keeps a mistaken path to a corpus from being parsed.
  static let largestSize = 4 << 20

  public static let disk = SpecFiles { path throws(FileReadError) in
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw FileReadError(reason: "no such file")
    }
    guard !isDirectory.boolValue else { throw FileReadError(reason: "it is a folder") }
    do {
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      guard size <= largestSize else { throw FileReadError(reason: "it is larger than 4 MiB") }
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch let error as FileReadError {
      throw error
    } catch CocoaError.fileReadNoPermission {
      throw FileReadError(reason: "permission denied")
    } catch {
      throw FileReadError(reason: "it cannot be read")
    }
  }

  /// Files by path.
  public static func memory(_ files: [String: String]) -> SpecFiles {
    SpecFiles { path throws(FileReadError) in
      guard let text = files[path] else { throw FileReadError(reason: "no such file") }
      return Array(text.utf8)
    }
  }
}

/// Lexical operations on paths written with `/`.
enum SpecPath {
  static func isAbsolute(_ path: String) -> Bool { path.hasPrefix("/") }

  /// The folder of a file; empty for a bare name.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func join(_ folder: String, _ path: String) -> String {
    if folder.isEmpty || isAbsolute(path) { return path }
    return folder.hasSuffix("/") ? folder + path : folder + "/" + path
  }

  /// The file's name without its last extension.
  static func stem(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }

  /// Without `.` and `x/..`; equal results name one file unless links are involved.
  static func normal(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return (isAbsolute(path) ? "/" : "") + parts.joined(separator: "/")
  }
}
