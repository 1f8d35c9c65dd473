/// What goes wrong between generated code and the machine: compilers, libraries, batches, checkpoints, disks.
public struct RuntimeError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, Equatable {
    /// No C compiler, or one that is too old.
    case compilerMissing
    /// The compiler rejected a file, or could not run.
    case compilerFailed
    /// A shared library cannot be opened or lacks its query function.
    case libraryUnusable
    /// The library and this program speak different versions of the step ABI.
    case abiMismatch
    /// A batch, task, label or size that the library does not admit.
    case invalidInput
    /// A file that is damaged or is not of the format it should be.
    case invalidFile
    /// A checkpoint of another network, other data or another recipe.
    case checkpointMismatch
    /// The disk or a quota is full.
    case diskFull
    /// A file cannot be read or written for another reason.
    case fileAccess
    /// Memory cannot be had.
    case outOfMemory
    /// An instruction set that this processor or library lacks.
    case notSupported
  }
  public var kind: Kind
  /// Complete sentences: what is wrong, where, and what to do.
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
  public var description: String { message }
}
