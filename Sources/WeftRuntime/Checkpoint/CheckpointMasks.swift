/// Masks inside of a checkpoint: a tensor of packed bits `masks.<task>.<parameter>` for each.
enum CheckpointMasks {
  static let prefix = "masks."

  /// A task may be called `masks`, and then have parameters `masks.…` of its own: those are floats.
  static func isMask(_ info: Safetensors.TensorInfo) -> Bool {
    info.type == .uint8 && info.name.hasPrefix(prefix)
  }

  /// - Throws: `.invalidInput` if a mask covers a parameter that the checkpoint does not have.
  static func tensors(_ masks: [String: Mask], _ parameters: ParameterBlock) throws(RuntimeError)
    -> [Safetensors.Tensor]
  {
    var tensors: [Safetensors.Tensor] = []
    for (task, mask) in masks.sorted(by: { $0.key < $1.key }) {
      for parameter in mask.layout.parameters {
        guard let info = parameters.info(parameter.name), info.count == parameter.count else {
          throw RuntimeError(
            .invalidInput,
            "The mask of task \(task) covers \(parameter.name) \(parameter.shape), which the checkpoint "
              + "\(parameters.info(parameter.name).map { "has as \($0.shape)" } ?? "lacks").")
        }
      }
      tensors += mask.tensors(prefix: "\(prefix)\(task).")
    }
    return tensors
  }

  /// The masks of a file by task, over parameters in order of their names.
  ///
  /// - Throws: `.invalidFile` if one covers a parameter that the file does not have, has the wrong number of bytes, or
  ///   stray bits.
  static func read(_ file: Safetensors.File, _ parameters: ParameterBlock) throws(RuntimeError) -> [String:
    Mask]
  {
    var covered: [String: [(name: String, shape: [Int])]] = [:]
    for name in file.names {
      guard isMask(try file.info(name)) else { continue }
      // Names of tasks hold no dots.
      let rest = name.dropFirst(prefix.count)
      let task = String(rest.prefix { $0 != "." })
      let parameter = String(rest.dropFirst(task.count + 1))
      guard let info = parameters.info(parameter) else {
        throw RuntimeError(
          .invalidFile,
          "The tensor `\(name)` of \(file.url.path) is a mask of a parameter that the file does not have.")
      }
      try PackedBits.check(file, name, shape: info.shape)
      covered[task, default: []].append((name: parameter, shape: info.shape))
    }
    var masks: [String: Mask] = [:]
    for (task, parameters) in covered {
      masks[task] = try Mask(file, MaskLayout(parameters), prefix: "\(prefix)\(task).")
    }
    return masks
  }
}
