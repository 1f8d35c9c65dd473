import Foundation
import WeftCorpus
import WeftGraph
import WeftRuntime
import WeftSpec

@testable import WeftCodegen

/// A small tagger with everything that a package has to handle, and its blob.
struct PackageSample {
  let spec: Spec
  let vocabularies: Vocabularies
  let generator: CodeGenerator
  private(set) var contents: PackageContents
  /// By task number.
  var masks: [Int: [UInt8]] = [:]

  /// Two masks, of blocks as pruning makes them: a quarter of the blocks, all of one direction's recurrent weights and
  /// none of the other's.
  mutating func maskBlocks(costs: CostTable) throws {
    let layout = try generator.packageLayout(contents.weights)
    var named: GroupMasks = [:]
    for group in 0..<2 {
      masks[group] = layout.entries.filter(\.isPrunable).flatMap { entry -> [UInt8] in
        let hidden = entry.rows / 4
        let mask = (0..<entry.count).map { place -> UInt8 in
          guard entry.name.contains("encoder.0.weight") else { return 1 }
          if entry.name.hasSuffix("weight_hh_l0") { return group == 0 ? 1 : 0 }
          if entry.name.hasSuffix("weight_hh_l0_reverse") { return group == 0 ? 0 : 1 }
          let (row, column) = place.quotientAndRemainder(dividingBy: entry.columns)
          return (row / hidden * 3 + row % hidden / 16 * 5 + column * 7 + group) % 4 == 0 ? 1 : 0
        }
        named[group, default: [:]][entry.name] = mask
        return mask
      }
    }
    contents = PackageContents(
      spec: spec, vocabularies: vocabularies, weights: contents.weights, foldedBytes: contents.foldedBytes,
      groups: [0, 1], maskedGroups: [0, 1], masks: named, costs: costs)
  }

  /// Two masks of weights by chance: a tenth of them, and a quarter. One unit keeps all of its weights, and the first mask
  /// none of one direction's recurrent weights.
  mutating func maskWeights(costs: CostTable) throws {
    let layout = try generator.packageLayout(contents.weights)
    var named: GroupMasks = [:]
    for group in 0..<2 {
      masks[group] = layout.entries.filter(\.isPrunable).flatMap { entry -> [UInt8] in
        let mask = (0..<entry.count).map { place -> UInt8 in
          guard entry.name.contains("encoder.0.weight") else { return 1 }
          if entry.name.hasSuffix("weight_hh_l0") && group == 0 { return 0 }
          if place / entry.columns == 9 { return 1 }
          let chance = (place &* 2_654_435_761 &+ group &* 40_503) >> 7 & 0xFF
          return chance < (group == 0 ? 26 : 64) ? 1 : 0
        }
        named[group, default: [:]][entry.name] = mask
        return mask
      }
    }
    contents = PackageContents(
      spec: spec, vocabularies: vocabularies, weights: contents.weights, foldedBytes: contents.foldedBytes,
      groups: [0, 1], maskedGroups: [0, 1], masks: named, costs: costs)
  }

  /// As many groups as there are tasks: one without a mask, one that uses nothing, one that uses everything, and the
  /// others a half of the weights each.
  mutating func maskJointly(costs: CostTable) throws {
    let layout = try generator.packageLayout(contents.weights)
    var named: GroupMasks = [:]
    for group in spec.tasks.indices.dropFirst() {
      masks[group] = layout.entries.filter(\.isPrunable).flatMap { entry -> [UInt8] in
        let mask = (0..<entry.count).map { place -> UInt8 in
          switch group {
          case 2: 0
          case 3: 1
          default: UInt8(((place &* 2_654_435_761) &+ (group &* 40_503 &* place)) >> 9 & 1)
          }
        }
        named[group, default: [:]][entry.name] = mask
        return mask
      }
    }
    contents = PackageContents(
      spec: spec, vocabularies: vocabularies, weights: contents.weights, foldedBytes: contents.foldedBytes,
      groups: Array(spec.tasks.indices), maskedGroups: Set(spec.tasks.indices.dropFirst()), masks: named,
      costs: costs)
  }

  /// The last one is too long for its characters to be known with it.
  static let words = ["the", "paris", "in", "é", "straße", "σας", "i̇", "x", longWord]
  static let longWord = "donaudampfschifffahrtsgesellschaft"
  static let labels = [
    "pos": ["NN", "VB", "\"", "\\"],
    "ner": ["O", "S-PER", "B-PER", "E-PER", "B-LOC", "I-LOC", "E-LOC"],
  ]

  /// - Parameters:
  ///   - isRich: character BiLSTM, features, a CRF with constraints that predicts BIOES for data in BIO.
  ///   - foldedBytes: room for known products.
  ///   - splits: whether tiles multiply weights in fp32 in halves.
  ///   - fillers: words of the vocabulary before all others.
  ///   - change: what else is to be different.
  init(
    name: String, isRich: Bool, weights: PackageWeights = .fp32, isMasked: Bool = false,
    instructionSets: [InstructionSet] = [.avx512, .avx2, .neon, .portable],
    foldedBytes: Int = PackageContents.defaultFoldedBytes, fillers: Int = 0, splits: Bool = false,
    change: (inout Spec) -> Void = { _ in }
  ) throws {
    var spec = Networks.hard(name: name).spec
    if isRich {
      spec.tasks[1] = TaskSpec(
        name: "ner", data: "toy", column: "ner", dataScheme: .bio, modelScheme: .bioes, decoder: .crf,
        crf: CRFSpec(startEnd: true, constrained: true))
      spec.network.chars = CharSpec(kind: .bilstm, dim: 4, hidden: 3)
      spec.network.features = [
        FeatureSpec(name: "case", source: .capitalization, dim: 3),
        FeatureSpec(name: "kind", source: .column("kind"), dim: 2),
        FeatureSpec(name: "digits", source: .digits, dim: 2),
      ]
    }
    if weights != .fp32 { spec.network.encoder = [LayerSpec(hidden: 20)] }
    change(&spec)
    var vocabularies = Vocabularies(
      words: Vocabulary(entries: (0..<fillers).map { "filler\($0)" } + Self.words, lowercase: true),
      characters: Vocabulary(entries: ["a", "e", "P", "é", "ß", "\u{FFFD}", "𝕏", "i", "n"]))
    for task in spec.tasks {
      vocabularies.labels[task.name] = LabelSet(
        labels: isRich || task.name == "pos"
          ? Self.labels[task.name] ?? [] : ["O", "B-PER", "I-PER"],
        scheme: task.modelScheme)
    }
    if isRich {
      vocabularies.features = [
        "case": Vocabulary(entries: Capitalization.allCases.map(\.rawValue)),
        "kind": Vocabulary(entries: ["a", "b", "ç"]),
        "digits": Vocabulary(entries: DigitShare.allCases.map(\.rawValue)),
      ]
    }
    self.spec = spec
    self.vocabularies = vocabularies
    generator = CodeGenerator(
      graph: try Graph(spec: spec, sizes: NetworkSizes(vocabularies: vocabularies, spec: spec)), name: name,
      architectureHash: "0123456789abcdef", options: CodegenOptions(instructionSets: instructionSets))
    contents = PackageContents(
      spec: spec, vocabularies: vocabularies, weights: weights, foldedBytes: foldedBytes,
      groups: isMasked ? [0, 1] : nil, maskedGroups: isMasked ? [1] : [], splits: splits)
    if isMasked {
      let layout = try generator.packageLayout(weights)
      let count = layout.entries.reduce(0) { $0 + ($1.isPrunable ? $1.count : 0) }
      masks[1] = (0..<count).map { UInt8(($0 * 7 + $0 / 3) % 5 == 0 ? 0 : 1) }
    }
  }

  /// The values of a parameter, row-major.
  func values() -> [String: [Float]] {
    generator.graph.randomParameters().mapValues { $0.elements.map(Float.init) }
  }

  // MARK: Blob

  func blob() throws -> [UInt8] {
    let layout = try generator.packageLayout(contents.weights)
    var sections: [(kind: UInt32, index: UInt32, bytes: [UInt8])] = [(1, 0, parameters(layout))]
    for (task, mask) in masks.sorted(by: { $0.key < $1.key }) {
      sections.append((2, UInt32(task), bits(mask, layout)))
    }
    if let words = vocabularies.words { sections.append((3, 0, table(words.entries))) }
    if let characters = vocabularies.characters { sections.append((4, 0, self.characters(characters))) }
    for (number, name) in contents.columns.enumerated() {
      sections.append((5, UInt32(number), table(vocabularies.features[name]?.entries ?? [])))
    }
    var table: [UInt8] = []
    var body: [UInt8] = []
    let start = (64 + 32 * sections.count + 63) / 64 * 64
    for section in sections {
      table += bytes(section.kind) + bytes(section.index) + bytes(UInt64(start + body.count))
      table += bytes(UInt64(section.bytes.count)) + bytes(UInt64(0))
      body += padded(section.bytes)
    }
    var head = Array("WEFTBLOB".utf8) + bytes(UInt32(1)) + bytes(UInt32(sections.count))
    head += bytes(UInt64(start + body.count)) + bytes(UInt64(0))
    head += Array(generator.architectureHash.utf8.prefix(16)) + Array(contents.dataHash.utf8)
    var blob = padded(head + table) + body
    Self.sign(&blob)
    return blob
  }

  /// Puts the checksum in its place.
  static func sign(_ blob: inout [UInt8]) {
    let sum = xxHash64(Array(blob[32...]))
    for i in 0..<8 { blob[24 + i] = UInt8(truncatingIfNeeded: sum >> (8 * UInt64(i))) }
  }

  private func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
  private func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + Array(repeating: 0, count: (64 - bytes.count % 64) % 64)
  }

  private func parameters(_ layout: PackageLayout) -> [UInt8] {
    let values = values()
    var section: [UInt8] = []
    for entry in layout.entries {
      let numbers = values[entry.name] ?? []
      switch entry.encoding {
      case .f32: section += padded(numbers.flatMap { bytes($0.bitPattern) })
      case .bf16:
        section += padded(
          numbers.flatMap { bytes(UInt16(truncatingIfNeeded: Self.rounded($0).bitPattern >> 16)) })
      case .int8:
        let scales = (0..<entry.rows).map { row in
          numbers[row * entry.columns..<(row + 1) * entry.columns].reduce(0) { max($0, abs($1)) } / 127
        }
        section += padded(
          numbers.enumerated().map { i, number in
            UInt8(bitPattern: Int8((number / scales[i / entry.columns]).rounded(.toNearestOrEven)))
          })
        section += padded(scales.flatMap { bytes($0.bitPattern) })
      }
    }
    return section
  }

  /// The nearest number that has only its upper half.
  static func rounded(_ number: Float) -> Float {
    let bits = number.bitPattern
    return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
  }

  private func bits(_ mask: [UInt8], _ layout: PackageLayout) -> [UInt8] {
    var section = Array(repeating: UInt8(0), count: layout.maskBytes)
    var first = 0
    for entry in layout.entries {
      guard let offset = entry.maskOffset else { continue }
      for i in 0..<entry.count where mask[first + i] != 0 { section[offset + i / 8] |= 1 << UInt8(i % 8) }
      first += entry.count
    }
    return section
  }

  private func table(_ entries: [String]) -> [UInt8] {
    var slotCount = 16
    while 4 * entries.count > 3 * slotCount { slotCount *= 2 }
    var slots = Array(repeating: UInt32(0), count: slotCount)
    var ends: [UInt32] = []
    var text: [UInt8] = []
    for (number, entry) in entries.enumerated() {
      text += Array(entry.utf8)
      ends.append(UInt32(text.count))
      let hash = entry.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
      var slot = Int(UInt32(truncatingIfNeeded: hash ^ (hash >> 32))) & (slotCount - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
      slots[slot] = UInt32(number + 1)
    }
    let head = [UInt32(entries.count), UInt32(slotCount), UInt32(text.count), 0]
    return (head + ends + slots).flatMap { bytes($0) } + text
  }

  private func characters(_ vocabulary: Vocabulary) -> [UInt8] {
    var pairs: [(scalar: UInt32, id: UInt32)] = []
    for (number, entry) in vocabulary.entries.enumerated() where entry.unicodeScalars.count == 1 {
      pairs.append((entry.unicodeScalars.first?.value ?? 0, UInt32(number + 2)))
    }
    pairs.sort { $0.scalar < $1.scalar }
    return bytes(UInt32(pairs.count)) + bytes(UInt32(0)) + pairs.flatMap { bytes($0.scalar) + bytes($0.id) }
  }

  /// XXH64 with seed 0.
  static func xxHash64(_ data: [UInt8]) -> UInt64 {
    let p1: UInt64 = 0x9E37_79B1_85EB_CA87
    let p2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    let p3: UInt64 = 0x1656_67B1_9E37_79F9
    let p4: UInt64 = 0x85EB_CA77_C2B2_AE63
    let p5: UInt64 = 0x27D4_EB2F_1656_67C5
    func rotate(_ x: UInt64, _ n: UInt64) -> UInt64 { x << n | x >> (64 - n) }
    func number(_ at: Int, _ count: Int) -> UInt64 {
      (0..<count).reduce(0) { $0 | UInt64(data[at + $1]) << (8 * UInt64($1)) }
    }
    func round(_ lane: UInt64, _ input: UInt64) -> UInt64 { rotate(lane &+ input &* p2, 31) &* p1 }
    var at = 0
    var hash = p5
    if data.count >= 32 {
      var lanes = [p1 &+ p2, p2, 0, 0 &- p1]
      while data.count - at >= 32 {
        for i in 0..<4 { lanes[i] = round(lanes[i], number(at + 8 * i, 8)) }
        at += 32
      }
      hash = rotate(lanes[0], 1) &+ rotate(lanes[1], 7) &+ rotate(lanes[2], 12) &+ rotate(lanes[3], 18)
      for lane in lanes { hash = (hash ^ round(0, lane)) &* p1 &+ p4 }
    }
    hash = hash &+ UInt64(data.count)
    while data.count - at >= 8 {
      hash = rotate(hash ^ round(0, number(at, 8)), 27) &* p1 &+ p4
      at += 8
    }
    if data.count - at >= 4 {
      hash = rotate(hash ^ number(at, 4) &* p1, 23) &* p2 &+ p3
      at += 4
    }
    while at < data.count {
      hash = rotate(hash ^ UInt64(data[at]) &* p5, 11) &* p1
      at += 1
    }
    hash = (hash ^ (hash >> 33)) &* p2
    hash = (hash ^ (hash >> 29)) &* p3
    return hash ^ (hash >> 32)
  }
}
