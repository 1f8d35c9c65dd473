import Foundation

extension ReportPage {
  /// Writes the page (`report.html`), the Markdown (`report.md`), each figure's panels as SVG and the numbers of each
  /// table and figure as CSV. Each file appears whole or not at all.
  ///
  /// - Parameter folder: is made if it is not there.
  /// - Throws: errors of Foundation that name the file.
  public func write(into folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: folder.appending(path: name), options: .atomic)
    }
    for (name, table) in dataFiles { try write(table.csv, name) }
    for (name, svg) in figureFiles { try write(svg, name) }
    try write(markdown(), "report.md")
    try write(html(), "report.html")
  }
}
