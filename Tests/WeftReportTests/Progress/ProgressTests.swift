import Testing
import WeftRuntime
import WeftSpec

@testable import WeftReport
@testable import WeftTrain

@Suite struct ProgressTests {
  static let plan: TrainingPlan = {
    var recipe = TrainSpec()
    recipe.epochs = 3
    recipe.batch = 10
    let stream = BatchStream(name: "pos", tasks: TaskSet(task: 0), key: 0, sentenceCount: 400)
    return TrainingPlan(
      taskNames: ["pos", "ner"],
      phases: [
        Phase(name: "joint", seed: 1, streams: [stream], decisive: .all(2), weights: [1, 1], recipe: recipe)
      ])
  }()

  func progress(step: Int, losses: [Double?] = [0.5, nil]) -> StepProgress {
    StepProgress(
      phase: "joint", phaseNumber: 0, phaseCount: 1, epoch: 1, epochs: 3, step: 40 + step, epochStep: step,
      stepsPerEpoch: 40, losses: losses, tokens: 1000, rate: 0.1, tokensPerSecond: 12_345.6, stepsPerSecond: 2
    )
  }

  func started(_ style: ProgressRenderer.Style) -> (ProgressRenderer, String) {
    var renderer = ProgressRenderer(style: style)
    let text = renderer.render(.started(TrainingStart(plan: Self.plan, state: LoopState(plan: Self.plan))))
    return (renderer, text)
  }

  @Test func theFirstLineSaysWhatIsTrained() {
    #expect(started(.plain).1 == "training: pos; up to 3 epochs of 40 steps\n")
  }

  @Test func plainOutputHasALineForEachTenthOfAnEpoch() {
    var (renderer, _) = started(.plain)
    let text = (1...40).map { renderer.render(.progress(progress(step: $0))) }.joined()
    #expect(text.split(separator: "\n").count == 9)
    #expect(text.hasPrefix("epoch 2/3 10 %  loss pos 0.500  12,346 tokens/s\n"))
    #expect(!text.contains("\u{1B}"))
  }

  @Test func theBarFitsTheTerminal() {
    for columns in [10, 40, 80, 200] {
      var (renderer, _) = started(.terminal(columns: columns))
      let text = renderer.render(.progress(progress(step: 20, losses: [0.5, 12.25])))
      #expect(text.hasPrefix("\r\u{1B}[K"))
      #expect(text.unicodeScalars.count - 4 < columns)
      #expect(!text.contains("\n"))
    }
  }

  @Test func theBarShowsLossesSpeedAndTimeLeft() {
    var (renderer, _) = started(.terminal(columns: 120))
    let text = renderer.render(.progress(progress(step: 20)))
    #expect(text.contains("███████████████···············"))
    #expect(text.hasSuffix("  loss pos 0.500  12,346 tokens/s  30 s left"))
  }

  @Test func aLineReplacesTheBar() {
    var (renderer, _) = started(.terminal(columns: 100))
    _ = renderer.render(.progress(progress(step: 20)))
    let text = renderer.render(.cancelled(step: 60))
    #expect(text == "\r\u{1B}[Kstopped after step 60; the state is saved\n")
    #expect(renderer.clear() == "")
  }

  @Test func anEpochShowsScoresAndItsMean() {
    var (renderer, _) = started(.plain)
    let epoch = EpochSummary(
      phase: "joint", phaseNumber: 0, epoch: 1, step: 80, losses: [0.25, 1], tokens: 20_000, rate: 0.1,
      scores: [0.94125, 0.6], meanScore: 0.770_625, isBest: true, epochsSinceBest: 0, trainingSeconds: 2,
      scoringSeconds: 1)
    #expect(
      renderer.render(.epochFinished(epoch))
        == "epoch 2  loss pos 0.250 ner 1.000  dev pos 94.13 ner 60.00  mean 77.06  best  10,000 tokens/s  3 s\n"
    )
  }

  /// What decides is no mean then.
  @Test func anEpochNamesTheMainTask() {
    var (renderer, _) = started(.plain)
    let epoch = EpochSummary(
      phase: "joint", phaseNumber: 0, epoch: 1, step: 80, losses: [0.25, 1], tokens: 20_000, rate: 0.1,
      scores: [0.94125, 0.6], meanScore: 0.6, mainTask: 1, isBest: true, epochsSinceBest: 0,
      trainingSeconds: 2, scoringSeconds: 1)
    #expect(
      renderer.render(.epochFinished(epoch))
        == "epoch 2  loss pos 0.250 ner 1.000  dev pos 94.13 ner 60.00  ner decides  best  10,000 tokens/s  3 s\n"
    )
  }

  // MARK: Stages of sparse sharing

  static let pruning: TrainingPlan = {
    var plan = Self.plan
    plan.phases[0].name = "ner round 0/1"
    plan.phases[0].round = PruningRound(
      task: 1, number: 0, last: 1, mask: "round-00", next: PruningRound.Next(mask: "round-01", survivors: 7))
    plan.phases.append(plan.phases[0])
    return plan
  }()

  func pruning(_ style: ProgressRenderer.Style) -> ProgressRenderer {
    var renderer = ProgressRenderer(style: style)
    _ = renderer.render(
      .started(TrainingStart(plan: Self.pruning, state: LoopState(plan: Self.pruning))))
    return renderer
  }

  let epoch = EpochSummary(
    phase: "ner round 0/1", phaseNumber: 0, epoch: 1, step: 80, losses: [nil, 1], tokens: 20_000, rate: 0.1,
    scores: [nil, 0.6], meanScore: 0.6, isBest: true, epochsSinceBest: 0, trainingSeconds: 2,
    scoringSeconds: 1)

  @Test func aRoundIsALine() {
    var renderer = pruning(.plain)
    var round = RoundSummary(
      task: "ner", number: 3, last: 20, size: SubnetSize(kept: 7079, reached: 10_000), score: 0.612,
      epochs: 4,
      step: 100)
    #expect(renderer.render(.roundFinished(round)) == "prune ner round 3/20 density 70.79 %: dev 61.20\n")
    round.score = nil
    #expect(renderer.render(.roundFinished(round)) == "prune ner round 3/20 density 70.79 %: no dev data\n")
  }

  @Test func roundsAreQuietElsewhere() {
    var renderer = pruning(.plain)
    for step in 1...40 { #expect(renderer.render(.progress(progress(step: step))) == "") }
    #expect(renderer.render(.epochFinished(epoch)) == "")
    #expect(
      renderer.render(.stoppedEarly(EarlyStop(phaseNumber: 0, step: 80, epoch: 1, best: nil))) == "")
  }

  @Test func aRoundHasABarOnATerminal() {
    var renderer = pruning(.terminal(columns: 100))
    var progress = progress(step: 20)
    (progress.phase, progress.phaseCount) = ("ner round 0/1", 2)
    #expect(renderer.render(.progress(progress)).contains("ner round 0/1 epoch 2/3 █"))
    #expect(renderer.render(.epochFinished(epoch)) == "")
  }

  @Test func stagesHaveHeadlines() {
    var renderer = ProgressRenderer(style: .plain)
    #expect(renderer.render(.stageBegan(StageStart(stage: .warmup))) == "warm-up\n")
    let done = StageStart(stage: .pruning(task: "ner"), isFinished: true)
    #expect(renderer.render(.stageBegan(done)) == "prune ner: finished before\n")
    #expect(renderer.render(.stageBegan(StageStart(stage: .training))) == "parallel training\n")
  }
}
