/// The choice of an instruction set in a package. Where a library has a constant table of functions for each, a package
/// fills one in when it is opened: constant pointers would have to be relocated, and the code would not be free of
/// data that can be written to.
struct PackageDispatch {
  let source: SourceFile

  func text() -> String {
    let kernels = Set(source.resources.kernels).sorted { $0.baseName < $1.baseName }
    let readsWindows = source.resources.pieces.contains(where: \.isPacked)
    let readsHalves = source.resources.pieces.contains(where: \.isSplit)
    var c = CWriter()
    c.comment("The kernels of one instruction set.")
    c.block("struct kernels", closing: "};") { c in
      c.line("const char *name;")
      if !source.groupFunctions.isEmpty {
        c.line("int steps_jointly; // whether that is faster than one group after the other")
      }
      if readsWindows {
        c.line("int reads_windows; // of weights that are packed, or all weights")
      }
      if readsHalves {
        c.line("int reads_halves; // of weights in single precision that are split, or whole ones")
      }
      for kernel in kernels { c.line(kernel.pointerDeclaration() + ";") }
    }
    c.line()
    for set in source.instructionSets {
      if let condition = set.condition { c.line("#if \(condition)") }
      c.block("static void use_\(set.rawValue)(struct kernels *k)") { c in
        c.line("k->name = \"\(set.rawValue)\";")
        if !source.groupFunctions.isEmpty {
          c.line("k->steps_jointly = \(source.program.matrices.jointSets.contains(set) ? 1 : 0);")
        }
        if readsWindows {
          c.line("k->reads_windows = \(source.program.matrices.windowSets.contains(set) ? 1 : 0);")
        }
        if readsHalves { c.line("k->reads_halves = \(set.hasTiles ? 1 : 0);") }
        for kernel in kernels {
          c.line("k->\(kernel.baseName) = \(source.standIn(for: kernel, on: set).symbol(set));")
        }
      }
      if set.condition != nil { c.line("#endif") }
      c.line()
    }
    c.comment("The named variant, or the best for a null name; 0 if this processor or build lacks it.")
    c.block("static int choose_kernels(const char *isa, struct kernels *k)") { c in
      for set in source.instructionSets {
        if let condition = set.condition { c.line("#if \(condition)") }
        c.block("if (\(set.presence)(isa == NULL || same_text(isa, \"\(set.rawValue)\")))") { c in
          c.line("use_\(set.rawValue)(k);")
          c.line("return 1;")
        }
        if set.condition != nil { c.line("#endif") }
      }
      c.line("return 0;")
    }
    return c.text
  }
}
