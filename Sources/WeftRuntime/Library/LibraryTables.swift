import CWeftABI

/// A set of tasks of one library, one bit each.
public struct TaskSet: OptionSet, Sendable, Hashable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  /// The task with this index, 0 to 63.
  public init(task index: Int) { rawValue = (0..<64).contains(index) ? 1 << UInt64(index) : 0 }
  public init(tasks: some Sequence<Int>) {
    self = tasks.reduce(into: TaskSet(rawValue: 0)) { $0.formUnion(TaskSet(task: $1)) }
  }
  /// The first `count` tasks.
  public static func all(_ count: Int) -> TaskSet {
    TaskSet(rawValue: count >= 64 ? .max : (1 << UInt64(max(count, 0))) - 1)
  }
  public func contains(task index: Int) -> Bool { !isDisjoint(with: TaskSet(task: index)) }
  /// Indices of the tasks, ascending.
  public var indices: [Int] { (0..<64).filter { rawValue >> UInt64($0) & 1 == 1 } }
}

/// The index sets that rows of a value stand for.
public enum RowSet: Int, Sendable, Hashable {
  case one, sentence, token, form, scalar
}

/// A parameter of a generated library and where it lies in the canonical parameter block.
public struct ParameterInfo: Sendable, Hashable {
  public var name: String
  /// Floats from the start of the block.
  public var offset: Int
  public var rows: Int
  public var columns: Int
  /// The extents that checkpoints show; their product is `rows` × `columns`, the first is `rows`.
  public var shape: [Int]
  /// May a mask remove single weights of it?
  public var isPrunable: Bool
  /// Only rows that a batch looks up have gradients; updates that a row misses are caught up later.
  public var isRowSparse: Bool
  public var isTrainable: Bool
  /// The tasks whose steps reach it.
  public var tasks: TaskSet

  public var count: Int { rows * columns }
  var range: Range<Int> { offset..<offset + count }

  public init(
    name: String, offset: Int, shape: [Int], isPrunable: Bool = false, isRowSparse: Bool = false,
    isTrainable: Bool = true, tasks: TaskSet = []
  ) {
    self.name = name
    self.offset = offset
    self.shape = shape
    rows = shape.first ?? 1
    columns = shape.dropFirst().reduce(1, *)
    self.isPrunable = isPrunable
    self.isRowSparse = isRowSparse
    self.isTrainable = isTrainable
    self.tasks = tasks
  }
}

/// An integer input of a batch.
public struct InputInfo: Sendable, Hashable {
  /// `word`, `form`, `character`, `feature.<name>` or `label.<task>`.
  public var name: String
  public var rows: RowSet
  /// Ids must be below it.
  public var limit: Int
}

public struct TaskInfo: Sendable, Hashable {
  public var name: String
  public var labelCount: Int
  public var isCRF: Bool
}

/// A source of random values in training (dropout, noise, word dropout).
public struct SiteInfo: Sendable, Hashable {
  public var name: String
  public var rows: RowSet
  public var columns: Int
}

/// What a generated library says about itself, checked.
public struct LibraryTables: Sendable, Hashable {
  public var name: String
  public var toolVersion: String
  public var architectureHash: String
  /// Compiled in, best first.
  public var instructionSets: [String]
  public var parameters: [ParameterInfo]
  public var inputs: [InputInfo]
  public var tasks: [TaskInfo]
  public var sites: [SiteInfo]
  /// Length of the parameter block in floats; at least the end of the last parameter.
  public var parameterFloats: Int

  public func task(named name: String) -> Int? { tasks.firstIndex { $0.name == name } }
  /// All tasks of the library.
  public var allTasks: TaskSet { .all(tasks.count) }
}

extension LibraryTables {
  /// Copies a library's tables, refusing any that could lead to a wrong access later.
  ///
  /// Sound because every array is read only up to the count beside it, as the ABI states; a library is code
  /// that the process runs, so a table that lies about its own length is no further risk.
  init(_ tables: weft_tables, of library: String) throws(RuntimeError) {
    func fail(_ problem: String) -> RuntimeError {
      RuntimeError(.libraryUnusable, "The tables of \(library) are damaged: \(problem). Generate it again.")
    }
    func text(_ pointer: UnsafePointer<CChar>?, _ what: String) throws(RuntimeError) -> String {
      guard let pointer else { throw fail("\(what) is missing") }
      return String(cString: pointer)
    }
    func list<Entry>(
      _ pointer: UnsafePointer<Entry>?, _ count: UInt32, _ what: String
    ) throws(RuntimeError) -> UnsafeBufferPointer<Entry> {
      guard count < 1 << 20 else { throw fail("\(count) \(what)") }
      guard count == 0 || pointer != nil else { throw fail("the table of \(what) is missing") }
      return UnsafeBufferPointer(start: pointer, count: Int(count))
    }
    name = try text(tables.name, "its name")
    toolVersion = try text(tables.tool_version, "the tool version")
    architectureHash = try text(tables.architecture_hash, "the architecture hash")
    instructionSets = try text(tables.instruction_sets, "the list of instruction sets")
      .split(separator: " ").map(String.init)
    guard tables.parameter_floats < 1 << 40 else { throw fail("\(tables.parameter_floats) parameters") }
    parameterFloats = Int(tables.parameter_floats)

    tasks = []
    for task in try list(tables.tasks, tables.task_count, "tasks") {
      let name = try text(task.name, "the name of a task")
      guard task.labels > 0 else { throw fail("task \(name) has \(task.labels) labels") }
      tasks.append(TaskInfo(name: name, labelCount: Int(task.labels), isCRF: task.is_crf != 0))
    }
    guard tasks.count <= 64 else { throw fail("\(tasks.count) tasks; at most 64 are possible") }

    parameters = []
    var end = 0
    for parameter in try list(tables.parameters, tables.parameter_count, "parameters") {
      let name = try text(parameter.name, "the name of a parameter")
      let size = parameter.rows.multipliedReportingOverflow(by: parameter.columns)
      guard !size.overflow, parameter.offset <= tables.parameter_floats,
        UInt64(size.partialValue) <= tables.parameter_floats - parameter.offset
      else { throw fail("parameter \(name) reaches beyond the parameter block") }
      guard parameter.offset % 16 == 0, Int(parameter.offset) >= end else {
        throw fail("parameter \(name) is misplaced")
      }
      guard TaskSet(rawValue: parameter.tasks).isSubset(of: .all(tasks.count)) else {
        throw fail("parameter \(name) belongs to a task that does not exist")
      }
      let flags = Int(parameter.flags)
      let rows = Int(parameter.rows)
      let columns = Int(parameter.columns)
      parameters.append(
        ParameterInfo(
          name: name, offset: Int(parameter.offset), shape: columns == 1 ? [rows] : [rows, columns],
          isPrunable: flags & Int(WEFT_PRUNABLE) != 0, isRowSparse: flags & Int(WEFT_ROW_SPARSE) != 0,
          isTrainable: flags & Int(WEFT_TRAINABLE) != 0, tasks: TaskSet(rawValue: parameter.tasks)))
      end = Int(parameter.offset) + rows * columns
    }

    let prunable = parameters.reduce(0) { $0 + ($1.isPrunable ? $1.count : 0) }
    guard tables.prunable_weights == UInt64(prunable) else {
      throw fail("masks of \(tables.prunable_weights) weights for \(prunable) prunable ones")
    }

    inputs = []
    for input in try list(tables.inputs, tables.input_count, "inputs") {
      let name = try text(input.name, "the name of an input")
      guard let rows = RowSet(rawValue: Int(input.rows.rawValue)) else {
        throw fail("input \(name) has rows of an unknown kind")
      }
      inputs.append(InputInfo(name: name, rows: rows, limit: Int(input.limit)))
    }

    sites = []
    for site in try list(tables.sites, tables.site_count, "random sites") {
      let name = try text(site.name, "the name of a random site")
      guard let rows = RowSet(rawValue: Int(site.rows.rawValue)), site.columns > 0 else {
        throw fail("random site \(name) has no shape")
      }
      sites.append(SiteInfo(name: name, rows: rows, columns: Int(site.columns)))
    }
    for (what, names) in [
      ("parameters", parameters.map(\.name)), ("inputs", inputs.map(\.name)), ("tasks", tasks.map(\.name)),
      ("random sites", sites.map(\.name)),
    ] where Set(names).count != names.count { throw fail("two \(what) have one name") }
  }
}

extension LibraryTables {
  /// - Parameter task: whose mask it is, for the message.
  /// - Throws: `.invalidInput` naming the first parameter in which a mask's layout and this network's differ. Only the
  ///   sizes of parameters count: checkpoints show some with more extents than the tables.
  func check(_ layout: MaskLayout, task: String) throws(RuntimeError) {
    func fail(_ problem: String) -> RuntimeError {
      RuntimeError(
        .invalidInput, "The mask of task `\(task)` does not fit the network `\(name)`: \(problem).")
    }
    let own = MaskLayout(self)
    for parameter in layout.parameters {
      guard let counterpart = own.parameter(named: parameter.name) else {
        throw fail(
          parameters.contains { $0.name == parameter.name }
            ? "it thins out `\(parameter.name)`, which is not prunable"
            : "it is over a parameter `\(parameter.name)`, which the network lacks")
      }
      guard parameter.shape.first == counterpart.shape.first, parameter.count == counterpart.count else {
        func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: " × ") }
        throw fail(
          "`\(parameter.name)` is \(text(parameter.shape)) in the mask and \(text(counterpart.shape)) in the network"
        )
      }
    }
    for parameter in own.parameters where layout.parameter(named: parameter.name) == nil {
      throw fail("it says nothing of `\(parameter.name)`, which is prunable")
    }
    for (a, b) in zip(layout.parameters, own.parameters) where a.name != b.name {
      throw fail(
        "`\(a.name)` stands where `\(b.name)` is expected; parameters go in the order of the network")
    }
  }
}
