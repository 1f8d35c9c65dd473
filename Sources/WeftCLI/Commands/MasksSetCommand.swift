import ArgumentParser
import Foundation
import WeftRuntime
import WeftSpec

struct MasksSetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Make a mask: all weights, none, some at random, or from other masks.",
    discussion: """
      The spec says which network the mask is of. Weights that the task does not reach are not counted and not kept. \
      Masks to start from may be of other tasks, and of the same spec with `sharing: single` or without it.

      EXAMPLES:
        weft masks set ewt.yaml --task ner --all -o masks/ner.safetensors
        weft masks set ewt.yaml --task pos --none --parameters 'encoder.1.*' -o masks/pos.safetensors
        weft masks set ewt.yaml --task ner --random 0.5 --seed 1 -o masks/ner.safetensors
        weft masks set ewt.yaml --task ner --random-like runs/ewt/masks/ner.safetensors -o random/ner.safetensors
        weft masks set ewt.yaml --task ner --union masks/pos.safetensors masks/ner.safetensors -o both.safetensors

      Exit code 65: the spec, its data or a mask have problems, or do not belong together; 74: a file cannot be read \
      or written.
      """)

  @OptionGroup var spec: SpecArguments

  @Option(help: "The task that the mask is for.")
  var task: String

  @Flag(help: "Keep all weights.")
  var all = false

  @Flag(help: "Keep none.")
  var none = false

  @Option(help: ArgumentHelp("Keep this share of the weights, chosen at random.", valueName: "density"))
  var random: Double?

  @Option(
    help: ArgumentHelp(
      "Keep as many weights, chosen at random, as this mask keeps of those that the task reaches.",
      valueName: "mask"),
    completion: .file())
  var randomLike: String?

  @Flag(help: "With --random: the share holds in each parameter rather than over all.")
  var perParameter = false

  @Option(help: "With --random or --random-like: decides which; that of the spec if absent.")
  var seed: UInt64?

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Keep what all of these keep.", valueName: "mask"),
    completion: .file())
  var intersect: [String] = []

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Keep what any of these keeps.", valueName: "mask"),
    completion: .file())
  var union: [String] = []

  @Option(help: ArgumentHelp("Keep what this keeps.", valueName: "mask"), completion: .file())
  var like: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Only in parameters of these names, in which * stands for any characters; of others all is kept.",
      valueName: "pattern"))
  var parameters: [String] = []

  @Option(name: .shortAndLong, help: "The mask to write.", completion: .file())
  var output: String

  func validate() throws {
    let sources = [
      all, none, random != nil, randomLike != nil, !intersect.isEmpty, !union.isEmpty, like != nil,
    ]
    guard sources.filter({ $0 }).count == 1 else {
      throw ValidationError(
        "Say one of --all, --none, --random, --random-like, --intersect, --union and --like.")
    }
    if let random, !(random > 0 && random <= 1) {
      throw ValidationError("--random is a density: above 0 and at most 1.")
    }
    if seed != nil, random == nil, randomLike == nil {
      throw ValidationError("--seed goes with --random and --random-like.")
    }
    if perParameter, random == nil { throw ValidationError("--per-parameter goes with --random.") }
    if intersect.count == 1 || union.count == 1 {
      throw ValidationError("--intersect and --union need two masks or more.")
    }
  }

  func run() throws {
    let subject = try MaskSubject(spec, task: task)
    let chosen = try chosenParameters(subject)
    let (made, origin) = try mask(subject, chosen)
    let whole = Mask(subject.layout, all: true).restricted(to: subject.reached.subtracting(chosen))
    let isRandom = random != nil || randomLike != nil
    try subject.write(
      made.restricted(to: chosen).union(whole), to: output,
      seed: isRandom ? seed ?? subject.design.spec.seed : nil,
      madeBy: "set \(origin)" + parameters.map { " --parameters \($0)" }.joined())
  }

  /// Reached parameters that the choice is for.
  private func chosenParameters(_ subject: MaskSubject) throws -> Set<String> {
    if parameters.isEmpty { return subject.reached }
    var chosen: Set<String> = []
    for pattern in parameters {
      let named = subject.reached.filter { NamePattern(pattern).matches($0) }
      guard !named.isEmpty else {
        throw Failure(
          .usage, error: "no prunable parameter that task \(task) reaches has a name like '\(pattern)'",
          help: "they are \(subject.reached.sorted().joined(separator: ", "))")
      }
      chosen.formUnion(named)
    }
    return chosen
  }

  private func mask(_ subject: MaskSubject, _ chosen: Set<String>) throws -> (Mask, origin: String) {
    let layout = subject.layout
    let seed = seed ?? subject.design.spec.seed
    func name(_ path: String) -> String { RelativePath.stem(of: path) }
    if all { return (Mask(layout, all: true), "--all") }
    if none { return (Mask(layout, all: false), "--none") }
    if let random {
      let made = try Mask.random(
        layout, density: random, among: chosen, perParameter: perParameter, seed: seed, task: task)
      return (made, "--random \(random)" + (perParameter ? " --per-parameter" : ""))
    }
    if let randomLike {
      let density = try subject.mask(randomLike).density(of: chosen)
      let made = try Mask.random(layout, density: density, among: chosen, seed: seed, task: task)
      return (made, "--random-like \(name(randomLike))")
    }
    if let like { return (try subject.mask(like), "--like \(name(like))") }
    let paths = intersect.isEmpty ? union : intersect
    var result = try subject.mask(paths[0])
    for path in paths.dropFirst() {
      let next = try subject.mask(path)
      result = intersect.isEmpty ? try result.union(next) : try result.intersection(next)
    }
    let names = paths.map(name).joined(separator: " ")
    return (result, (intersect.isEmpty ? "--union " : "--intersect ") + names)
  }
}
