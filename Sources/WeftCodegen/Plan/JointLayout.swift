/// Sizes of a joint matrix (`Templates/shared/joint.c.in`), in floats.
struct JointLayout {
  /// Weights in words, with scales and excess if there are any.
  let words: Int
  /// One plane of at most ``groupsOfPlane`` groups.
  let plane: Int
  let planes: Int

  static let groupsOfPlane = 4
  /// A step keeps the gates of its groups on the stack: in 32 KiB.
  static let mostInputs = 512

  init(rows: Int, depth: Int, weights: WeightType, groups: Int) {
    let padded = (rows + 15) / 16 * 16
    let count = (depth + weights.perWord - 1) / weights.perWord
    let slots = 8 / weights.perWord
    words = padded * (count + (weights == .int8 ? 2 : 0))
    plane = padded * ((count + slots - 1) / slots + (weights == .int8 ? Self.groupsOfPlane : 0))
    planes = (groups + Self.groupsOfPlane - 1) / Self.groupsOfPlane
  }

  var floats: Int { words + planes * plane }
  var bytes: Int { 4 * floats }
}
