extension LibraryTables {
  /// Names of the prunable parameters that a task reaches.
  public func prunableParameters(reachedByTask index: Int) -> Set<String> {
    Set(parameters.filter { $0.isPrunable && $0.tasks.contains(task: index) }.map(\.name))
  }
}
