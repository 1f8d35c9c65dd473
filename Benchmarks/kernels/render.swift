// Writes the kernels that the benchmark measures, for every instruction set of this architecture, with a table of
// function pointers for each. Compiled together with Sources/WeftCodegen/Kernels (see run.sh).

#if arch(arm64)
  let sets: [InstructionSet] = [.neon, .portable]
#else
  let sets: [InstructionSet] = [.avx512vnni, .avx512, .avx2, .portable]
#endif

// Steps of compiled taggers.
let steps: [KernelInstance] =
  [64, 100, 200, 256, 333].flatMap { hidden in
    WeightType.allCases.map { KernelInstance(.wideLstmStep($0), [hidden]) }
  } + [Kernel.blockSparseLstmStep(200), Kernel.packedLstmStep(.f32)(200)]

let instances: [KernelInstance] =
  [
    Kernel.linear(800, 130), Kernel.linear(800, 200), Kernel.linearTransposed(200, 800),
    Kernel.linearTransposed(130, 800),
    Kernel.linear(17, 400), Kernel.weightGradient(800, 130), Kernel.weightGradient(800, 200),
    Kernel.pairLinear(800, 130), Kernel.pairLinear(200, 800), Kernel.pairWeightGradient(800, 200),
    Kernel.pairLstmStep(200), Kernel.lstmStep(200), Kernel.lstmStepGradient(200),
    Kernel.charConv(30, 30, 3, 1),
    Kernel.charConvGradient(30, 30, 3, 1), Kernel.crossEntropy(17), Kernel.crossEntropyGradient(17),
    Kernel.crfLoss(17), Kernel.crfGradient(17), Kernel.crfViterbi(17), Kernel.crfMarginals(17),
  ] + steps + Kernel.all.filter { $0.constants.isEmpty }.map { KernelInstance($0, []) }

var text = try KernelUnit.prelude(for: instances) + "\n" + KernelUnit.random()
text += try "\n" + Template(embedded: "package/measured_forms").render([:])
// An addition to another set stands on that set's vectors.
for set in sets.filter({ $0.base == nil }) + sets.filter({ $0.base != nil }) {
  text += try "\n" + KernelUnit.source(of: instances, for: set)
}
text += "\nstruct kernels {\n    const char *name;\n"
for instance in instances { text += "    \(instance.pointerDeclaration());\n" }
text += "};\n\nstatic const struct kernels all_kernels[] = {\n"
for set in sets {
  text += "    {\"\(set.rawValue)\",\n" + instances.map { "     \($0.symbol(set)),\n" }.joined() + "    },\n"
}
text += "};\n"
print(text)
