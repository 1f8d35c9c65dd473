/// Sizes of a joint matrix (`Templates/shared/joint.c.in`), in floats.
struct JointLayout {
  /// Weights in words, with scales and excess if there are any.
  let words: Int
  /// Who uses them, of the groups of a bundle.
  let ofBundle: Int
  let bundles: Int

  static let groupsOfBundle = 4
  /// A step keeps the gates of its groups on the stack: in 32 KiB.
  static let mostInputs = 512

  init(rows: Int, depth: Int, weights: WeightType, groups: Int) {
    let padded = (rows + 15) / 16 * 16
    let count = (depth + weights.perWord - 1) / weights.perWord
    words = padded * (count + (weights == .int8 ? 2 : 0))
    ofBundle =
      weights == .int8
      ? padded * (count + Self.groupsOfBundle)
      : Self.groupsOfBundle * ((rows + 63) / 64) * count * 2 * weights.perWord
    bundles = (groups + Self.groupsOfBundle - 1) / Self.groupsOfBundle
  }

  var floats: Int { words + bundles * ofBundle }
  var bytes: Int { 4 * floats }
}
