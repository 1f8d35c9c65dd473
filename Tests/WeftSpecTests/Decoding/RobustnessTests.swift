import Testing
import WeftSpec

/// Damaged specs give diagnostics, whatever the damage.
@Suite struct RobustnessTests {
  static func load(_ text: String) -> [Diagnostic] {
    do {
      return try SpecSamples.load(text).diagnostics
    } catch {
      return error.diagnostics
    }
  }

  @Test func everyPrefixOfASpec() {
    let text = SpecSamples.everything
    var failures = 0
    for count in stride(from: 0, to: text.unicodeScalars.count, by: 11) {
      let diagnostics = Self.load(String(text.unicodeScalars.prefix(count)))
      if diagnostics.contains(where: { $0.severity == .error }) { failures += 1 }
      for diagnostic in diagnostics { #expect(!diagnostic.description.isEmpty) }
    }
    // Most prefixes lack the tasks or the end of something.
    #expect(failures > 60)
  }

  @Test func charactersOutOfPlace() {
    let scalars = Array(SpecSamples.everything.unicodeScalars)
    let strays: [Unicode.Scalar] = [
      "{", "]", ":", "\t", "\"", "&", "*", "!", "%", "|", "\n", "-", "\u{0}", "\u{F8FA}", "é",
    ]
    var state: UInt64 = 2019
    for _ in 0..<400 {
      // The multiplier of Knuth's MMIX generator.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var damaged = scalars
      let place = Int(state >> 33) % damaged.count
      let stray = strays[Int(state >> 20 & 0xFFF) % strays.count]
      if state >> 32 & 1 == 0 { damaged[place] = stray } else { damaged.insert(stray, at: place) }
      var view = String.UnicodeScalarView()
      view.append(contentsOf: damaged)
      for diagnostic in Self.load(String(view)) {
        #expect(diagnostic.description.contains("spec.yaml"))
      }
    }
  }
}
