import WeftRuntime
import WeftSpec

/// Weights that structured pruning removes together.
struct PruningPiece {
  /// What its share is taken from when every layer loses the same share: a parameter, or for units a direction.
  var group: Int
  /// Places in the mask of those of its weights that are left.
  var weights: [Int]

  /// The pieces of a mask of which something is left, in the order that ties follow: by the name of the (first)
  /// parameter, then by the first weight's place.
  ///
  /// - Parameter names: parameters that take part, sorted.
  static func all(of mask: Mask, in names: [String], _ granularity: PruneSpec.Granularity) -> [PruningPiece] {
    let parameters = names.compactMap(mask.layout.parameter(named:))
    switch granularity {
    case .weights:
      return parameters.enumerated().flatMap { group, parameter in
        parameter.range.filter { mask[$0] }.map { PruningPiece(group: group, weights: [$0]) }
      }
    case .blocks:
      return parameters.enumerated().flatMap { group, parameter in blocks(of: parameter, group, mask) }
    case .units: return units(of: parameters, mask)
    }
  }

  /// 16 consecutive units of one gate × one input; the gate's last block is shorter. Of a convolution [F × E × W]: 16
  /// consecutive filters × one tap of one input.
  private static func blocks(
    of parameter: MaskLayout.Parameter, _ group: Int, _ mask: Mask
  ) -> [PruningPiece] {
    let matrix = MatrixStructure(parameter)
    var pieces: [PruningPiece] = []
    for gate in 0..<matrix.gates {
      for first in stride(from: 0, to: matrix.units, by: MatrixStructure.blockHeight) {
        let rows = first..<min(first + MatrixStructure.blockHeight, matrix.units)
        for column in 0..<matrix.columns {
          let places = rows.lazy.map { matrix.place(gate: gate, unit: $0, column: column) }.filter {
            mask[$0]
          }
          if !places.isEmpty { pieces.append(PruningPiece(group: group, weights: Array(places))) }
        }
      }
    }
    return pieces
  }

  /// A hidden unit of one direction of a layer: its four gate rows in W_ih and W_hh. Of a convolution: a filter.
  private static func units(of parameters: [MaskLayout.Parameter], _ mask: Mask) -> [PruningPiece] {
    var groups: [(name: String, matrices: [MatrixStructure])] = []
    for parameter in parameters {
      let name = MatrixStructure.direction(of: parameter.name)
      if let index = groups.firstIndex(where: { $0.name == name }) {
        groups[index].matrices.append(MatrixStructure(parameter))
      } else {
        groups.append((name, [MatrixStructure(parameter)]))
      }
    }
    var pieces: [PruningPiece] = []
    for (group, direction) in groups.enumerated() {
      for unit in 0..<(direction.matrices[0].units) {
        let places = direction.matrices.flatMap { matrix in matrix.rows(ofUnit: unit).flatMap(Array.init) }
        let left = places.filter { mask[$0] }
        if !left.isEmpty { pieces.append(PruningPiece(group: group, weights: left)) }
      }
    }
    return pieces
  }

  /// - Parameter values: of all weights of the mask's layout.
  func meanMagnitude(_ values: [Float]) -> Double {
    weights.reduce(0) { $0 + Double(values[$1].magnitude) } / Double(weights.count)
  }
}
