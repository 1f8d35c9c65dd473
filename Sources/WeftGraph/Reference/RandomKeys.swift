import WeftCorpus

/// What a training run draws its random values from.
///
/// A row's values are keyed by the seed, the site's name, the task, the task's step, the global id of the sentence and
/// the position in it (0 for a row of a whole sentence); never by the order in which they are drawn.
public struct RandomKeys: Sendable {
  public var seed: UInt64
  /// Index of the task that the step is for; the number of tasks for a step of all of them.
  public var task: UInt64
  /// Steps that this task has made before.
  public var step: UInt64
  /// No dropout, no noise, no replacement.
  public var isOff: Bool
  /// Values that replace those of a site, by its name: [rows × columns] in packed order.
  public var injected: [String: Matrix]

  public init(
    seed: UInt64, task: Int = 0, step: Int = 0, isOff: Bool = false, injected: [String: Matrix] = [:]
  ) {
    self.seed = seed
    self.task = UInt64(task)
    self.step = UInt64(step)
    self.isOff = isOff
    self.injected = injected
  }

  /// Without any randomness: training that is a function of the parameters.
  public static let off = RandomKeys(seed: 0, isOff: true)

  /// The values of a site for the rows of a batch.
  ///
  /// - Parameter rows: `.token` or `.sentence`; other rows have no key and draw as if they were sentence 0.
  public func values(_ site: RandomSite, rows: IndexSet, columns: Int, batch: PackedBatch) -> Matrix {
    let keys = Self.rowKeys(rows, batch)
    if let values = injected[site.name] { return values }
    var result = Matrix(rows: keys.count, columns: columns, repeating: neutral(site))
    guard !isOff else { return result }
    let stream = RandomStream(seed: seed, site: site.name, task: task, step: step)
    for (row, key) in keys.enumerated() {
      let random = stream.row(sentence: key.sentence, position: key.position)
      for column in 0..<columns { result[row, column] = draw(site, random, UInt32(column)) }
    }
    return result
  }

  private func draw(_ site: RandomSite, _ random: RandomRow, _ column: UInt32) -> Double {
    switch site.kind {
    case .dropout(let probability):
      random.uniform(column) >= Float(probability) ? 1 / (1 - probability) : 0
    case .replacement(let probability): random.uniform(column) < Float(probability) ? 1 : 0
    case .gaussian(let deviation): deviation * random.gaussian(column)
    }
  }

  /// What a site gives when randomness is off.
  private func neutral(_ site: RandomSite) -> Double {
    switch site.kind {
    case .dropout: 1
    case .replacement, .gaussian: 0
    }
  }

  private static func rowKeys(
    _ rows: IndexSet, _ batch: PackedBatch
  ) -> [(sentence: UInt64, position: UInt64)] {
    let sentences = batch.sentences.map { UInt64(bitPattern: Int64($0)) }
    guard rows == .token else { return sentences.map { (sentence: $0, position: 0) } }
    let offsets = batch.tokenOffsets
    return zip(offsets, offsets.dropFirst()).enumerated().flatMap { position, step in
      (0..<Int(step.1 - step.0)).map { (sentence: sentences[$0], position: UInt64(position)) }
    }
  }
}
