import Foundation

/// Where a training stands (`state.safetensors`): all that going on bit for bit needs, and no clock time, so
/// that equal trainings write equal bytes.
public struct TrainingCheckpoint: Sendable, Equatable {
  public var description: CheckpointDescription
  public var state: TrainerSnapshot
  /// Running average of parameters, if the training keeps one.
  public var average: ParameterBlock?
  /// The training loop's own state, as JSON: epoch, sampling, schedule, best score.
  public var loop: String

  private static let format = "weft-state-1"

  public init(
    description: CheckpointDescription, state: TrainerSnapshot, average: ParameterBlock? = nil, loop: String
  ) {
    self.description = description
    self.state = state
    self.average = average
    self.loop = loop
  }

  /// Writes the state, whole or not at all.
  ///
  /// Tensors: `parameter.<name>`, `first_moment.<name>`, `second_moment.<name>`, `average.<name>`, `clock`
  /// [parameters], `row_lag.<name>` [rows], `lag_table.<name>` [length × 4].
  ///
  /// - Throws: `.diskFull`, `.fileAccess`.
  public func write(to url: URL) throws(RuntimeError) {
    var tensors = state.parameters.tensors(prefix: "parameter.")
    tensors += state.firstMoments.tensors(prefix: "first_moment.")
    tensors += state.secondMoments?.tensors(prefix: "second_moment.") ?? []
    tensors += average?.tensors(prefix: "average.") ?? []
    tensors.append(Safetensors.Tensor("clock", shape: [state.clocks.count], .int64(state.clocks)))
    for (name, lags) in state.rowLags {
      tensors.append(Safetensors.Tensor("row_lag.\(name)", shape: [lags.count], .int32(lags)))
    }
    for (name, table) in state.lagTables {
      tensors.append(Safetensors.Tensor("lag_table.\(name)", shape: [table.count / 4, 4], .float64(table)))
    }
    var metadata = description.metadata(format: Self.format)
    metadata["weft.loop"] = loop
    try Safetensors.write(tensors, metadata: metadata, to: url)
  }

  /// Reads a state for a library. Whether it is of the same experiment is `description.check`'s to say, which
  /// should be asked first: `TrainingCheckpoint.description(of:)`.
  ///
  /// - Throws: `.fileAccess`; `.invalidFile` if a tensor is missing, is left over or has another size.
  public init(contentsOf url: URL, tables: LibraryTables) throws(RuntimeError) {
    let file = try Safetensors.File(contentsOf: url)
    description = try CheckpointDescription(file, format: Self.format)
    guard let loop = file.metadata["weft.loop"] else {
      throw RuntimeError(.invalidFile, "\(url.path) lacks the state of the training loop.")
    }
    self.loop = loop
    var unread = Set(file.names)
    func block(_ prefix: String) throws(RuntimeError) -> ParameterBlock {
      var block = try ParameterBlock(tables)
      for info in tables.parameters {
        let name = prefix + info.name
        try block.fill(info, from: file, tensor: name)
        unread.remove(name)
      }
      return try block.reshaped(
        Dictionary(
          uniqueKeysWithValues: try tables.parameters.map { info throws(RuntimeError) in
            (info.name, try file.info(prefix + info.name).shape)
          }))
    }
    func has(_ prefix: String) -> Bool { file.names.contains { $0.hasPrefix(prefix) } }
    state = TrainerSnapshot(
      parameters: try block("parameter."), firstMoments: try block("first_moment."),
      secondMoments: has("second_moment.") ? try block("second_moment.") : nil,
      clocks: try file.int64s("clock"))
    average = has("average.") ? try block("average.") : nil
    unread.remove("clock")
    for info in tables.parameters where info.isRowSparse {
      let (lags, table) = ("row_lag.\(info.name)", "lag_table.\(info.name)")
      guard file.tensors[lags] != nil else { continue }
      state.rowLags[info.name] = try file.int32s(lags)
      state.lagTables[info.name] = try file.doubles(table)
      unread.subtract([lags, table])
    }
    if let name = unread.sorted().first {
      throw RuntimeError(
        .invalidFile, "\(url.path) has the tensor `\(name)`, which this network does not know.")
    }
  }

  /// What a state file says of its experiment.
  public static func description(of url: URL) throws(RuntimeError) -> CheckpointDescription {
    try CheckpointDescription(try Safetensors.File(contentsOf: url), format: format)
  }
}
