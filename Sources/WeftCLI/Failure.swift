import Foundation
import WeftCodegen
import WeftCorpus
import WeftGraph
import WeftPackage
import WeftRuntime
import WeftSpec
import WeftTrain

/// An error as the person at the terminal gets to see it, and the exit code that scripts get.
struct Failure: Error {
  var status: ExitStatus
  /// Complete lines, without the last line break.
  var message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// One line `error: …`, and what to do about it.
  init(_ status: ExitStatus, error: String, help: String? = nil) {
    self.init(status, "error: \(error)" + (help.map { "\n  help: \($0)" } ?? ""))
  }

  /// Nil for errors of the argument parser.
  init?(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as SpecError: self.init(.badInput, error.description)
    case let error as CorpusError:
      self.init(error.kind == .unreadable ? .inputOutput : .badInput, error.description)
    case let error as GraphError:
      self.init(.badInput, error: "this network cannot be built: \(error)")
    case let error as CodegenError:
      self.init(.internalError, error: "\(error)", help: "this is a mistake in Weft; please report it")
    case let error as CostTable.Failure: self.init(.badInput, error: "\(error)", help: error.help)
    case let error as RuntimeError: self.init(error.kind.status, error: error.message)
    case let error as TrainError: self.init(error.kind.status, error: error.message, help: error.suggestion)
    case let error as PackageError: self.init(error.kind.status, error: error.message, help: error.suggestion)
    case is CancellationError: self.init(.interrupted, error: "interrupted")
    case let error as CocoaError: self.init(.inputOutput, error: error.localizedDescription)
    default: return nil
    }
  }
}

extension RuntimeError.Kind {
  var status: ExitStatus {
    switch self {
    case .compilerMissing, .notSupported: .unavailable
    case .compilerFailed: .internalError
    case .libraryUnusable, .abiMismatch, .invalidInput, .invalidFile, .checkpointMismatch: .badInput
    case .diskFull, .fileAccess: .inputOutput
    case .outOfMemory: .system
    }
  }
}

extension TrainError.Kind {
  var status: ExitStatus {
    switch self {
    case .data, .mismatch: .badInput
    case .diverged: .failure
    case .unreadable, .unwritable: .inputOutput
    }
  }
}

extension PackageError.Kind {
  var status: ExitStatus {
    switch self {
    case .model: .badInput
    case .score, .difference: .failure
    case .file: .inputOutput
    }
  }
}
