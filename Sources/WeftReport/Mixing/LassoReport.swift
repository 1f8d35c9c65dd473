import WeftTrain

/// What a group lasso has removed, as a table for terminals and in words.
public struct LassoReport: Sendable {
  public let lasso: LassoGroups

  public init(_ lasso: LassoGroups) { self.lasso = lasso }

  public func text() -> String {
    "group lasso, λ = \(lasso.weight): ‖G‖₂ of the input weights of each subspace, – if they are exactly zero\n"
      + table().text() + "\n" + meaning.map { "- \($0)\n" }.joined()
  }

  /// A row for each subspace of each task, a column for each layer, and how many of each layer are zero.
  public func table() -> TextTable {
    var table = TextTable([.init("G", .left)] + (0..<lasso.layers).map { TextTable.Column("layer \($0)") })
    for task in tasks {
      for subspace in 0..<lasso.subspaces {
        let cells = (0..<lasso.layers).map { layer in
          guard let group = lasso.group(of: task, layer: layer, subspace: subspace) else { return "" }
          return group.isZero ? "–" : Quantity.fixed(group.norm, 3)
        }
        table.add([lasso.subspaces == 1 ? task : "\(task)·\(subspace + 1)"] + cells)
      }
    }
    table.addRule()
    let zeros = (0..<lasso.layers).map { layer in
      let groups = lasso.groups.filter { $0.layer == layer }
      return "\(groups.filter(\.isZero).count) of \(groups.count)"
    }
    table.add(["zero"] + zeros)
    return table
  }

  private var tasks: [String] {
    lasso.groups.reduce(into: []) { if !$0.contains($1.task) { $0.append($1.task) } }
  }

  /// How many groups are zero, and what that does to each layer that has lost some.
  public var meaning: [String] {
    let zeros = lasso.zeros
    let all = lasso.groups.count
    guard !zeros.isEmpty else {
      return ["no group of \(all) is zero: every subspace reads its layer's input. A larger λ removes more"]
    }
    var lines = ["\(zeros.count) of \(all) groups \(zeros.count == 1 ? "is" : "are") exactly zero"]
    for task in tasks {
      var losses: [(layers: [Int], gone: [String])] = []
      for layer in 0..<lasso.layers {
        let gone = zeros.filter { $0.task == task && $0.layer == layer }.map { String($0.subspace + 1) }
        guard !gone.isEmpty else { continue }
        if let known = losses.firstIndex(where: { $0.gone == gone }) {
          losses[known].layers.append(layer)
        } else {
          losses.append(([layer], gone))
        }
      }
      for (layers, gone) in losses {
        lines.append(
          "\(task), layer \(layers.map(String.init).joined(separator: ", ")): "
            + (gone.count == lasso.subspaces
              ? "no input goes through; the output depends on positions alone"
              : "subspace \(gone.joined(separator: ", ")) does not read the input, and sees only what the rest of "
                + "the layer remembers"))
      }
    }
    return lines
  }
}
