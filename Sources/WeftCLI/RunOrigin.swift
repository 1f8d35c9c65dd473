import Foundation
import WeftRuntime
import WeftSpec
import WeftTrain

/// Where the spec of a run is, so that the data that it names are found again. Kept beside the model and not in it:
/// a model goes elsewhere, and equal runs give equal models wherever they are made.
struct RunOrigin {
  /// The spec's folder.
  var folder: URL

  init(of loaded: LoadedSpec) {
    folder = URL(fileURLWithPath: loaded.baseDirectory.isEmpty ? "." : loaded.baseDirectory)
  }

  /// Nil if the folder of the run does not say.
  init?(run: URL) {
    guard let text = try? String(contentsOf: RunFolder(run).dataFolder, encoding: .utf8) else { return nil }
    let path = text.trimmingCharacters(in: .newlines)
    folder = URL(fileURLWithPath: path.hasPrefix("/") ? path : run.path + "/" + path).standardizedFileURL
  }

  /// Relative to the run, so that both can be moved together.
  func write(into run: RunFolder) throws {
    let path = RelativePath.path(folder.path, between: run.url.path)
    try TextFile.write(path + "\n", to: run.dataFolder.path)
  }
}
