extension Mask {
  /// The layers, among those that a task reaches, of which the mask leaves no input weight, so that nothing of what
  /// they read comes out of them.
  ///
  /// A layer is the prunable parameters whose names differ only after the last dot: `encoder.0`, `chars.conv`. Its
  /// input weights are all but the recurrent ones (`weight_hh_…`).
  ///
  /// - Parameter reached: names of the parameters that the task reaches.
  public func lostLayers(reached: Set<String>) -> [String] {
    var kept: [String: Int] = [:]
    var order: [String] = []
    for parameter in layout.parameters where reached.contains(parameter.name) {
      let layer = Mask.layer(of: parameter.name)
      guard !parameter.name.dropFirst(layer.count).hasPrefix(".weight_hh_") else { continue }
      if kept[layer] == nil { order.append(layer) }
      kept[layer, default: 0] += keptCount(in: parameter.range)
    }
    return order.filter { kept[$0] == 0 }
  }

  /// The layer that a parameter is part of: its name up to the last dot.
  public static func layer(of parameter: String) -> String {
    parameter.lastIndex(of: ".").map { String(parameter[..<$0]) } ?? parameter
  }

  /// Refuses a mask by which a task cannot be trained.
  ///
  /// - Parameters:
  ///   - reached: names of the parameters that the task reaches.
  ///   - source: what the mask is, at the start of a sentence: a path, or `The mask`.
  /// - Throws: `.invalidInput`, naming the layer.
  public func checkReach(ofTask task: String, reached: Set<String>, source: String = "The mask")
    throws(RuntimeError)
  {
    let lost = lostLayers(reached: reached)
    guard !lost.isEmpty else { return }
    throw RuntimeError(
      .invalidInput,
      "\(source) leaves no input weight of \(lost.joined(separator: ", ")), which the head of task \(task) reads "
        + "through. Use a mask of higher density, or let the head read a lower layer.")
  }
}
