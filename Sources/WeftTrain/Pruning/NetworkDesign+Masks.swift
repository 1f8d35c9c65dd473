import WeftGraph
import WeftRuntime

extension NetworkDesign {
  /// The weights that masks of this network are made over.
  public var maskLayout: MaskLayout {
    MaskLayout(graph.parameters.filter(\.isPrunable).map { (name: $0.name, shape: $0.shape) })
  }

  /// Names of the prunable parameters that a task reaches.
  public func prunableParameters(reachedByTask index: Int) throws(GraphError) -> Set<String> {
    let table = ParameterTable(try graph.differentiated())
    return Set(table.rows.filter { $0.isPrunable && $0.tasks & (1 << UInt64(index)) != 0 }.map(\.name))
  }
}
