import Foundation

/// Where a run keeps its files.
public struct RunFolder: Sendable, Equatable {
  public let url: URL

  public init(_ url: URL) { self.url = url }

  /// `runs/<name>` in a folder.
  public init(name: String, in folder: URL = URL(filePath: "runs", directoryHint: .isDirectory)) {
    url = folder.appending(path: name, directoryHint: .isDirectory)
  }

  /// The resolved spec.
  public var spec: URL { url.appending(path: "spec.json") }
  /// What happened, a JSON object a line.
  public var log: URL { url.appending(path: "log.jsonl") }
  /// Where training stands, to go on from.
  public var state: URL { url.appending(path: "state.safetensors") }
  /// The best epoch so far.
  public var best: URL { url.appending(path: "best.safetensors") }
  /// The trained model.
  public var model: URL { url.appending(path: "model.safetensors") }
  /// Scores of the trained model.
  public var results: URL { url.appending(path: "results.json") }
  /// Counts of each scored sentence.
  public var sentences: URL { url.appending(path: "sentences.json") }
  /// How long it took.
  public var timing: URL { url.appending(path: "timing.json") }
  /// Where the data of the spec are, relative to the folder; written by the command line.
  public var dataFolder: URL { url.appending(path: "data-folder.txt") }
  /// Masks of tasks, or of rounds of pruning.
  public var masks: URL { url.appending(path: "masks", directoryHint: .isDirectory) }
  public func mask(_ name: String) -> URL { masks.appending(path: "\(name).safetensors") }
  /// What the rounds of a pruning led to.
  public var rounds: URL { url.appending(path: "rounds.json") }
  /// Sparse sharing: the run of the multi-task warm-up.
  public var warmup: RunFolder {
    RunFolder(url.appending(path: "warmup", directoryHint: .isDirectory))
  }
  /// Sparse sharing: the run that prunes a task's subnet.
  public func pruning(task: String) -> RunFolder {
    RunFolder(
      url.appending(path: "prune", directoryHint: .isDirectory)
        .appending(path: task, directoryHint: .isDirectory))
  }
  /// Parameters that a phase left for later ones.
  public func snapshot(_ name: String) -> URL { url.appending(path: "snapshot-\(name).safetensors") }

  var hasState: Bool { exists(state) }
  var hasModel: Bool { exists(model) }
  var hasRounds: Bool { exists(rounds) }

  private func exists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }

  func create() throws {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw TrainError(.unwritable, "cannot make the folder \(url.path): \(error.localizedDescription)")
    }
  }

  /// Writes a value as JSON, whole or not at all. Equal values give equal bytes.
  func write(json value: some Encodable, isPretty: Bool = true, to file: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
    try write(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n", to: file)
  }

  /// Writes a small file, whole or not at all.
  func write(_ text: String, to file: URL) throws {
    do {
      try Data(text.utf8).write(to: file, options: .atomic)
    } catch {
      throw TrainError(.unwritable, "cannot write \(file.path): \(error.localizedDescription)")
    }
  }
}
