import Foundation
import Testing
import WeftSpec

@Suite struct ResolvedTests {
  static let samples = [
    SpecSamples.base, SpecSamples.everything,
    SpecSamples.base + "network: {words: none, chars: cnn, encoder: []}\ntrain: {decay: 0.05, clip: none}\n",
    SpecSamples.base + "train: {schedule: {kind: step, factor: 0.1}, sampling: uniform, optimizer: adam}\n",
    SpecSamples.base + "train: {sampling: round-robin-until-exhausted}\n",
    SpecSamples.base + "  place: {synthetic: position}\ntrain: {sampling: round-robin}\n",
    SpecSamples.base + "sharing: sparse\n",
    SpecSamples.domains,
    SpecSamples.base
      + "sharing: {kind: sparse, warmup: 0, prune: {rate: 0.25, select: {round: 3}, patience: none}, updates: compat}\n",
    SpecSamples.base
      + "sharing: {kind: sparse, masks: a folder, prune: {final: 0.5, select: {density: 0.5}}}\n",
    SpecSamples.base + "sharing: {kind: soft, mix: {learned: false, start: identity}}\n",
    SpecSamples.base
      + "sharing: {kind: soft, embeddings: per-task, mix: {subspaces: 1, start: [[1, 0.5, 0], [-2, 0, 0], [0, 0, 1]], "
      + "entries: [[1, a, 0], [0, a, 0], [b, 0, -1]]}, penalties: {group-lasso: 0.5}}\n",
    SpecSamples.base
      + "sharing: {kind: soft, mix: {subspaces: 2}, penalties: {orthogonality: {weight: 0.1, every: 8}}}\n",
    SpecSamples.base.replacing(
      "  ner: {column: ner, scheme: bio}",
      with:
        "  ner: {column: ner, scheme: bio, head: {layers: mixture, beta: {start: balanced}}}")
      + "sharing: {kind: soft, mix: {subspaces: 2}}\n",
    SpecSamples.base.replacing(
      "  ner: {column: ner, scheme: bio}",
      with:
        "  ner: {column: ner, scheme: bio, head: {layer: 0, layers: concatenation}}"),
    SpecSamples.base + "sharing: {kind: single, masks: {ner: m/ner.safetensors, pos: 'm/p o.safetensors'}}\n",
    SpecSamples.base + "sharing: {masks: {random: 0.5}, prunable: encoder.*}\n",
    SpecSamples.base + "sharing: {masks: {random-like: m}, prunable: ['*.weight_hh_*', x]}\n",
  ]

  @Test(arguments: samples) func yamlLoadsToAnEqualSpec(text: String) throws {
    let spec = try SpecSamples.load(text).spec
    let again = try SpecSamples.load(spec.resolvedYAML())
    #expect(again.spec == spec)
    #expect(again.diagnostics.map(\.message) == (try SpecSamples.load(text).diagnostics.map(\.message)))
    #expect(again.spec.resolvedYAML() == spec.resolvedYAML())
  }

  @Test(arguments: samples) func jsonReadsBackToAnEqualSpec(text: String) throws {
    let spec = try SpecSamples.load(text).spec
    let again = try Spec(resolvedJSON: spec.resolvedJSON())
    #expect(again == spec)
    #expect(again.tasks.map(\.name) == spec.tasks.map(\.name))
    #expect(again.resolvedJSON() == spec.resolvedJSON())
  }

  @Test func jsonIsCanonicalAndPlain() throws {
    let json = try SpecSamples.load(SpecSamples.everything).spec.resolvedJSON()
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(object["seed"] as? Int == 9_007_199_254_740_991)
    let sorted = try JSONSerialization.data(
      withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    // Foundation writes doubles with another number of digits, so numbers are compared by value.
    #expect(
      try JSONSerialization.jsonObject(with: sorted) as? NSDictionary
        == JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary)
    #expect(json.hasPrefix(#"{"data":[{"columns":[{"is":1,"name":"word"},{"is":0,"name":"xpos"}"#))
    #expect(json.contains(#""epsilon":1e-06"#))
    #expect(json.contains(#""unlabelled":["_","0","\"x\"","null"]"#))
    #expect(!json.contains("\n"))
  }

  @Test func defaultsAreSpelledOut() throws {
    let text = SpecSamples.base + "network: {chars: cnn}\n"
    let yaml = try SpecSamples.load(text).spec.resolvedYAML()
    let file = Goldens.folder.appendingPathComponent("Resolved/resolved.yaml.expected")
    let difference = try Goldens.difference(yaml, with: file)
    #expect(difference == nil, Comment(rawValue: difference ?? ""))
  }

  @Test func badJSONIsReported() {
    #expect(throws: SpecError.self) { try Spec(resolvedJSON: "") }
    #expect(throws: SpecError.self) { try Spec(resolvedJSON: "{\"weft\":1}") }
    #expect(throws: SpecError.self) { try Spec(resolvedJSON: "{\"weft\":") }
    #expect(throws: SpecError.self) { try Spec(resolvedJSON: "[1,2]") }
  }

  @Test func numbers() {
    #expect(NumberText.text(5) == "5")
    #expect(NumberText.text(0.1) == "0.1")
    #expect(NumberText.text(1e-8) == "1e-08")
    #expect(NumberText.text(-0.0) == "0")
    #expect(NumberText.text(1e20) == "1e+20")
    #expect(NumberText.text(0.1 + 0.2) == "0.30000000000000004")
  }
}
