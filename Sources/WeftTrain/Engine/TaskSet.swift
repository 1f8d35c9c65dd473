/// A set of tasks, by their numbers in the spec: the mask that generated code takes.
public struct TaskSet: OptionSet, Sendable, Hashable {
  /// Bit t: task t.
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public init(task index: Int) { rawValue = (0..<64).contains(index) ? 1 << UInt64(index) : 0 }
  public init(tasks: some Sequence<Int>) { self = tasks.reduce(into: []) { $0.formUnion(TaskSet(task: $1)) } }
  /// The first `count` tasks.
  public static func all(_ count: Int) -> TaskSet { TaskSet(tasks: 0..<count) }
  public func contains(task index: Int) -> Bool { !isDisjoint(with: TaskSet(task: index)) }
}
