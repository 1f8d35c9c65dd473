import WeftCodegen

@testable import WeftPackage

extension TaggerInterface {
  /// A tagger whose labels are hard to name.
  static func sample(_ name: String = "ewt-hard", weights: PackageWeights = .fp32) -> TaggerInterface {
    TaggerInterface(
      names: PackageNames(name), version: "0.1.0", abi: 1,
      tasks: [
        Task(name: "pos", labels: ["NN", "PRP$", "."], tags: ["NN", "PRP$", "."]),
        Task(name: "ner", labels: ["O", "S-PER"], tags: ["O", "B-PER", "I-PER"]),
      ], tokens: 1024, scalars: 1024, architectureHash: "0123456789abcdef", dataHash: "fedcba9876543210",
      recipeHash: "00ff", weights: weights,
      scores: ["dev": ["pos": 0.95123, "ner": 0.5, "mean": 0.725615], "test": [:]], toolVersion: "0.1.0")
  }
}
