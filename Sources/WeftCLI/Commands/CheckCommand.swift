import ArgumentParser
import WeftCorpus
import WeftGraph
import WeftReport
import WeftSpec
import WeftTrain

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read a spec and its data, report every problem, and show the network that comes of them.",
    discussion: """
      Prints the spec with every default filled in, the sizes of the data, the parameters (shared and of each task), \
      the multiply-adds of a token and the memory of a sentence. Nothing is generated or trained.

      EXAMPLES:
        weft check tagger.yaml
        weft check tagger.yaml --set 'network.encoder=[{hidden: 100}, {hidden: 100}]'
        weft check tagger.yaml --graph

      Exit code 65: the spec or its data have problems; 74: a file cannot be read.
      """)

  @OptionGroup var spec: SpecArguments

  @Flag(help: "Print the network's graph, operation by operation, too.")
  var graph = false

  func run() throws {
    switch try spec.document() {
    case .experiment(let loaded): try check(try read(loaded))
    case .comparison(let comparison): try check(comparison.resolvingDomains())
    }
  }

  /// Checks every system of a comparison, and of those that are reported along with it.
  private func check(_ comparison: ComparisonSpec) throws {
    var latest: ExperimentData?
    for system in comparison.systems {
      // Systems differ in what they share; most read the data alike.
      let experiment = try latest?.serving(system.loaded) ?? read(system.loaded)
      latest = experiment
      try StandardOutput.write("════ \(comparison.name): \(system.name) ════\n")
      try check(experiment)
      try StandardOutput.write("\n")
    }
    for further in comparison.also {
      StandardError.write(further.diagnostics.rendered())
      try check(further)
    }
  }

  private func read(_ loaded: LoadedSpec) throws -> ExperimentData {
    let experiment = try ExperimentData(loaded)
    StandardError.write(experiment.warnings.rendered())
    return experiment
  }

  private func check(_ experiment: ExperimentData) throws {
    let loaded = experiment.loaded
    let design = try NetworkDesign(spec: loaded.spec, vocabularies: experiment.vocabularies)
    let report = try NetworkReport(design.graph)
    let data = DataReport(experiment)
    let scalars = data.scalarsPerToken

    var text = heading("Spec") + loaded.spec.resolvedYAML() + "\n"
    text += heading("Data") + data.corpora().text() + "\n" + data.tasks().text()
    text += "train, dev, test: sentences that carry a label of the task\n\n"
    if let domains = data.domains() { text += domains.text() + "before any are left out\n\n" }
    text += data.vocabularies().text() + "\n"
    if let vectors = data.vectors() { text += vectors.text() + "\n" }
    text += heading("Parameters") + report.counts().text() + "\n" + report.parameters().text() + "\n"
    text += heading("Work") + report.work(scalars: scalars).text()
    text += "for a word of \(scalars) characters, which is the mean of the training data\n\n"
    let generator = design.generator()
    let (tagging, training) = (try generator.workspace(.use), try generator.workspace(.training))
    let memory = NetworkReport.memory(
      lengths: [1, 10, 100, 1000], tagging: { tagging.bytes(tokens: $0, scalars: scalars) },
      training: { training.bytes(tokens: $0, scalars: scalars) })
    text += heading("Memory") + memory.text()
    text += "for all tasks of one sentence of different words, besides parameters\n"
    if graph { text += "\n" + heading("Graph") + design.graph.dump() }
    try StandardOutput.write(text)
  }

  private func heading(_ title: String) -> String { "── \(title) ──\n" }
}
