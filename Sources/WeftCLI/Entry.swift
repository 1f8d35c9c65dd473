import ArgumentParser
import Foundation

/// Runs a command and turns every way in which it can end into a message and an exit code.
@main
enum Entry {
  static func main() async {
    // Whoever reads our output may stop reading (`weft tag … | head`): end without a word, as other filters do.
    signal(SIGPIPE, SIG_DFL)
    exit(await run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  private static func run(_ arguments: [String]) async -> ExitStatus {
    do {
      var command = try WeftCommand.parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      return .success
    } catch {
      return report(error)
    }
  }

  private static func report(_ error: any Error) -> ExitStatus {
    if let failure = Failure(error) {
      StandardError.write(failure.message)
      return failure.status
    }
    // What is left is the argument parser's: help and version, or arguments that make no sense.
    let message = WeftCommand.fullMessage(for: error)
    if WeftCommand.exitCode(for: error) == .success {
      do {
        try StandardOutput.write(message + "\n")
        return .success
      } catch {
        return report(error)
      }
    }
    StandardError.write(message)
    return .usage
  }
}
