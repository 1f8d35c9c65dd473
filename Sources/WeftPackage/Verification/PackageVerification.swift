import Foundation
import WeftCodegen
import WeftCorpus
import WeftRuntime
import WeftTrain

/// Compares what a package answers with what its trained model answers, tag by tag.
public struct PackageVerification: Sendable {
  /// A token that the two tag differently.
  public struct Difference: Sendable, Equatable {
    public var sentence: Int
    public var token: Int
    public var word: String
    public var task: String
    public var package: String
    public var model: String
  }

  public private(set) var sentences = 0
  public private(set) var tokens = 0
  /// Tags that were compared: tokens times tasks.
  public private(set) var tags = 0
  public private(set) var differentTags = 0
  /// Tags that differ as well, but where the model finds both as probable, to within the tolerance: see
  /// ``WeftTrain/TaskTags/isTied(with:names:tolerance:)``.
  public private(set) var tiedTags = 0
  /// The first of them.
  public private(set) var differences: [Difference] = []
  /// Largest absolute difference of a label's probability.
  public private(set) var largestGap: Float = 0
  /// What it may be at most.
  public let tolerance: Float
  public private(set) var instructionSet = ""
  /// Tags that differ where inputs are rounded to narrow numbers: with the instruction set that is used by itself, if it
  /// does so. All other figures are those of the instruction set that it is an addition to.
  public private(set) var rounded: (instructionSet: String, differentTags: Int)?
  /// Share of tags that rounding may change.
  public static let roundedShare = 0.001

  /// Do package and model agree wherever they compute with the same numbers?
  public var isEqual: Bool { differentTags == 0 && largestGap <= tolerance }

  /// How many tags rounding of inputs may change.
  public var mostRounded: Int { Int((Double(tags) * Self.roundedShare).rounded(.up)) }

  /// Does rounding of inputs change no more tags than it may?
  public var isRoundedWell: Bool { (rounded?.differentTags ?? 0) <= mostRounded }

  /// Tags sentences with both.
  ///
  /// - Parameters:
  ///   - source: the trained model; the package's weights are rounded from it as the package stores them.
  ///   - tolerance: of probabilities. Both compute in fp32, but not always in one order.
  /// - Throws: `PackageError` if the package is not made from this model, or refuses a sentence.
  public init(
    of folder: PackageFolder, against source: TrainedWeights, on sentences: [Sentence],
    tolerance: Float = 1e-4,
    compiler: CompilerDriver
  ) async throws {
    self.tolerance = tolerance
    let manifest = try PackageManifest(folder: folder.url)
    guard let format = PackageWeights(rawValue: manifest.weights) else {
      throw PackageError(.file, "\(folder.url.path) has weights of an unknown kind, '\(manifest.weights)'")
    }
    let weights = try source.encoded(as: format)
    try Self.checkWeights(folder, manifest, source, weights)
    let library = try await PackageLibrary(folder: folder.url, manifest: manifest, compiler: compiler)
    var options = TaggingOptions()
    options.probabilities = true
    var pipeline = try TaggingPipeline(source.model(weights), options: options)
    var limits = PackageLibrary.Limits()
    limits.tokens = Int32(clamping: max(1, sentences.map(\.words.count).max() ?? 1))
    limits.scalars = Int32(
      clamping: max(1, sentences.lazy.flatMap(\.words).map(\.unicodeScalars.count).max() ?? 1))
    limits.sentences = 32
    limits.paths = 1
    limits.batchTokens = max(limits.tokens, 1024)
    let columns = source.trained.spec.network.features.compactMap { feature in
      if case .column(let name) = feature.source { name } else { String?.none }
    }
    let setting = Setting(
      weights: folder.url.appending(path: "\(manifest.name).weights"), manifest: manifest, library: library,
      limits: limits, columns: columns)
    try compare(sentences, with: &pipeline, setting)
    if let base = InstructionSet(rawValue: instructionSet)?.base {
      rounded = (instructionSet, differentTags + tiedTags)
      (self.sentences, tokens, tags, differentTags, tiedTags, largestGap) = (0, 0, 0, 0, 0, 0)
      differences = []
      try compare(sentences, with: &pipeline, setting, on: base)
    }
  }

  /// What is compared with the trained model.
  private struct Setting {
    var weights: URL
    var manifest: PackageManifest
    var library: PackageLibrary
    var limits: PackageLibrary.Limits
    /// Columns that the caller supplies.
    var columns: [String]
  }

  private mutating func compare(
    _ sentences: [Sentence], with pipeline: inout TaggingPipeline, _ setting: Setting,
    on set: InstructionSet? = nil
  ) throws {
    let (library, limits, manifest) = (setting.library, setting.limits, setting.manifest)
    try library.withModel(weights: setting.weights, instructionSet: set?.rawValue) { model in
      instructionSet = try library.instructionSet(model)
      try library.withSession(model, limits) { session in
        for range in Self.batches(sentences, Int(limits.sentences), Int(limits.batchTokens)) {
          let batch = Array(sentences[range])
          try library.tag(session, batch, columns: setting.columns, tasks: manifest.tasks.count)
          try compare(try pipeline.tag(batch), from: range.lowerBound, manifest, library, session)
        }
      }
    }
  }

  /// Runs of sentences that fit a session. Empty sentences are in them like others.
  private static func batches(_ sentences: [Sentence], _ most: Int, _ tokens: Int) -> [Range<Int>] {
    var batches: [Range<Int>] = []
    var start = 0
    var count = 0
    for (index, sentence) in sentences.enumerated() {
      if index > start, index - start == most || count + sentence.words.count > tokens {
        batches.append(start..<index)
        (start, count) = (index, 0)
      }
      count += sentence.words.count
    }
    if start < sentences.count { batches.append(start..<sentences.count) }
    return batches
  }

  private mutating func compare(
    _ expected: [TaggedSentence], from first: Int, _ manifest: PackageManifest, _ library: PackageLibrary,
    _ session: PackageLibrary.Handle
  ) throws {
    let words = expected.flatMap(\.sentence.words)
    sentences += expected.count
    tokens += words.count
    for (number, task) in manifest.tasks.enumerated() {
      let found = try library.tags(session, task: number, words: words.count)
      let labels = try library.labels(session, task: number, words: words.count)
      let probabilities = try library.probabilities(
        session, task: number, count: words.count * task.labels.count)
      var token = 0
      for (offset, sentence) in expected.enumerated() {
        guard let own = sentence[task.name] else {
          throw PackageError(.difference, "the package has a task '\(task.name)' that its checkpoint lacks")
        }
        let range = token..<token + own.tags.count
        compareTags(
          own, Array(found[range]), Array(labels[range]), task,
          at: (sentence: first + offset, words: words[range]))
        for (value, other) in zip(
          (own.probabilities ?? []).joined(), probabilities[(token * task.labels.count)...])
        {
          // A gap that is no number is beyond every tolerance.
          let gap = abs(value - other)
          largestGap = gap.isNaN ? .infinity : max(largestGap, gap)
        }
        token = range.upperBound
      }
    }
  }

  /// Compares a sentence's tags for one task.
  private mutating func compareTags(
    _ own: TaskTags, _ found: [String], _ labels: [Int32], _ task: PackageManifest.Task,
    at place: (sentence: Int, words: ArraySlice<String>)
  ) {
    tags += found.count
    let different = found.indices.filter { found[$0] != own.tags[$0] }
    guard !different.isEmpty else { return }
    if own.isTied(with: labels, names: task.labels, tolerance: tolerance) {
      tiedTags += different.count
      return
    }
    differentTags += different.count
    differences += different.prefix(max(0, 8 - differences.count)).map {
      Difference(
        sentence: place.sentence, token: $0, word: place.words[place.words.startIndex + $0], task: task.name,
        package: found[$0], model: own.tags[$0])
    }
  }

  /// Are the weights in the folder those of the checkpoint, to the bit?
  private static func checkWeights(
    _ folder: PackageFolder, _ manifest: PackageManifest, _ source: TrainedWeights, _ weights: EncodedWeights
  ) throws {
    let hashes = source.description.hashes
    guard manifest.hashes.architecture == hashes.architecture, manifest.hashes.data == hashes.data else {
      throw PackageError(
        .model, "\(folder.url.path) was made from another network or other data than this checkpoint",
        suggestion: "name the checkpoint that it was made from, or make it again")
    }
    let blob = try PackageBlob(
      weights: weights, layout: source.generator().packageLayout(weights.format), masks: source.groupMasks,
      vocabularies: source.vocabularies, features: source.trained.spec.network.features,
      architectureHash: source.design.architectureHash)
    let file = folder.url.appending(path: "\(manifest.name).weights")
    guard let stored = try? Data(contentsOf: file) else {
      throw PackageError(.file, "cannot read \(file.path)")
    }
    guard stored.elementsEqual(blob.bytes) else {
      throw PackageError(
        .model, "the weights in \(file.path) are not those of this checkpoint",
        suggestion: "name the checkpoint that it was made from, or make it again")
    }
  }
}
