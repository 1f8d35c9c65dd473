import Foundation
import Testing

/// A run that is stopped, in whatever way, goes on to the bytes of a run that was not.
@Suite(.serialized) struct InterruptionTests {
  private static let training = "epochs: 80, patience: none, save-every: 7"

  /// The run that nothing interrupts.
  private static let straight = Swift.Result {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text(training: training))
    let result = try Weft.run(["train", spec, "-o", folder.path + "/run", "--quiet"])
    #expect(result.status == 0, "\(result.errors)")
    return folder
  }

  private func expectEqual(
    _ run: URL, to straight: TemporaryFolder, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for file in ["model.safetensors", "best.safetensors", "state.safetensors", "results.json"] {
      let expected = try Data(contentsOf: straight.url.appendingPathComponent("run/\(file)"))
      let found = try Data(contentsOf: run.appendingPathComponent(file))
      #expect(expected == found, "\(file)", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalSavesAndSaysHowToGoOn(signal: Int32) throws {
    let straight = try Self.straight.get()
    let spec = straight.path + "/sample.yaml"
    let folder = try TemporaryFolder()
    let run = try Weft.start(["train", spec, "-o", folder.path + "/run"])
    wait { run.text("errors").contains("epoch 2  ") }
    kill(run.process.processIdentifier, signal)
    let result = run.finish()
    #expect(result.status == (signal == SIGINT ? 130 : 143))
    #expect(!result.wasKilled)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("weft train \(spec) -o \(folder.path)/run --resume"))
    #expect(!folder.contents.contains("run/model.safetensors"))
    #expect(try Weft.run(["train", spec, "-o", folder.path + "/run", "--resume"]).status == 0)
    try expectEqual(folder.url.appendingPathComponent("run"), to: straight)
  }

  @Test func fiftyKillsAtAnyMomentChangeNothing() throws {
    let straight = try Self.straight.get()
    let spec = straight.path + "/sample.yaml"
    let folder = try TemporaryFolder()
    let state = folder.path + "/run/state.safetensors"
    // Where in time a kill falls is up to the machine; what must hold does not depend on it.
    var random = SystemRandomNumberGenerator()
    var kills = 0
    var isFinished = false
    while kills < 50, !isFinished {
      let before = modificationTime(state)
      let run = try Weft.start(
        ["train", spec, "-o", folder.path + "/run", before == nil ? "--replace" : "--resume", "--quiet"])
      if kills % 5 == 4 {
        // While it reads, compiles or loads.
        usleep(UInt32.random(in: 0...200_000, using: &random))
      } else {
        // Some steps after its first save, or while it saves.
        wait { modificationTime(state) != before || !run.process.isRunning }
        usleep(UInt32.random(in: 0...20_000, using: &random))
      }
      kill(run.process.processIdentifier, SIGKILL)
      let result = run.finish()
      if result.wasKilled { kills += 1 }
      isFinished = !result.wasKilled
      #expect(result.wasKilled || result.status == 0, "\(result.errors)")
    }
    #expect(kills >= 20)
    if !isFinished {
      let last = try Weft.run(["train", spec, "-o", folder.path + "/run", "--resume", "--quiet"])
      #expect(last.status == 0, "\(last.errors)")
    }
    try expectEqual(folder.url.appendingPathComponent("run"), to: straight)
    #expect(!folder.contents.contains { $0.hasSuffix(".tmp") }, "\(folder.contents)")
  }

  /// Waits until something is so, a minute at most.
  private func wait(_ condition: () -> Bool) {
    let deadline = Date(timeIntervalSinceNow: 60)
    while !condition(), Date() < deadline { usleep(1000) }
  }

  private func modificationTime(_ path: String) -> Date? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
  }
}
