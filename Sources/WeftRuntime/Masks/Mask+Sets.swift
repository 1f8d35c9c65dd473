extension MaskLayout {
  /// Weights of the parameters with these names.
  public func count(of names: Set<String>) -> Int {
    parameters.reduce(0) { names.contains($1.name) ? $0 + $1.count : $0 }
  }

  /// All its parameters.
  public var names: Set<String> { Set(parameters.map(\.name)) }

  /// Why masks of one layout mean nothing for the other: parameters that are missing, left over or have another
  /// shape. Their order does not matter, nor how a shape is flattened behind its first extent.
  ///
  /// - Parameters:
  ///   - own, its: what the two are called in the list, e.g. `in the file`.
  func differences(from other: MaskLayout, own: String, its: String) -> [String] {
    let theirs = Dictionary(other.parameters.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let mine = names
    var problems: [String] = []
    for parameter in parameters {
      guard let counterpart = theirs[parameter.name] else { continue }
      if counterpart.count != parameter.count || counterpart.shape.first != parameter.shape.first {
        problems.append("\(parameter.name) is \(parameter.shape) \(own) and \(counterpart.shape) \(its)")
      }
    }
    problems += other.parameters.filter { !mine.contains($0.name) }.map { "\($0.name) is missing \(own)" }
    problems += parameters.filter { theirs[$0.name] == nil }.map { "\($0.name) is unknown \(its)" }
    return problems
  }

  /// At most eight of a list of problems, as a sentence.
  static func sentence(_ problems: [String]) -> String {
    problems.prefix(8).joined(separator: "; ")
      + (problems.count > 8 ? "; and \(problems.count - 8) more." : ".")
  }
}

extension Mask {
  /// Weights of a parameter that are used; nil if there is no such parameter.
  public func keptCount(of parameter: String) -> Int? {
    layout.parameter(named: parameter).map { keptCount(in: $0.range) }
  }

  func keptCount(in range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 + Int($1) } }

  /// Weights that are used, by parameter.
  public var keptCounts: [String: Int] {
    Dictionary(uniqueKeysWithValues: layout.parameters.map { ($0.name, keptCount(in: $0.range)) })
  }

  /// Weights that are used in these parameters.
  public func keptCount(of names: Set<String>) -> Int {
    layout.parameters.reduce(0) { names.contains($1.name) ? $0 + keptCount(in: $1.range) : $0 }
  }

  /// Share of the weights of these parameters that are used: with the parameters that a task reaches, the density
  /// of its subnet. 1 if they have no weights.
  public func density(of names: Set<String>) -> Double {
    let count = layout.count(of: names)
    return count == 0 ? 1 : Double(keptCount(of: names)) / Double(count)
  }

  /// The same in these parameters, nothing in others.
  public func restricted(to names: Set<String>) -> Mask {
    var bytes = bytes
    for parameter in layout.parameters where !names.contains(parameter.name) {
      for index in parameter.range { bytes[index] = 0 }
    }
    return Mask(layout, bytes: bytes)
  }

  /// Weights that either uses.
  ///
  /// - Throws: `.checkpointMismatch` if the masks are of different networks.
  public func union(_ other: Mask) throws(RuntimeError) -> Mask {
    let other = try other.laidOut(as: layout)
    return Mask(layout, bytes: zip(bytes, other.bytes).map { $0 | $1 })
  }

  /// Weights that both use.
  ///
  /// - Throws: `.checkpointMismatch` if the masks are of different networks.
  public func intersection(_ other: Mask) throws(RuntimeError) -> Mask {
    let other = try other.laidOut(as: layout)
    return Mask(layout, bytes: zip(bytes, other.bytes).map { $0 & $1 })
  }

  /// The same mask with the parameters of another layout, in its order.
  ///
  /// - Throws: `.checkpointMismatch`, listing parameters that are missing, left over or have another shape.
  public func laidOut(as target: MaskLayout) throws(RuntimeError) -> Mask {
    if target.parameters == layout.parameters { return self }
    let problems = layout.differences(from: target, own: "in the mask", its: "in the network")
    guard problems.isEmpty else {
      throw RuntimeError(
        .checkpointMismatch, "The mask is of another network: \(MaskLayout.sentence(problems))")
    }
    return copied(onto: target) { $0 }
  }

  /// The mask of a task in a network that gives each task parameters of its own, `<task>.encoder.0.…`: there it
  /// covers the task's parameters, and uses nothing of the others', which the task does not reach.
  ///
  /// - Throws: `.checkpointMismatch` if a parameter of the task has no counterpart here, or one that is used here has
  ///   none there.
  public func prefixed(byTask task: String, onto target: MaskLayout) throws(RuntimeError) -> Mask {
    let prefix = "\(task)."
    let own = MaskLayout(
      target.parameters.filter { $0.name.hasPrefix(prefix) }
        .map { (name: String($0.name.dropFirst(prefix.count)), shape: $0.shape) })
    // A network of a task's own ends at the layer that its head reads: the mask may know layers above it.
    let used = MaskLayout(
      layout.parameters.filter { own.parameter(named: $0.name) != nil || keptCount(in: $0.range) > 0 }
        .map { (name: $0.name, shape: $0.shape) })
    let problems = used.differences(from: own, own: "in the mask", its: "in the network of task \(task)")
    guard problems.isEmpty else {
      throw RuntimeError(
        .checkpointMismatch,
        "The mask does not fit task \(task)'s own network: \(MaskLayout.sentence(problems))")
    }
    return copied(onto: target) { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
  }

  /// The way back: the mask of a task's own network in one that tasks share. Parameters that the own network lacks are
  /// above the layer that the task reads, and unused.
  ///
  /// - Throws: `.checkpointMismatch` if a parameter of the task has no counterpart there, or another shape.
  public func unprefixed(byTask task: String, onto target: MaskLayout) throws(RuntimeError) -> Mask {
    let prefix = "\(task)."
    let own = layout.parameters.filter { $0.name.hasPrefix(prefix) }
    var problems: [String] = []
    for parameter in own {
      let name = String(parameter.name.dropFirst(prefix.count))
      guard let counterpart = target.parameter(named: name) else {
        problems.append("\(name) is unknown there")
        continue
      }
      if counterpart.count != parameter.count || counterpart.shape.first != parameter.shape.first {
        problems.append("\(name) is \(parameter.shape) here and \(counterpart.shape) there")
      }
    }
    if own.isEmpty { problems.append("no parameter's name starts with \(prefix)") }
    guard problems.isEmpty else {
      throw RuntimeError(
        .checkpointMismatch,
        "The mask of task \(task)'s own network does not fit the shared one: "
          + MaskLayout.sentence(problems))
    }
    return copied(onto: target) { prefix + $0 }
  }

  /// Each parameter's part from where it is here; nothing is used of those without a source.
  private func copied(onto target: MaskLayout, from source: (String) -> String?) -> Mask {
    let places = Dictionary(layout.parameters.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var bytes = [UInt8](repeating: 0, count: target.count)
    for parameter in target.parameters {
      guard let place = source(parameter.name).flatMap({ places[$0] }) else { continue }
      bytes.replaceSubrange(parameter.range, with: self.bytes[place.range])
    }
    return Mask(target, bytes: bytes)
  }
}
