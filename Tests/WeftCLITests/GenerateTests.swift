import Foundation
import Testing

struct GenerateTests {
  @Test func equalSpecsGiveEqualBytes() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    var texts: [[String]] = []
    for name in ["a", "b"] {
      let result = try Weft.run(["generate", spec, "-o", folder.path + "/" + name])
      #expect(result.status == 0, "\(result.errors)")
      let files = result.output.split(separator: "\n").map { URL(fileURLWithPath: String($0)) }
      #expect(files.map(\.lastPathComponent).contains("sample.c"))
      #expect(files.map(\.lastPathComponent).contains("sample-train.c"))
      #expect(files.map(\.lastPathComponent).contains("sample.json"))
      texts.append(try files.map { try String(contentsOf: $0, encoding: .utf8) })
    }
    #expect(texts[0] == texts[1])
    // Nothing of the machine gets into the code.
    #expect(!texts[0].contains { $0.contains(folder.path) })
  }

  @Test func instructionSetsNarrowTheCode() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    #expect(try Weft.run(["generate", spec, "-o", folder.path, "--isa", "portable"]).status == 0)
    let code = try folder.text("sample.c")
    #expect(code.contains("__portable"))
    #expect(!code.contains("__avx512"))
    let unknown = try Weft.run(["generate", spec, "--isa", "sse9"])
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("sse9"))
  }
}
