import Foundation

/// Names for what is being written and not yet in its place: `.<final name>.<machine>-<process>-<number>.tmp`.
///
/// A process that is killed leaves its temporaries behind; the name tells the next writer whose they were.
package enum Temporary {
  /// A name that no other writer uses, in this process or another.
  package static func name(for finalName: String) -> String {
    "\(prefix(finalName))\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 16)).tmp"
  }

  /// Removes temporaries of a final name whose process, on this machine, is no more.
  package static func sweep(_ folder: String, for finalName: String) {
    let prefix = prefix(finalName)
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return }
    for name in names where name.hasPrefix(prefix) && name.hasSuffix(".tmp") {
      guard let process = pid_t(name.dropFirst(prefix.count).prefix { $0 != "-" }), process != getpid() else {
        continue
      }
      // Signal 0 only asks whether the process is there.
      if kill(process, 0) != 0, errno == ESRCH {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
      }
    }
  }

  private static func prefix(_ finalName: String) -> String { ".\(finalName).\(machine)-" }

  /// Process ids mean something on one machine only, and folders may be shared.
  private static let machine: String = {
    let letters = ProcessInfo.processInfo.hostName.unicodeScalars.filter {
      $0.isASCII && CharacterSet.alphanumerics.contains($0)
    }
    return String(String.UnicodeScalarView(letters.prefix(32)))
  }()
}
