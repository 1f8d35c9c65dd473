/// How the process ends; numbers from 64 on are those of `sysexits.h`.
enum ExitStatus: Int32, CaseIterable {
  case success = 0
  case failure = 1
  case usage = 2
  case badInput = 65
  case unavailable = 69
  case internalError = 70
  case system = 71
  case inputOutput = 74
  case interrupted = 130
  case terminated = 143

  var meaning: String {
    switch self {
    case .success: "success"
    case .failure: "the work could not be done, e.g. training diverged"
    case .usage: "arguments that make no sense"
    case .badInput: "a spec, corpus, checkpoint or library that cannot be used"
    case .unavailable: "no C compiler, or an instruction set that this processor lacks"
    case .internalError: "a mistake in Weft itself; please report it"
    case .system: "out of memory"
    case .inputOutput: "a file cannot be read or written, or the disk is full"
    case .interrupted: "stopped by Ctrl-C; training saves its state first"
    case .terminated: "stopped by SIGTERM, likewise"
    }
  }

  /// A paragraph of help.
  static var documentation: String {
    "EXIT CODES:\n"
      + allCases.map { status in
        let code = String(status.rawValue)
        return "  " + code + String(repeating: " ", count: 5 - code.count) + status.meaning
      }.joined(separator: "\n")
  }
}
