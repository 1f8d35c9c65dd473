import WeftGraph

/// Where a value is in the workspace.
struct Placement: Sendable, Equatable {
  /// The slot that holds it.
  var slot: Int
  /// First column inside the rows of the value it is a view of, 0 otherwise.
  var column: Int
  /// Elements from one row to the next.
  var stride: Int
}

/// A piece of workspace: rows of one index set, shared by values that are never needed at the same time.
struct Slot: Sendable, Equatable {
  var rows: IndexSet
  /// Four-byte elements a row.
  var width: Int
  /// Four-byte elements besides, whatever the number of rows.
  var constant = 0
  /// What lives here, in order of first use, for the comment in the generated code.
  var tenants: [String] = []
}

/// Memory that a node needs only while it runs.
struct Scratch: Sendable, Equatable {
  var name: String
  var rows: IndexSet
  /// Four-byte elements a row.
  var width: Int
  /// Four-byte elements besides, whatever the number of rows.
  var constant = 0
}

/// The workspace: a polynomial (here: linear) in the sizes of the index sets.
struct MemoryPlan: Sendable {
  private(set) var slots: [Slot] = []
  private(set) var placements: [ValueID: Placement] = [:]
  /// Slots of each node's scratch, in the order of the request.
  private(set) var scratch: [NodeID: [Int]] = [:]

  /// Rows of four-byte elements start at multiples of 16 of them, so that full vectors load without crossing a
  /// cache line; narrow rows are packed tight.
  static func stride(columns: Int) -> Int { columns < 16 ? columns : (columns + 15) / 16 * 16 }

  /// Plans a schedule by linear scan: a slot is free again after the last node that reads any of its tenants.
  ///
  /// - Parameters:
  ///   - steps: nodes in the order in which they run; those of one step may run at the same time.
  ///   - kept: values that must survive until the end of the run.
  ///   - views: values that are columns of another value.
  ///   - tight: values whose rows follow one another without padding, because callers see them.
  ///   - isPlaced: false for inputs and other values without memory of their own.
  init(
    graph: Graph, steps: [[Node]], kept: Set<ValueID>, views: [ValueID: View],
    scratch requests: [NodeID: [Scratch]],
    tight: Set<ValueID>, isPlaced: (ValueID) -> Bool
  ) {
    func stride(of id: ValueID) -> Int {
      let columns = graph[id].type.columns
      return tight.contains(id) ? columns : MemoryPlan.stride(columns: columns)
    }

    func root(_ id: ValueID) -> (ValueID, column: Int) {
      var current = id
      var column = 0
      while let view = views[current] {
        column += view.column
        current = view.of
      }
      return (current, column)
    }

    // A step's number in the schedule is the time; roots live from their first to their last mention.
    var lastUse: [ValueID: Int] = [:]
    for (time, step) in steps.enumerated() {
      for id in step.flatMap({ $0.inputs + $0.outputs.compactMap { $0 } }) where isPlaced(id) {
        lastUse[root(id).0] = time
      }
    }
    for id in kept { lastUse[root(id).0] = steps.count }

    var free: [IndexSet: [Int]] = [:]
    var slotOf: [ValueID: Int] = [:]
    func take(
      _ rows: IndexSet, width: Int, constant: Int = 0, tenant: String, in plan: inout MemoryPlan
    ) -> Int {
      let candidates = free[rows] ?? []
      // The tightest slot that is wide enough; failing that the widest, which then grows.
      let fitting = candidates.filter { plan.slots[$0].width >= width }
      let chosen =
        fitting.min { (plan.slots[$0].width, $0) < (plan.slots[$1].width, $1) }
        ?? candidates.max { (plan.slots[$0].width, $1) < (plan.slots[$1].width, $0) }
      if let chosen {
        free[rows]?.removeAll { $0 == chosen }
        plan.slots[chosen].width = max(plan.slots[chosen].width, width)
        plan.slots[chosen].constant = max(plan.slots[chosen].constant, constant)
        plan.slots[chosen].tenants.append(tenant)
        return chosen
      }
      plan.slots.append(Slot(rows: rows, width: width, constant: constant, tenants: [tenant]))
      return plan.slots.count - 1
    }

    for (time, step) in steps.enumerated() {
      for id in step.flatMap({ $0.outputs.compactMap { $0 } }) where isPlaced(id) {
        let home = root(id).0
        guard slotOf[home] == nil else { continue }
        let value = graph[home]
        slotOf[home] = take(
          value.type.rows, width: stride(of: home), tenant: value.name, in: &self)
      }
      var taken: [Int] = []
      for node in step {
        let own = (requests[node.id] ?? []).map { request in
          take(
            request.rows, width: request.width, constant: request.constant,
            tenant: "\(node.name) \(request.name)", in: &self)
        }
        scratch[node.id] = own
        taken += own
      }
      for slot in taken { free[slots[slot].rows, default: []].append(slot) }
      for (home, slot) in slotOf.sorted(by: { $0.key.index < $1.key.index }) where lastUse[home] == time {
        free[slots[slot].rows, default: []].append(slot)
        lastUse[home] = nil
      }
    }

    for node in steps.joined() {
      for id in node.inputs + node.outputs.compactMap({ $0 }) where isPlaced(id) && placements[id] == nil {
        let (home, column) = root(id)
        guard let slot = slotOf[home] else { continue }
        placements[id] = Placement(
          slot: slot, column: column, stride: stride(of: home))
      }
    }
  }
}
