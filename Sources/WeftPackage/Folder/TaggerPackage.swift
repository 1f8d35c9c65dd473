import Foundation
import WeftCodegen
import WeftCorpus
import WeftRuntime
import WeftSpec
import WeftTrain

/// A tagger that stands alone, as the files of its folder. A pure function of its inputs: equal inputs, equal bytes.
public struct TaggerPackage: Sendable {
  public let interface: TaggerInterface
  public let blob: PackageBlob
  public let manifest: PackageManifest
  /// In order of their paths.
  public let files: [PackageFile]

  /// - Parameters:
  ///   - source: the trained model.
  ///   - weights: as they are stored.
  ///   - scores: of the model with these weights, by part of the data, then by task or `mean`.
  ///   - foldedBytes: of the model's memory, for words that are multiplied with weights when it is opened.
  ///   - costs: of forms of matrices.
  ///   - splits: whether processors with tiles multiply weights in fp32 in halves.
  ///   - bindings: for whom it is made; the C library is always there.
  public init(
    _ source: TrainedWeights, weights: EncodedWeights, scores: [String: [String: Double]],
    foldedBytes: Int = PackageContents.defaultFoldedBytes, costs: CostTable? = CostTable.builtIn,
    splits: Bool = false,
    bindings: Set<PackageBinding> = Set(PackageBinding.allCases), licences: [LicenceFile] = []
  ) throws {
    let spec = source.trained.spec
    try PackageNames(spec.name).check()
    let generator = source.generator()
    let layout = try generator.packageLayout(weights.format)
    let contents = Self.contents(
      source, weights.format, foldedBytes: foldedBytes, costs: costs, splits: splits)
    let code = try generator.packageFiles(contents)
    let names = PackageNames(spec.name)
    let bindings = bindings.union([.c])
    interface = TaggerInterface(
      names: names, version: weftVersion, abi: try Self.abi(of: code, names),
      tasks: spec.tasks.indices.map { task in
        TaggerInterface.Task(
          name: spec.tasks[task].name, labels: contents.labels(ofTask: task),
          tags: contents.tags(ofTask: task)
        )
      }, tokens: contents.limits.tokens, scalars: contents.limits.scalars,
      architectureHash: source.description.hashes.architecture, dataHash: source.description.hashes.data,
      recipeHash: source.description.hashes.recipe, weights: weights.format, scores: scores,
      toolVersion: weftVersion)
    blob = try PackageBlob(
      weights: weights, layout: layout, masks: source.groupMasks, vocabularies: source.vocabularies,
      features: spec.network.features, architectureHash: source.design.architectureHash)
    manifest = PackageManifest(
      interface, seed: spec.seed, blob: blob, bindings: bindings, licences: licences)
    var files = code.map { PackageFile($0.name, text: $0.contents) }
    files.append(PackageFile("\(names.name).weights", blob.bytes))
    files.append(try manifest.file(spec: spec))
    files.append(
      try SampleSentences.file(taggedBy: source.model(weights), isRounded: weights.format != .fp32 || splits))
    for binding in PackageBinding.allCases where bindings.contains(binding) {
      files += try binding.files(interface, among: bindings)
    }
    files.append(try PackageReadme.file(interface, bindings: bindings, licences: licences))
    files += licences.map { PackageFile("LICENSES/\($0.name)", $0.bytes) }
    if licences.isEmpty {
      files.append(
        PackageFile(
          "LICENSES/README.md",
          text: "No licence or notice was found beside the training data, and none was named.\n"))
    }
    self.files = files.sorted { $0.path < $1.path }
  }

  /// How the package would hold its matrices, and why.
  ///
  /// - Parameters: as for a package.
  public static func matrixPlan(
    of source: TrainedWeights, weights: PackageWeights, foldedBytes: Int, costs: CostTable?
  ) throws -> MatrixPlan {
    try source.generator().matrixPlan(
      contents(source, weights, foldedBytes: foldedBytes, costs: costs, splits: false))
  }

  private static func contents(
    _ source: TrainedWeights, _ weights: PackageWeights, foldedBytes: Int, costs: CostTable?, splits: Bool
  ) -> PackageContents {
    let spec = source.trained.spec
    let masks = source.groupMasks
    return PackageContents(
      spec: spec, vocabularies: source.vocabularies, weights: weights,
      limits: PackageLimits(tokens: min(spec.limits.tokens, 1024), scalars: min(spec.limits.scalars, 1024)),
      foldedBytes: foldedBytes, groups: source.groups, maskedGroups: Set(masks.keys),
      masks: masks.mapValues(\.byParameter), costs: costs, splits: splits)
  }

  /// `#define <P>_ABI 1u` of the header.
  private static func abi(of code: [GeneratedFile], _ names: PackageNames) throws(PackageError) -> Int {
    let marker = "#define \(names.upper)_ABI "
    for file in code where file.name.hasSuffix(".h") {
      for line in file.contents.split(separator: "\n") where line.hasPrefix(marker) {
        if let number = Int(line.dropFirst(marker.count).drop { $0 == " " }.prefix { $0.isNumber }) {
          return number
        }
      }
    }
    throw PackageError(
      .model, "the generated header does not tell its ABI: please report this mistake in Weft")
  }
}
