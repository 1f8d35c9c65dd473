import Testing

@testable import WeftCodegen

@Suite struct CostTableTests {
  @Test func theBuiltInTableIsSound() throws {
    let table = try #require(CostTable.builtIn)
    // Whatever a package is made for has a dense form and sparse ones to choose from.
    for (set, forms) in [
      (InstructionSet.avx512vnni, [MatrixForm.bf16, .int8, .blocks, .packed]),
      (.avx512, [.f32, .blocks, .packed]), (.avx2, [.f32, .blocks, .packed]),
      (.portable, [.f32, .blocks, .packed]),
    ] {
      for form in forms { #expect((table[set, form]?.perKiB ?? 0) > 0, "\(set) \(form)") }
    }
  }

  @Test func textGoesAndComesBack() throws {
    let table = try #require(CostTable.builtIn)
    #expect(try CostTable(table.text(heading: "Two\nlines"), path: "x") == table)
  }

  /// The fit finds the costs that times were made from, and none below nothing.
  @Test(arguments: [(4.5, 1.5), (6.0, 0.0), (0.0, 2.0)]) func fitting(perKiB: Double, perVector: Double) {
    let measurement = CostMeasurement(sets: [.avx2, .portable])
    let times = measurement.cases.map { entry in
      entry.set == .avx2
        ? CostTable.Cost(perKiB: perKiB, perVector: perVector).time(
          bytes: entry.bytes, columns: entry.columns)
        : -1
    }
    let table = measurement.table(fitting: times)
    for form in MatrixForm.allCases {
      let cost = table[.avx2, form] ?? CostTable.Cost(perKiB: -1, perVector: -1)
      #expect(abs(cost.perKiB - perKiB) < 1e-6 && abs(cost.perVector - perVector) < 1e-6)
      // What the processor cannot run has no costs.
      #expect(table[.portable, form] == nil)
    }
  }

  /// Packed weights are measured where a tenth, a quarter and about a half are left, in windows as masks by chance have.
  @Test func densitiesOfPackedWeights() throws {
    let measurement = CostMeasurement(sets: [.portable])
    let cases = measurement.cases.filter { $0.form == .packed && $0.columns == 800 && $0.inputs == 200 }
    try #require(cases.count == 3)
    for (entry, density) in zip(cases, [0.1, 0.25, 0.45]) {
      // Of 16 columns the fullest needs four turns a window, and the window is not much emptier than that.
      let turns = Double(4 * entry.kept)
      #expect(turns > 200 * density && turns < 200 * density + 25)
      #expect(entry.bytes == 50 * entry.kept * (64 + 256 + 2))
      #expect(
        try measurement.file(named: "tune").contents.contains(
          "place_windows(words, 800, 200, \(entry.kept));"))
    }
  }

  @Test(
    arguments: [
      ("avx512 f32 1", 1, "3 words, not 4"),
      ("# fine\n\navx513 f32 1 2", 3, "'avx513' is no instruction set"),
      ("avx512 fp32 1 2", 1, "'fp32' is no form of a matrix"),
      ("avx512 f32 1 two", 1, "'1 two' are not two costs"),
      ("avx512 f32 -1 2", 1, "'-1 2' are not two costs"),
      ("avx512 f32 nan 2", 1, "'nan 2' are not two costs"),
      ("avx512 f32 1 2\navx512 blocks 1 2\navx512 f32 1 2 # again", 3, "f32 on avx512 is here twice"),
    ])
  func mistakesAreLocated(text: String, line: Int, message: String) {
    do throws(CostTable.Failure) {
      _ = try CostTable(text, path: "costs.txt")
      Issue.record("no error")
    } catch {
      #expect(error.description == "costs.txt:\(line): \(message)")
      #expect(!error.help.isEmpty)
    }
  }
}
