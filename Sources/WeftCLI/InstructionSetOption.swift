import ArgumentParser
import WeftCodegen

/// A list of instruction sets, e.g. `avx512,avx2,portable`.
struct InstructionSetList: ExpressibleByArgument {
  var sets: [InstructionSet]

  init?(argument: String) {
    var sets: [InstructionSet] = []
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let set = InstructionSet(rawValue: String(name)) else { return nil }
      if !sets.contains(set) { sets.append(set) }
    }
    self.sets = sets
  }

  static var allValueStrings: [String] { InstructionSet.allCases.map(\.rawValue) }
}
