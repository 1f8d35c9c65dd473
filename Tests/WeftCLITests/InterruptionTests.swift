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

  // MARK: Sparse sharing

  private static let sparse =
    "sharing: {kind: sparse, warmup: 3, prune: {final: 0.2, rounds: 4, epochs: 4, patience: none}}"

  private static let straightSparse = Swift.Result {
    let folder = try TemporaryFolder()
    let spec = try folder.write(
      "sample.yaml", SampleSpec.text(training: "epochs: 6, patience: none, save-every: 7", more: sparse))
    let result = try Weft.run(["train", spec, "-o", folder.path + "/run", "--quiet"])
    #expect(result.status == 0, "\(result.errors)")
    return folder
  }

  /// Files that equal runs have in common, by path.
  private func artefacts(_ run: URL) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: run.path)
    where !path.hasSuffix("timing.json") && (path.hasSuffix(".safetensors") || path.hasSuffix(".json")) {
      files[path] = try Data(contentsOf: run.appendingPathComponent(path))
    }
    return files
  }

  @Test(arguments: [1, 2])
  func killsInAnyStageOfSparseSharingChangeNothing(jobs: Int) throws {
    let straight = try Self.straightSparse.get()
    let spec = straight.path + "/sample.yaml"
    let folder = try TemporaryFolder()
    let run = folder.path + "/run"
    var random = SystemRandomNumberGenerator()
    var kills = 0
    var isFinished = false
    let states = ["", "/warmup", "/prune/pos", "/prune/ner"].map { run + $0 + "/state.safetensors" }
    while kills < 25, !isFinished {
      let before = states.map(modificationTime)
      let command = ["train", spec, "-o", run, "--quiet", "--jobs", String(jobs)]
      let hasBegun = before.contains { $0 != nil }
      let training = try Weft.start(command + [hasBegun ? "--resume" : "--replace"])
      wait { states.map(modificationTime) != before || !training.process.isRunning }
      usleep(UInt32.random(in: 0...60_000, using: &random))
      kill(training.process.processIdentifier, SIGKILL)
      let result = training.finish()
      if result.wasKilled { kills += 1 }
      isFinished = !result.wasKilled
      #expect(result.wasKilled || result.status == 0, "\(result.errors)")
    }
    #expect(kills >= 5)
    if !isFinished {
      let last = try Weft.run(["train", spec, "-o", run, "--resume", "--quiet"])
      #expect(last.status == 0, "\(last.errors)")
    }
    let expected = try artefacts(straight.url.appendingPathComponent("run"))
    #expect(expected.count > 25)
    let found = try artefacts(folder.url.appendingPathComponent("run"))
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (path, data) in expected { #expect(found[path] == data, "\(path)") }
  }

  @Test func aSignalInAStageSaysHowToGoOn() throws {
    let straight = try Self.straightSparse.get()
    let spec = straight.path + "/sample.yaml"
    let folder = try TemporaryFolder()
    let run = try Weft.start(["train", spec, "-o", folder.path + "/run", "--jobs", "2"])
    wait { run.text("errors").contains("prune pos") }
    kill(run.process.processIdentifier, SIGINT)
    let result = run.finish()
    #expect(result.status == 130, "\(result.errors)")
    #expect(result.errors.contains("weft train \(spec) -o \(folder.path)/run --jobs 2 --resume"))
    #expect(try Weft.run(["train", spec, "-o", folder.path + "/run", "--resume"]).status == 0)
    let expected = try artefacts(straight.url.appendingPathComponent("run"))
    let found = try artefacts(folder.url.appendingPathComponent("run"))
    for (path, data) in expected { #expect(found[path] == data, "\(path)") }
  }
}
