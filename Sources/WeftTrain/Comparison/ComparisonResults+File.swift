import Foundation

extension ComparisonResults {
  /// Writes `report.json`, whole or not at all. Equal results give equal bytes.
  public func write(to file: URL) throws {
    let folder = RunFolder(file.deletingLastPathComponent())
    try folder.create()
    try folder.write(json: self, to: file)
  }

  /// Reads `report.json`.
  ///
  /// - Throws: `TrainError` if it cannot be read, or is of another version of the format.
  public init(contentsOf file: URL) throws {
    struct Version: Decodable { var format: Int }
    do {
      let data = try Data(contentsOf: file)
      let version = try JSONDecoder().decode(Version.self, from: data).format
      guard version == Self.currentFormat else {
        throw TrainError(
          .unreadable,
          "\(file.path) has version \(version) of the format; this Weft reads version \(Self.currentFormat)",
          suggestion: "write it anew by `weft compare SPEC --report-only`")
      }
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch let error as TrainError {
      throw error
    } catch {
      throw TrainError(.unreadable, "\(file.path) holds no results of a comparison that can be read")
    }
  }
}
