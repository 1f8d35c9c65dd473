import CWeftABI

/// A tagger with weights, packed for an instruction set and never changed: any number of sessions, on any
/// threads, share one.
///
/// Sound to share: generated code takes the model as a pointer to const, and nothing here changes after
/// `init`.
public final class Model: @unchecked Sendable {
  public let library: InferenceLibrary
  /// The instruction set that was chosen, e.g. `avx512`.
  public let instructionSet: String
  public var tables: LibraryTables { library.tables }
  let pointer: OpaquePointer
  private let memory: AlignedMemory
  /// Kept because generated code may read tables of it in place.
  private let parameters: ParameterBlock

  /// Packs parameters.
  ///
  /// - Parameters:
  ///   - parameters: a block with the library's parameter table.
  ///   - instructionSet: a name from `tables.instructionSets`; nil for the best that this processor runs.
  /// - Throws: `.invalidInput` if the block is of another network, `.notSupported`, `.outOfMemory`.
  public init(
    library: InferenceLibrary, parameters: ParameterBlock, instructionSet: String? = nil
  ) throws(RuntimeError) {
    try library.tables.checkLayout(of: parameters)
    if let instructionSet, !library.tables.instructionSets.contains(instructionSet) {
      throw RuntimeError(
        .notSupported,
        "\(library.url.lastPathComponent) was not generated for the instruction set `\(instructionSet)`; "
          + "it has \(library.tables.instructionSets.joined(separator: ", ")).")
    }
    let table = library.functions.table
    let size = table.model_size()
    let memory = try AlignedMemory(byteCount: size, for: "the model")
    var model: OpaquePointer?
    let status: weft_status
    if let instructionSet {
      status = table.model_open(memory.address, size, parameters.address, instructionSet, &model)
    } else {
      status = table.model_open(memory.address, size, parameters.address, nil, &model)
    }
    try status.check("opening a model for \(instructionSet ?? "any instruction set")", in: library.url)
    guard let model else {
      throw RuntimeError(.libraryUnusable, "\(library.url.lastPathComponent) opened no model.")
    }
    self.library = library
    self.parameters = parameters
    self.memory = memory
    pointer = model
    self.instructionSet = table.model_isa(model).map { String(cString: $0) } ?? ""
  }

  /// Size of the packed weights in bytes.
  public var byteCount: Int { memory.bytes.count }
}

extension LibraryTables {
  /// - Throws: `.invalidInput` unless a block has this library's parameters at the same places.
  func checkLayout(of block: ParameterBlock) throws(RuntimeError) {
    let isEqual =
      block.count == parameterFloats && block.table.count == parameters.count
      && zip(block.table, parameters).allSatisfy {
        $0.name == $1.name && $0.offset == $1.offset && $0.rows == $1.rows && $0.columns == $1.columns
      }
    guard isEqual else {
      throw RuntimeError(
        .invalidInput, "The parameters are not laid out as the library `\(name)` needs them.")
    }
  }
}
