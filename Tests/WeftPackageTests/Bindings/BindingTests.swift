import Testing

@testable import WeftPackage

struct BindingTests {
  private func text(_ files: [PackageFile], _ path: String) throws -> String {
    String(decoding: try #require(files.first { $0.path == path }).bytes, as: UTF8.self)
  }

  private func files(_ tagger: TaggerInterface = .sample()) throws -> [PackageFile] {
    let all = Set(PackageBinding.allCases)
    return try PackageBinding.allCases.flatMap { try $0.files(tagger, among: all) }
  }

  @Test func noPlaceholderIsLeft() throws {
    let files = try files()
    #expect(Set(files.map(\.path)).count == files.count)
    for file in files {
      let text = String(decoding: file.bytes, as: UTF8.self)
      #expect(text.firstMatch(of: /@[A-Z][A-Z_]*@/) == nil, "\(file.path)")
      #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"), "\(file.path)")
    }
  }

  @Test func signsOfOtherLanguagesStay() throws {
    let makefile = try text(files(), "Makefile")
    #expect(makefile.contains("$(AR) rcs $@ $(OBJECTS)"))
    #expect(makefile.contains("'s|@prefix@|$(PREFIX)|'"))
    #expect(try text(files(), "python/ewt_hard/__init__.py").contains("    @property\n"))
  }

  @Test func anUnknownPlaceholderIsAnError() throws {
    #expect(throws: PackageError.self) { try BindingTemplate("c/Makefile").render(["NAME": "x"]) }
    #expect(throws: PackageError.self) { try BindingTemplate("c/missing") }
  }

  @Test func versionTellsHashesAndScores() throws {
    let main = try text(files(), "cli/ewt-hard-main.c")
    #expect(main.contains(#""architecture  0123456789abcdef\n""#))
    #expect(main.contains(#""scores        dev  pos 95.12  ner 50.00  mean 72.56\n""#))
    #expect(!main.contains("scores        test"))
  }

  @Test func literalsOfCAreASCII() {
    #expect(CBinding.literal("a\"b\\c\n") == #""a\"b\\c\n""#)
    #expect(CBinding.literal("??=é1") == #""\?\?=\303\2511""#)
  }

  @Test func swiftNamesAreDistinctAndLegal() {
    var names = SwiftNames()
    let texts = [
      "B-PER", "B_PER", "PRP$", ".", ",", "``", "''", "in", "self", "O", "1st", "-LRB-", "東", "_",
      "nsubj:pass", "all",
      "Type", "", " ",
    ]
    let found = texts.map { names.member($0) }
    #expect(Set(found).count == texts.count)
    #expect(found[0] == "B_PER")
    #expect(found[1] == "B_PER_2")
    #expect(found[2] == "PRPDollar")
    #expect(found[3] == "period")
    #expect(found[5] == "backquoteBackquote")
    #expect(found[7] == "`in`")
    #expect(found[10] == "_1st")
    #expect(found[14] == "nsubj_pass")
    #expect(found[15] == "all_")
    for name in found {
      #expect(name.wholeMatch(of: /`[a-z]+`|[A-Za-z_][A-Za-z0-9_]*/) != nil, "\(name)")
    }
  }

  @Test func typesAreNamedAfterTasks() throws {
    let tags = try text(files(), "Sources/EwtHard/Tags.swift")
    #expect(tags.contains("public enum PosTag: Int32, TaskTag {"))
    #expect(tags.contains("  /// `PRP$`\n  case PRPDollar = 1\n"))
    #expect(tags.contains("  /// `B-PER`\n  case B_PER = 1\n"))
    #expect(SwiftBinding.firstTagType(.sample()) == "PosTag")
  }

  @Test(arguments: [
    ("ewt-hard", "ewt_hard", "EwtHard"), ("a.b c", "a_b_c", "ABC"), ("2nd", "_2nd", "Tagger2nd"),
    ("é", "_", "Tagger"),
  ])
  func namesFitTheirLanguages(name: String, prefix: String, module: String) {
    let names = PackageNames(name)
    #expect(names.prefix == prefix && names.module == module && names.upper == prefix.uppercased())
  }

  @Test(arguments: ["test", "All", "class", "swift"])
  func namesThatWouldBeInTheWayAreRefused(name: String) {
    let error = #expect(throws: PackageError.self) { try PackageNames(name).check() }
    #expect(error?.kind == .model && error?.message.contains("'\(name)'") == true)
  }

  @Test func otherNamesAreFree() throws {
    for name in ["ner", "tests", "ewt-hard", "_x"] { try PackageNames(name).check() }
  }

  @Test func theReadmeNamesWhatIsThere() throws {
    let only = try PackageReadme.file(.sample(), bindings: [.c], licences: [])
    let text = String(decoding: only.bytes, as: UTF8.self)
    #expect(text.contains("| dev | 95.12 | 50.00 | 72.56 |"))
    #expect(!text.contains("Python") && !text.contains("CMake") && !text.contains("## Swift"))
    let all = try PackageReadme.file(
      .sample(), bindings: Set(PackageBinding.allCases),
      licences: [LicenceFile(name: "data-LICENSE.txt", bytes: [])])
    let whole = String(decoding: all.bytes, as: UTF8.self)
    #expect(whole.contains("pip wheel ./python") && whole.contains("ewt-hard::ewt-hard"))
    #expect(whole.contains("- `LICENSES/data-LICENSE.txt`\n"))
  }
}
