import Foundation
import Testing

/// A run that is stopped, in whatever way, goes on to the bytes of a run that was not.
@Suite(.serialized) struct InterruptionTests {
  private static let training = "epochs: 60, patience: none, save-every: 7"

  private func reference() throws -> (TemporaryFolder, String) {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text(training: Self.training))
    #expect(try Weft.run(["train", spec, "-o", folder.path + "/straight", "--quiet"]).status == 0)
    return (folder, spec)
  }

  private func expectEqualRuns(_ folder: TemporaryFolder, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    for file in ["model.safetensors", "best.safetensors", "state.safetensors", "results.json"] {
      let straight = try Data(contentsOf: folder.url.appendingPathComponent("straight/\(file)"))
      let broken = try Data(contentsOf: folder.url.appendingPathComponent("broken/\(file)"))
      #expect(straight == broken, "\(file)", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalSavesAndSaysHowToGoOn(signal: Int32) throws {
    let (folder, spec) = try reference()
    let run = try Weft.start(["train", spec, "-o", folder.path + "/broken"])
    let deadline = Date(timeIntervalSinceNow: 60)
    while !run.text("errors").contains("epoch 2  "), Date() < deadline { usleep(2000) }
    kill(run.process.processIdentifier, signal)
    let result = run.finish()
    #expect(result.status == (signal == SIGINT ? 130 : 143))
    #expect(!result.wasKilled)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("weft train \(spec) -o \(folder.path)/broken --resume"))
    #expect(!folder.contents.contains("broken/model.safetensors"))
    #expect(try Weft.run(["train", spec, "-o", folder.path + "/broken", "--resume"]).status == 0)
    try expectEqualRuns(folder)
  }

  @Test func fiftyKillsAtAnyMomentChangeNothing() throws {
    let (folder, spec) = try reference()
    // Where in time a kill falls is up to the machine; what must hold does not depend on it.
    var random = SystemRandomNumberGenerator()
    var kills = 0
    var isFinished = false
    while kills < 50, !isFinished {
      let hasState = folder.contents.contains("broken/state.safetensors")
      let start = hasState ? "--resume" : "--replace"
      let run = try Weft.start(["train", spec, "-o", folder.path + "/broken", start, "--quiet"])
      // From the first milliseconds, when data are read, to some epochs later.
      usleep(UInt32.random(in: 1000...400_000, using: &random))
      kill(run.process.processIdentifier, SIGKILL)
      let result = run.finish()
      if result.wasKilled { kills += 1 }
      isFinished = !result.wasKilled && result.status == 0
      #expect(result.wasKilled || result.status == 0, "\(result.errors)")
    }
    if !isFinished {
      let last = try Weft.run(["train", spec, "-o", folder.path + "/broken", "--resume", "--quiet"])
      #expect(last.status == 0, "\(last.errors)")
    }
    #expect(kills > 0)
    try expectEqualRuns(folder)
    #expect(!folder.contents.contains { $0.hasSuffix(".tmp") })
  }
}
