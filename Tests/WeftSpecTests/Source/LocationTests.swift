import Testing
import WeftSpec

@Suite struct LocationTests {
  @Test func laterStagesPointAtTheSpec() throws {
    let files = SpecFiles.memory([
      "base.yaml": SpecSamples.base,
      "spec.yaml": "weft: 1\nextends: base.yaml\ntasks: {ner: {decoder: crf}}\n",
    ])
    let loaded = try SpecLoader(files: files).load(path: "spec.yaml")
    #expect(
      loaded.diagnostic(
        at: "data.ewt.train", "cannot read 'ewt/train.conll': no such file", suggestion: "look again"
      ).description == """
        base.yaml:5:12: error: cannot read 'ewt/train.conll': no such file
              train: ewt/train.conll
                     ^~~~~~~~~~~~~~~
          help: look again
        """)
    #expect(loaded.diagnostic(at: "tasks.ner.decoder", "x").location?.description == "spec.yaml:3:24")
    // What was left to a default is shown at the nearest part around it.
    #expect(loaded.diagnostic(at: "tasks.deprel.scheme", "x").location?.description == "base.yaml:11:3")
    #expect(loaded.diagnostic(at: "data.ewt.train.0", "x").location?.description == "base.yaml:5:12")
    #expect(loaded.diagnostic(at: "limits.tokens", "x").location?.description == "spec.yaml")
    #expect(loaded.locations.isWritten("tasks.ner.scheme"))
    #expect(!loaded.locations.isWritten("tasks.ner.metric"))
  }

  @Test func overridesAreNamed() throws {
    let loaded = try SpecSamples.load(SpecSamples.base, overrides: ["data.ewt.dev=nowhere.conll"])
    let diagnostic = loaded.diagnostic(at: "data.ewt.dev", "no such file", severity: .warning)
    #expect(
      diagnostic.description == """
        --set data.ewt.dev: warning: no such file
          data.ewt.dev=nowhere.conll
                       ^~~~~~~~~~~~~
        """)
  }
}
