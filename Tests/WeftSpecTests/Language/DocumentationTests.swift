import Foundation
import Testing
import WeftSpec

/// `docs/spec.md` is tested: its examples load, and its reference is the one that the code writes.
@Suite struct DocumentationTests {
  static let file = Goldens.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("docs/spec.md")
  static let marker = "see MarkdownReference.swift. -->\n\n"

  @Test func referenceIsUpToDate() throws {
    let text = try String(contentsOf: Self.file, encoding: .utf8)
    let introduction = try #require(text.range(of: Self.marker)).upperBound
    let expected = text[..<introduction] + SpecLanguage.markdownReference()
    let difference = try Goldens.difference(String(expected), with: Self.file)
    #expect(difference == nil, "docs/spec.md is out of date; write it with WEFT_RECORD=1 swift test")
  }

  static func examples() throws -> [String] {
    let text = try String(contentsOf: file, encoding: .utf8)
    return text.components(separatedBy: "```yaml\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
  }

  @Test func thereAreExamples() throws {
    #expect(try Self.examples().count >= 7)
  }

  @Test(arguments: try examples()) func exampleLoads(example: String) throws {
    var text = example
    if !text.hasPrefix("weft: 1\n") {
      text = "weft: 1\n" + (text.contains("extends:") ? "" : "extends: base.yaml\n") + text
    }
    let loader = SpecLoader(files: .memory(["spec.yaml": text, "base.yaml": SpecSamples.base]))
    switch try loader.document(path: "spec.yaml") {
    case .experiment(let loaded): #expect(loaded.diagnostics.isEmpty)
    case .comparison(let comparison): #expect(comparison.diagnostics.isEmpty)
    }
  }

  /// The diagnostic that the introduction shows is the one that is given.
  @Test func diagnosticIsReal() throws {
    let text = try String(contentsOf: Self.file, encoding: .utf8)
    let shown = try #require(
      text.components(separatedBy: "```text\n").last?.components(separatedBy: "```").first)
    let spec = SpecSamples.base.replacing("  ner: {column: ner, scheme: bio}\n", with: "")
      .replacing("tasks:\n", with: "tasks:\n  ner: {column: ner, scheme: bio, decodr: crf}\n")
    let found = SpecSamples.problems(spec.replacing("name: base\n", with: "name: base\n"))
    #expect(found.replacing("spec.yaml", with: "ewt.yaml") == shown + "1 error")
  }

  /// Each default that the reference shows is what a spec without the key has: naming it changes nothing.
  @Test func defaultsAreTrue() throws {
    let text =
      SpecSamples.base.replacing("    dev: ewt/dev.conll\n", with: "")
      + "network: {encoder: [{}], features: [{column: xpos}]}\n"
    // What is off by default is switched on to be compared.
    let switches = [
      "network.chars": ["network.chars=cnn"], "tasks.pos.decoder": ["tasks.pos.decoder=crf"],
      "sharing.mix": ["sharing=soft"], "sharing.penalties": ["sharing=soft"],
      "sharing.penalties.orthogonality": ["sharing=soft", "sharing.mix={subspaces: 2}"],
      "tasks.pos.head.beta": ["tasks.pos.head.layers=mixture"],
      "sharing.prune": ["sharing=sparse", "data.ewt.dev=dev.conll"],
    ]
    var count = 0
    // A file with a comparison is no spec; its defaults are in `ComparisonTests`.
    for (path, section) in SpecLanguage.sections where !section.isUnion && !path.hasPrefix("compare") {
      // The entries of lists and dictionaries: a corpus, a task, a layer and a feature.
      let place = path.replacing("<corpus>", with: "ewt").replacing("<task>", with: "pos").replacing(
        "<n>", with: "0")
      for key in section.keys {
        var on = switches[place] ?? []
        if let kind = key.readBy.first { on += ["\(place).kind=\(kind)", "data.ewt.dev=dev.conll"] }
        let plain = try SpecSamples.load(text, overrides: on).spec
        guard case .value(let value) = key.presence, value != "{}" else { continue }
        let keyPath = place.isEmpty ? key.name : "\(place).\(key.name)"
        if keyPath == "network.features" || (!on.isEmpty && key.name == "kind") { continue }
        let changed = try SpecSamples.load(text, overrides: on + ["\(keyPath)=\(value)"]).spec
        #expect(changed == plain, "\(keyPath): \(value)")
        count += 1
      }
    }
    #expect(count > 50)
  }
}
