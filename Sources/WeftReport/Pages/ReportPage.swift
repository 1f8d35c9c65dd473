/// A report: written once, as a page for browsers and as Markdown.
public struct ReportPage: Sendable {
  public struct Figure: Sendable {
    /// Names its anchor and its files: `figure-3`.
    public var id: String
    /// `Figure 3`.
    public var title: String
    public var caption: String
    /// Panels, side by side where there is room.
    public var plots: [any Plot]
    /// What the series are, shown once for all panels.
    public var legend: [LegendEntry]
    public var notes: [String] = []
    public var data: DataTable

    public init(
      id: String, title: String, caption: String, plots: [any Plot], legend: [LegendEntry] = [],
      data: DataTable
    ) {
      self.id = id
      self.title = title
      self.caption = caption
      self.plots = plots
      self.legend = legend
      self.data = data
    }
  }

  public struct LegendEntry: Sendable, Equatable {
    public var name: String
    public var style: Int
    public var isLine: Bool
    public init(_ name: String, style: Int, isLine: Bool = true) {
      self.name = name
      self.style = style
      self.isLine = isLine
    }
  }

  public enum Block: Sendable {
    /// Begins a section; level 2 or 3.
    case heading(String, level: Int, id: String)
    case paragraph(String)
    /// Says that something is missing, and why.
    case remark(String)
    /// Names and values.
    case facts([(name: String, value: String)])
    case list([String])
    case table(ReportTable)
    case figure(Figure)
  }

  public var title: String
  /// Under the title.
  public var subtitle: String
  public var blocks: [Block]
  /// At the end of the page.
  public var footer: String

  public init(title: String, subtitle: String = "", blocks: [Block] = [], footer: String = "") {
    self.title = title
    self.subtitle = subtitle
    self.blocks = blocks
    self.footer = footer
  }

  /// Every table and figure with its numbers, by the name of its file.
  public var dataFiles: [(name: String, table: DataTable)] {
    blocks.compactMap { block in
      switch block {
      case .table(let table): (table.id + ".csv", table.data)
      case .figure(let figure): (figure.id + ".csv", figure.data)
      default: nil
      }
    }
  }

  /// Every panel of every figure as a file of its own.
  public var figureFiles: [(name: String, svg: String)] {
    blocks.flatMap { block -> [(String, String)] in
      guard case .figure(let figure) = block else { return [] }
      return figure.plots.enumerated().map { number, plot in
        (
          Self.fileName(figure, panel: number),
          plot.svg(id: "\(figure.id)-\(number + 1)", isStandalone: true)
        )
      }
    }
  }

  static func fileName(_ figure: Figure, panel: Int) -> String {
    figure.plots.count == 1 ? "\(figure.id).svg" : "\(figure.id)-\(panel + 1).svg"
  }
}
