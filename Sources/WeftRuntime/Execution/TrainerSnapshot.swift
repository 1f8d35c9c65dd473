import CWeftABI

/// Everything that a trainer knows, copied: a trainer that takes it goes on bit for bit.
public struct TrainerSnapshot: Sendable, Equatable {
  /// Raw: rows that have missed updates stay as they are.
  public var parameters: ParameterBlock
  /// Momentum, or Adam's m.
  public var firstMoments: ParameterBlock
  /// Adam's v; nil without Adam.
  public var secondMoments: ParameterBlock?
  /// Updates so far, by parameter in the order of the table.
  public var clocks: [Int64]
  /// Of each row-sparse parameter: the updates that each row has missed since the last catch-up.
  public var rowLags: [String: [Int32]]
  /// Of each row-sparse parameter: [length × 4], row k maps (w, v) over the last k + 1 updates.
  public var lagTables: [String: [Double]]

  public init(
    parameters: ParameterBlock, firstMoments: ParameterBlock, secondMoments: ParameterBlock? = nil,
    clocks: [Int64], rowLags: [String: [Int32]] = [:], lagTables: [String: [Double]] = [:]
  ) {
    self.parameters = parameters
    self.firstMoments = firstMoments
    self.secondMoments = secondMoments
    self.clocks = clocks
    self.rowLags = rowLags
    self.lagTables = lagTables
  }
}

extension TrainerState {
  /// Copies the whole state, for a checkpoint that training can resume from.
  public func export() throws(RuntimeError) -> TrainerSnapshot {
    let parameters = try block(at: try address(functions.parameters(pointer), "parameters"))
    let first = try block(at: try address(functions.first_moments(pointer), "first moments"))
    var second: ParameterBlock?
    if hasSecondMoments {
      second = try block(at: try address(functions.second_moments(pointer), "second moments"))
    }
    let count = tables.parameters.count
    let clocks = try address(functions.clocks(pointer), "clocks")
    var snapshot = TrainerSnapshot(
      parameters: parameters, firstMoments: first, secondMoments: second,
      clocks: Array(UnsafeBufferPointer(start: clocks, count: count)))
    for (index, parameter) in tables.parameters.enumerated() where parameter.isRowSparse {
      // A frozen or densely updated table has no lags.
      guard let lags = functions.row_lags(pointer, UInt32(index)) else { continue }
      snapshot.rowLags[parameter.name] = Array(UnsafeBufferPointer(start: lags, count: parameter.rows))
      var length: Int32 = 0
      let table = functions.lag_table(pointer, UInt32(index), &length)
      guard length >= 0, Int(length) <= library.lagCapacity, length == 0 || table != nil else {
        throw RuntimeError(.libraryUnusable, "The library shows a table of \(length) missed updates.")
      }
      snapshot.lagTables[parameter.name] = Array(UnsafeBufferPointer(start: table, count: 4 * Int(length)))
    }
    return snapshot
  }

  /// Replaces the whole state. Gradients are left as they are; clear them before the next backward pass.
  ///
  /// - Throws: `.invalidInput` if the snapshot is of another network or optimiser, or contradicts itself;
  ///   the trainer
  ///   is then unchanged.
  public func restore(_ snapshot: TrainerSnapshot) throws(RuntimeError) {
    try check(snapshot)
    copy(snapshot.parameters, to: try address(functions.parameters(pointer), "parameters"))
    copy(snapshot.firstMoments, to: try address(functions.first_moments(pointer), "first moments"))
    if let second = snapshot.secondMoments {
      copy(second, to: try address(functions.second_moments(pointer), "second moments"))
    }
    try address(functions.clocks(pointer), "clocks").update(
      from: snapshot.clocks, count: snapshot.clocks.count)
    for (index, parameter) in tables.parameters.enumerated() {
      guard let lags = snapshot.rowLags[parameter.name], let table = snapshot.lagTables[parameter.name] else {
        continue
      }
      try functions.set_lag_length(pointer, UInt32(index), Int32(table.count / 4))
        .check("restoring missed updates", in: library.url)
      try address(functions.row_lags(pointer, UInt32(index)), "missed updates").update(
        from: lags, count: lags.count)
      var length: Int32 = 0
      if let target = functions.lag_table(pointer, UInt32(index), &length), Int(length) * 4 == table.count {
        target.update(from: table, count: table.count)
      } else if !table.isEmpty {
        throw RuntimeError(.libraryUnusable, "The library shows no table of missed updates.")
      }
    }
    changed()
  }

  /// Lags index tables in C, so that none may be beyond its table's end.
  private func check(_ snapshot: TrainerSnapshot) throws(RuntimeError) {
    try tables.checkLayout(of: snapshot.parameters)
    try tables.checkLayout(of: snapshot.firstMoments)
    if let second = snapshot.secondMoments { try tables.checkLayout(of: second) }
    guard (snapshot.secondMoments != nil) == hasSecondMoments else {
      throw RuntimeError(
        .invalidInput,
        hasSecondMoments
          ? "The state is of a training without Adam; this training uses Adam."
          : "The state is of a training with Adam; this training uses another optimiser.")
    }
    guard snapshot.clocks.count == tables.parameters.count, snapshot.clocks.allSatisfy({ $0 >= 0 }) else {
      throw RuntimeError(
        .invalidInput, "The state's clocks are not those of \(tables.parameters.count) parameters.")
    }
    for (index, parameter) in tables.parameters.enumerated() {
      let isLazy = parameter.isRowSparse && functions.row_lags(pointer, UInt32(index)) != nil
      let (lags, table) = (snapshot.rowLags[parameter.name], snapshot.lagTables[parameter.name])
      guard isLazy == (lags != nil), isLazy == (table != nil) else {
        throw RuntimeError(
          .invalidInput, "The state does not say which updates rows of \(parameter.name) missed.")
      }
      guard let lags, let table else { continue }
      let length = table.count / 4
      guard table.count % 4 == 0, length <= library.lagCapacity, lags.count == parameter.rows,
        lags.allSatisfy({ $0 >= 0 && Int($0) <= length })
      else {
        throw RuntimeError(
          .invalidInput, "The state's missed updates of \(parameter.name) contradict each other.")
      }
    }
    for name in snapshot.rowLags.keys where !tables.parameters.contains(where: { $0.name == name }) {
      throw RuntimeError(.invalidInput, "The state has missed updates of \(name), which is no parameter.")
    }
  }
}
