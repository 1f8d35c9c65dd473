/// How the rows of a prunable parameter stand for gates and units.
///
/// The weights of an LSTM are [4H × inputs]: four gates of H units, in the order i, f, g, o. Those of a convolution,
/// [filters × inputs × width], have one row a filter and no gates.
public struct MatrixStructure: Sendable, Hashable {
  public let parameter: MaskLayout.Parameter
  /// 4 or 1.
  public let gates: Int
  /// Hidden units, or filters.
  public let units: Int
  public let columns: Int

  /// Units of a block.
  public static let blockHeight = 16
  public static let gateNames = ["i", "f", "g", "o"]

  public init(_ parameter: MaskLayout.Parameter) {
    self.parameter = parameter
    let rows = parameter.shape.first ?? 1
    gates = Self.isRecurrent(parameter.name) && rows.isMultiple(of: 4) ? 4 : 1
    units = rows / gates
    columns = parameter.shape.dropFirst().reduce(1, *)
  }

  /// Place of a weight in a mask.
  public func place(gate: Int, unit: Int, column: Int) -> Int {
    parameter.offset + (gate * units + unit) * columns + column
  }

  /// Places of a gate's weights.
  public func rows(ofGate gate: Int) -> Range<Int> {
    let start = parameter.offset + gate * units * columns
    return start..<start + units * columns
  }

  /// Places of a unit's weights: a row for each gate.
  public func rows(ofUnit unit: Int) -> [Range<Int>] {
    (0..<gates).map { gate in
      let start = place(gate: gate, unit: unit, column: 0)
      return start..<start + columns
    }
  }

  /// What a parameter is in its layer: its name behind the last dot.
  static func role(of name: String) -> Substring { name.split(separator: ".").last ?? "" }

  /// Is it W_ih or W_hh of an LSTM?
  static func isRecurrent(_ name: String) -> Bool {
    role(of: name).hasPrefix("weight_ih_") || role(of: name).hasPrefix("weight_hh_")
  }

  /// The direction of a layer that a parameter belongs to: `encoder.0` or `encoder.0 reverse`; the layer where there
  /// are no directions.
  public static func direction(of name: String) -> String {
    Mask.layer(of: name) + (isRecurrent(name) && name.hasSuffix("_reverse") ? " reverse" : "")
  }
}
