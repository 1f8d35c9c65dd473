import Foundation
import Testing

@testable import WeftCodegen

@Suite struct TemplateTests {
  @Test func placeholdersAreReplaced() throws {
    let template = Template(name: "t", text: "@A@ + @B@ = @A@@B@")
    #expect(try template.render(["A": "1", "B": "2"]) == "1 + 2 = 12")
  }

  @Test func unknownPlaceholder() {
    #expect(throws: TemplateError(template: "t", problem: .unknown("B"))) {
      try Template(name: "t", text: "@A@ @B@").render(["A": "1"])
    }
  }

  @Test func unusedValue() {
    #expect(throws: TemplateError(template: "t", problem: .unused("B"))) {
      try Template(name: "t", text: "@A@").render(["A": "1", "B": "2"])
    }
  }

  @Test func unclosedPlaceholder() {
    #expect(throws: TemplateError(template: "t", problem: .unclosed)) {
      try Template(name: "t", text: "@A@ @").render(["A": "1"])
    }
  }

  @Test func missingTemplate() {
    #expect(throws: TemplateError(template: "no/such", problem: .notFound)) {
      try Template(embedded: "no/such")
    }
  }

  @Test func namesAreContracts() {
    let instance = Kernel.linear(800, 130)
    #expect(instance.baseName == "linear_f32_n800_k130")
    #expect(instance.symbol(.avx512) == "linear_f32_n800_k130__avx512")
    #expect(Kernel.axpy().symbol(.portable) == "axpy_f32__portable")
    #expect(
      Kernel.axpy().pointerDeclaration() == "void (*axpy_f32)(size_t n, float a, const float *x, float *y)")
  }

  /// The embedded copy is what `make templates` writes from the files.
  @Test func embeddedTemplatesAreCurrent() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try Tool.run("/bin/sh", [root.appendingPathComponent("Templates/embed.sh").path])
    let generated = root.appendingPathComponent("Sources/WeftCodegen/Kernels/Templates.generated.swift")
    #expect(try String(contentsOf: generated, encoding: .utf8) == text)
  }
}

@Suite struct RenderingTests {
  private static func unit(_ sets: [InstructionSet]) throws -> String {
    let instances = TestInstances.all
    var text = try KernelUnit.prelude(for: instances) + "\n" + KernelUnit.random()
    for set in sets { text += try "\n" + KernelUnit.source(of: instances, for: set) }
    return text
  }

  @Test func everyKernelIsUnderTest() {
    #expect(Set(Kernel.all).count == Kernel.all.count)
    #expect(Set(TestInstances.all.map(\.kernel)) == Set(Kernel.all))
  }

  @Test func renderingIsDeterministic() throws {
    let once = try KernelUnit.source(of: TestInstances.all, for: .avx2)
    let again = try KernelUnit.source(of: TestInstances.all.reversed() + TestInstances.all, for: .avx2)
    #expect(once == again)
  }

  @Test(.enabled(if: Tool.path("clang-format") != nil, "clang-format is not installed"))
  func renderedTextIsFormatted() throws {
    let text = try Self.unit(InstructionSet.allCases)
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let style = try String(contentsOf: root.appendingPathComponent(".clang-format"), encoding: .utf8)
    let folder = try Tool.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("unit.c")
    try text.write(to: file, atomically: true, encoding: .utf8)
    try style.write(to: folder.appendingPathComponent(".clang-format"), atomically: true, encoding: .utf8)
    let formatted = try Tool.run(Tool.path("clang-format") ?? "", [file.path])
    let differing = zip(text.split(separator: "\n"), formatted.split(separator: "\n")).first { $0 != $1 }
    #expect(differing == nil, "\(differing?.0 ?? "")\nshould be\n\(differing?.1 ?? "")")
    #expect(text == formatted)
  }
}
