import Foundation
import WeftSpec

extension ComparisonPlan {
  /// The whole spec of a run: that of its system, with the seed, the masks and the start that the comparison gives it.
  ///
  /// A run under another's masks starts where that one's subnets do: from its warm-up, or from its initial values.
  ///
  /// - Throws: `TrainError` if the masks are not there yet.
  func spec(of run: PlannedRun) throws -> Spec {
    guard let system = comparison.system(named: run.system) else {
      throw TrainError(.data, "the comparison has no system '\(run.system)'")
    }
    let loaded = comparison.loaded(system, seed: run.seed, domain: run.domain)
    var spec = loaded.spec
    guard let source = run.needs, let finder = run.source.flatMap(comparison.system(named:)) else {
      return spec
    }
    guard source.hasModel else {
      throw TrainError(
        .unreadable, "\(source.url.path) holds no finished run, whose masks \(run.title) needs",
        suggestion: "run `weft compare` without --report-only")
    }
    func path(_ url: URL) -> String { loaded.path(to: url) }
    switch run.masks {
    case .own: return spec
    case .chosen: spec.sharing.masks = .folder(path(source.masks))
    case .random: spec.sharing.masks = .randomLike(path(source.masks))
    case .closest(let density):
      var files: [String: String] = [:]
      for task in spec.tasks.map(\.name) {
        let pruning = source.pruning(task: task)
        let round = try PruningRecord(contentsOf: pruning).closest(to: density)
        files[task] = path(pruning.mask(round.mask))
      }
      spec.sharing.masks = .files(files)
    }
    spec.train.initialize = path(source.start(warmup: finder.spec.sharing.warmup, tasks: spec.tasks))
    return spec
  }
}

extension RunFolder {
  /// What the subnets of a run with stages start from: its warm-up, or the initial values that pruning kept.
  fileprivate func start(warmup epochs: Int, tasks: [TaskSpec]) -> URL {
    guard epochs == 0, let first = tasks.first else { return warmup.url }
    return pruning(task: first.name).snapshot("start")
  }
}

extension PruningRecord {
  /// What a pruning's folder says.
  init(contentsOf folder: RunFolder) throws {
    do {
      self = try JSONDecoder().decode(PruningRecord.self, from: Data(contentsOf: folder.rounds))
    } catch {
      throw TrainError(.unreadable, "\(folder.rounds.path) holds no rounds of pruning that can be read")
    }
  }

  /// The round whose density is closest, the dense round 0 included; of two, the sparser.
  func closest(to density: Double) throws(TrainError) -> Round {
    let best = rounds.min {
      (abs($0.density - density), $0.density) < (abs($1.density - density), $1.density)
    }
    guard let best else { throw TrainError(.data, "pruning task \(task) made no round") }
    return best
  }
}

extension LoadedSpec {
  /// A file as the spec would name it: relative to the spec's folder, so that both can be moved together.
  func path(to url: URL) -> String {
    let base = URL(filePath: baseDirectory.isEmpty ? "." : baseDirectory).standardizedFileURL.pathComponents
    let target = url.standardizedFileURL.pathComponents
    let shared = zip(base, target).prefix { $0 == $1 }.count
    let steps = Array(repeating: "..", count: base.count - shared) + target[shared...]
    return steps.isEmpty ? "." : steps.joined(separator: "/")
  }
}
