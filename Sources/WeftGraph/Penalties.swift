/// A term of the objective over parameters alone, whose gradient an operation adds in every backward pass that reaches
/// them.
public struct Penalty: Sendable {
  /// Unique, like the name of a node.
  public var name: String
  public var operation: any Operation
  public var parameters: [ParameterID]
  public init(name: String, operation: any Operation, parameters: [ParameterID]) {
    self.name = name
    self.operation = operation
    self.parameters = parameters
  }
}

/// Weights that the group lasso keeps or removes together: λ ‖G‖₂ (Yuan and Lin 2006).
///
/// A gradient never makes them 0, so it is no operation of the graph but the end of an update: G ← G · max(0, 1 − rate ·
/// λ / ‖G‖₂), the proximal step of the penalty.
public struct WeightGroup: Sendable, Hashable {
  /// Rows of a parameter.
  public struct Part: Sendable, Hashable {
    public var parameter: ParameterID
    public var rows: Range<Int>
    public init(_ parameter: ParameterID, rows: Range<Int>) {
      self.parameter = parameter
      self.rows = rows
    }
  }
  /// For people, e.g. `pos.encoder.0 subspace 2`.
  public var name: String
  /// λ.
  public var weight: Double
  /// All of them are reached by the same tasks.
  public var parts: [Part]
  public init(name: String, weight: Double, parts: [Part]) {
    self.name = name
    self.weight = weight
    self.parts = parts
  }

  /// Of the input weights of a subspace.
  ///
  /// - Parameters:
  ///   - layer: `<task>.encoder.<k>`.
  ///   - subspace: from 0.
  public static func name(layer: String, subspace: Int) -> String { "\(layer) subspace \(subspace + 1)" }
}

extension Graph {
  /// The groups of weights that are all 0.
  ///
  /// - Parameter values: of a parameter by name, row-major; a group of which some are unknown is not 0.
  public func zeroGroups(_ values: (String) -> [Float]?) -> [WeightGroup] {
    var known: [ParameterID: [Float]] = [:]
    return weightGroups.filter { group in
      group.parts.allSatisfy { part in
        if known[part.parameter] == nil { known[part.parameter] = values(self[part.parameter].name) }
        guard let numbers = known[part.parameter] else { return false }
        let columns = self[part.parameter].columns
        return numbers[(part.rows.lowerBound * columns)..<(part.rows.upperBound * columns)]
          .allSatisfy { $0 == 0 }
      }
    }
  }

  /// ‖G‖₂ of a group; nil if a parameter of it is unknown.
  ///
  /// - Parameter values: of a parameter by name, row-major.
  public func norm(of group: WeightGroup, _ values: (String) -> [Float]?) -> Double? {
    var sum = 0.0
    for part in group.parts {
      guard let numbers = values(self[part.parameter].name) else { return nil }
      let columns = self[part.parameter].columns
      for number in numbers[(part.rows.lowerBound * columns)..<(part.rows.upperBound * columns)] {
        sum += Double(number) * Double(number)
      }
    }
    return sum.squareRoot()
  }
}
