import Foundation
import WeftPackage
import WeftRuntime
import WeftSpec
import WeftTrain

/// What a package was made from, as a rule that make and ninja read.
struct PackageDependencies {
  /// Paths of files, each once.
  private(set) var sources: [String] = []

  /// The spec with what it extends and the data that it names, the checkpoint, the licences, and Weft itself.
  ///
  /// - Parameter licences: those that a user names.
  init(of subject: EvaluationSubject, licences: [String]) {
    var isFolder: ObjCBool = false
    let isRun =
      FileManager.default.fileExists(atPath: subject.url.path, isDirectory: &isFolder) && isFolder.boolValue
    let data = subject.loaded.spec.data.flatMap { $0.train + $0.dev + $0.test }
    add(subject.loaded.files)
    add([RelativePath.shortest(isRun ? RunFolder(subject.url).model : subject.url)])
    // A model that came from elsewhere names data that are not here; what cannot be read was not read.
    add(data.map(subject.loaded.resolve).filter(FileManager.default.isReadableFile))
    add(LicenceFile.beside(subject.loaded))
    add(licences)
    add(Bundle.main.executablePath.map { [$0] } ?? [])
  }

  private mutating func add(_ paths: [String]) {
    for path in paths where !sources.contains(path) { sources.append(path) }
  }

  /// `tiny/tiny.c tiny/tiny.h …: tiny.yaml runs/tiny/model.safetensors …`, and a rule without commands for each source,
  /// so that a file that is gone is no error.
  func rule(for folder: String, name: String) -> String {
    let targets = PackageNames(name).libraryFiles.map { Self.escaped(RelativePath.join(folder, $0)) }
    let sources = sources.map(Self.escaped)
    return "\(targets.joined(separator: " ")): \(sources.joined(separator: " "))\n\n"
      + sources.map { "\($0):\n" }.joined()
  }

  private static func escaped(_ path: String) -> String {
    path.replacing("$", with: "$$").replacing("#", with: "\\#").replacing(" ", with: "\\ ")
  }
}
