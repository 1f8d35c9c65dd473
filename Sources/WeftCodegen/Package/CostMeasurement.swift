/// Measures what products with packed matrices take on a machine, and fits a table of costs to that.
public struct CostMeasurement: Sendable {
  /// A product of one row with a matrix.
  struct Case: Sendable {
    var set: InstructionSet
    var form: MatrixForm
    var columns: Int
    var inputs: Int
    /// What each 16 columns keep: inputs as blocks, windows if packed.
    var kept: Int

    var bytes: Int {
      let vectors = (columns + 15) / 16
      switch form {
      case .f32: return 64 * vectors * inputs
      case .bf16: return 64 * vectors * ((inputs + 1) / 2)
      case .int8: return 64 * vectors * ((inputs + 3) / 4)
      case .blocks: return 66 * vectors * kept
      case .packed: return PackedWindows.bytes * vectors * kept
      case .jointF32, .jointBF16, .jointInt8: return jointLayout?.bytes ?? 0
      }
    }

    /// Weights that a joint matrix holds, nil for other forms.
    var jointWeights: WeightType? { WeightType.allCases.first { form == .joint($0) } }
    var jointLayout: JointLayout? {
      jointWeights.map {
        JointLayout(rows: columns, depth: inputs, weights: $0, groups: CostMeasurement.jointGroups)
      }
    }

    private func jointInstance(_ weights: WeightType) -> KernelInstance {
      KernelInstance(.jointLinear(weights), [columns, inputs, CostMeasurement.jointGroups])
    }

    var instance: KernelInstance {
      switch form {
      case .f32: KernelInstance(.wideLinear(.f32), [columns, inputs])
      case .bf16: KernelInstance(.wideLinear(.bf16), [columns, inputs])
      case .int8: KernelInstance(.wideLinear(.int8), [columns, inputs])
      case .blocks: KernelInstance(.blockSparseLinear, [columns, inputs])
      case .packed: KernelInstance(.packedLinear(.f32), [columns, inputs])
      case .jointF32: jointInstance(.f32)
      case .jointBF16: jointInstance(.bf16)
      case .jointInt8: jointInstance(.int8)
      }
    }
  }

  /// Groups of tasks that share a joint matrix: its costs are for one of them.
  static let jointGroups = 3

  let cases: [Case]
  let sets: [InstructionSet]

  /// Cases: as many as ``file()`` measures, numbered from 0.
  public var count: Int { cases.count }

  /// - Parameter sets: those that the target architecture can have.
  public init(sets: [InstructionSet]) {
    self.sets = sets
    cases = sets.flatMap { set in
      MatrixForm.allCases.flatMap { form -> [Case] in
        [(256, 64), (800, 200), (800, 130), (1024, 128)].flatMap { columns, inputs -> [Case] in
          // Where a mask leaves a tenth, a quarter and about a half.
          let kept =
            switch form {
            case .blocks: [10, 4, 2].map { inputs / $0 }
            case .packed: [10, 25, 45].map { Self.windows(inputs: inputs, percent: $0) }
            default: [inputs]
            }
          return kept.map { Case(set: set, form: form, columns: columns, inputs: inputs, kept: $0) }
        }
      }
    }
  }

  /// Windows that 16 columns take of whose weights so many are left, drawn by chance.
  private static func windows(inputs: Int, percent: Int) -> Int {
    var state: UInt64 = 1
    let columns = (0..<16).map { _ in
      (0..<inputs).filter { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % 100 < percent
      }
    }
    return PackedWindows.count(columns, depth: inputs)
  }

  /// Instruction sets of this machine's architecture.
  public static var hostSets: [InstructionSet] {
    #if arch(arm64)
      [.neon, .portable]
    #else
      [.avx512vnni, .avx512, .avx2, .portable]
    #endif
  }

  /// A C file with `double weft_measure(int32_t number)`: nanoseconds of a case, -1 if the processor cannot run it.
  public func file(named name: String) throws(CodegenError) -> GeneratedFile {
    do {
      return GeneratedFile(name: name + ".c", contents: try source())
    } catch {
      throw .template(error)
    }
  }

  private func source() throws(TemplateError) -> String {
    let instances = Array(Set(cases.map(\.instance)))
    var parts = [try KernelUnit.prelude(for: instances)]
    for set in sets.filter({ $0.base == nil }) + sets.filter({ $0.base != nil }) {
      parts.append(try KernelUnit.source(of: instances, for: set))
    }
    parts.append(try Template(embedded: "runtime/cpu").render([:]))
    parts.append(try Template(embedded: "runtime/cpu_narrow").render([:]))
    parts.append(try Template(embedded: "package/measured_forms").render([:]))
    var lines: [String] = []
    for (number, entry) in cases.enumerated() {
      lines.append("    case \(number):")
      if !entry.set.presence.isEmpty {
        lines += ["        if (!(\(entry.set.presence)1))", "            return -1.0;"]
      }
      if entry.form == .blocks {
        lines.append("        place_blocks(words, \(entry.columns), \(entry.inputs), \(entry.kept));")
      } else if entry.form == .packed {
        lines.append("        place_windows(words, \(entry.columns), \(entry.inputs), \(entry.kept));")
      }
      let symbol = entry.instance.symbol(entry.set)
      if let layout = entry.jointLayout {
        lines.append("        return joint_nanoseconds(\(symbol), \(layout.words)) / \(Self.jointGroups);")
      } else {
        lines.append("        return nanoseconds(\(symbol));")
      }
    }
    // A row of inputs and of results for each group of tasks.
    let words = cases.map { ($0.bytes + 3) / 4 + 2 * $0.columns + 4096 }.max() ?? 1
    parts.append(
      try Template(embedded: "package/measurement").render([
        "GROUPS": "\(Self.jointGroups)", "MOST_INPUTS": "\(cases.map(\.inputs).max() ?? 1)",
        "MOST_COLUMNS": "\(cases.map(\.columns).max() ?? 1)",
        "MOST_WORDS": "\(words)", "CASES": lines.joined(separator: "\n"),
      ]))
    return CLayout.wrap(parts.joined(separator: "\n"))
  }

  /// The table of least squares of relative errors, without costs below nothing.
  ///
  /// - Parameter nanoseconds: of each case; below 0 where the processor cannot run it.
  public func table(fitting nanoseconds: [Double]) -> CostTable {
    var table = CostTable()
    for set in sets {
      for form in MatrixForm.allCases {
        let points = zip(cases, nanoseconds).filter { $0.set == set && $0.form == form && $1 > 0 }
        if !points.isEmpty {
          table[set, form] = Self.fit(
            points.map {
              (x: Double($0.bytes) / 1024 / $1, y: Double(($0.columns + 15) / 16) / $1)
            })
        }
      }
    }
    return table
  }

  /// a and b of a·x + b·y = 1.
  private static func fit(_ points: [(x: Double, y: Double)]) -> CostTable.Cost {
    func sum(_ term: ((x: Double, y: Double)) -> Double) -> Double { points.reduce(0) { $0 + term($1) } }
    let (xx, xy, yy) = (sum { $0.x * $0.x }, sum { $0.x * $0.y }, sum { $0.y * $0.y })
    let (x, y) = (sum { $0.x }, sum { $0.y })
    let determinant = xx * yy - xy * xy
    var cost = CostTable.Cost(perKiB: 0, perVector: 0)
    if determinant > 1e-9 * xx * yy {
      cost = CostTable.Cost(
        perKiB: (x * yy - y * xy) / determinant, perVector: (y * xx - x * xy) / determinant)
    }
    if cost.perVector <= 0 { cost = CostTable.Cost(perKiB: xx > 0 ? x / xx : 0, perVector: 0) }
    if cost.perKiB <= 0 { cost = CostTable.Cost(perKiB: 0, perVector: yy > 0 ? y / yy : 0) }
    return cost
  }
}
