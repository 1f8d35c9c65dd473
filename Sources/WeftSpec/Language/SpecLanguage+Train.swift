extension SpecLanguage {
  static let blankTrain = TrainSpec()
  static let blankOptimizer = OptimizerSpec()
  static let blankSchedule = ScheduleSpec()
  /// The learning rate of Adam and AdamW when the spec names none.
  static let defaultAdamRate = 0.001

  static let train = Section(
    "train", "The recipe.",
    keys: [
      Key(
        "optimizer", .either([optimizerKind, .section(optimizer)]), .value(blankOptimizer.kind.rawValue),
        "The update rule."),
      Key(
        "rate", .number(.positive),
        .described(
          "`\(NumberText.text(blankTrain.rate))` with `sgd`, `\(NumberText.text(defaultAdamRate))` otherwise"),
        "Learning rate before decay."),
      Key(
        "momentum", .number(.below(1)), .described("that of `optimizer`"),
        "Short for `optimizer: {momentum: …}`."),
      Key("nesterov", .boolean, .described("that of `optimizer`"), "Short for `optimizer: {nesterov: …}`."),
      Key(
        "weight-decay", .number(.atLeast(0)), .described("that of `optimizer`"),
        "Short for `optimizer: {weight-decay: …}`."),
      Key(
        "decay", .number(.atLeast(0)), .described("that of `schedule`"),
        "Short for `schedule: {kind: inverse-time, decay: …}`."),
      Key(
        "schedule", .either([scheduleKind, .section(schedule)]), .value(blankSchedule.kind.rawValue),
        "How the learning rate changes."),
      Key(
        "clip",
        .either([
          .word("none", "Gradients are not bounded."),
          .section(
            Section(
              "clip", "A bound on gradients, taken over exactly the parameters that a step updates.",
              isUnion: true,
              keys: [
                Key(
                  "norm", .number(.positive), .described("nothing"),
                  "Scale the gradient so that its Euclidean norm is at most this."),
                Key("value", .number(.positive), .described("nothing"), "Clamp every element to ± this."),
              ])),
        ]), .value("{norm: 5}"), "How gradients are bounded."),
      Key("batch", .count(), .value("\(blankTrain.batch)"), "Sentences a mini-batch."),
      Key(
        "accumulate", .count(), .value("\(blankTrain.accumulate)"),
        "Mini-batches whose gradients are averaged before an update."),
      Key("epochs", .count(), .value("\(blankTrain.epochs)"), "Passes over the training data of all tasks."),
      Key(
        "patience", .either([.word("none", "Train all epochs."), .count()]),
        .value(blankTrain.patience.map { "\($0)" } ?? "none"),
        "Epochs without a better dev score before training stops."),
      Key(
        "main-task", .name, .described("the mean of all tasks"),
        "The task whose dev score alone decides which epoch is best."),
      Key(
        "sampling",
        .either([
          .choice([
            Choice("proportional", "Proportional to the number of training sentences."),
            Choice("uniform", "Every task alike."),
            Choice(
              "round-robin", "The tasks in turn. A short one starts again, so that all have as many steps."),
            Choice(
              "round-robin-until-exhausted",
              "The tasks in turn; within an epoch one whose mini-batches are used up is left out, and the others "
                + "go on."),
          ]),
          .section(
            Section(
              "sampling", "Sampling between proportional and uniform.", isUnion: true,
              keys: [
                Key(
                  "temperature", .number(.atLeast(0)), .described("nothing"),
                  "τ of size^τ: 1 is proportional, 0 is uniform.")
              ])),
        ]), .value("proportional"), "How a one-task step draws its task."),
      Key(
        "step",
        .choice(StepKind.self) {
          switch $0 {
          case .oneTask: "A step draws a task and a mini-batch of it."
          case .allTasks:
            "A step takes a mini-batch of sentences and sums the losses of every task they are labelled for."
          }
        }, .value(blankTrain.step.rawValue), "What one step trains."),
      Key(
        "averaging", .number(.below(1)), .value(NumberText.text(blankTrain.averaging)),
        "Decay of an exponential moving average of the weights, which is scored and kept as the best model; "
          + "0 is off."
      ),
      Key(
        "save-every", .count(from: 0, to: 1_000_000_000), .value("\(blankTrain.saveEvery)"),
        "Write a resumable checkpoint every so many steps, besides after each epoch; "
          + "0 is after epochs only."),
      Key(
        "score-training", .boolean, .value("\(blankTrain.scoreTraining)"),
        "Score the training sentences too after each epoch, for learning curves. It decides nothing."),
      Key(
        "initialize", .either([.word("none", "Fresh parameters."), .path]), .value("none"),
        "A checkpoint of another run to start from; parameters are matched by name and shape."),
      Key(
        "precision",
        .choice(TrainingPrecision.self) {
          switch $0 {
          case .fp32: "Single precision."
          case .bf16:
            "Factors are rounded to bfloat16, which is faster where the processor adds two of their products at once. "
              + "Weights, sums and updates stay in single precision, and so does the trained model."
          }
        }, .value(blankTrain.precision.rawValue), "What products of recurrent layers are computed in."),
      Key("threads", .integer(1...2), .value("\(blankTrain.threads)"), "Threads of one step."),
    ])

  static let optimizerKind = LanguageType.choice(OptimizerSpec.Kind.self) {
    switch $0 {
    case .sgd: "Stochastic gradient descent, with momentum."
    case .adam: "Adam (Kingma and Ba 2015)."
    case .adamw: "Adam with decoupled weight decay (Loshchilov and Hutter 2019)."
    }
  }

  static let optimizer = Section(
    "optimizer", "An update rule and its options. A single word stands for `{kind: word}`.",
    shorthand: ["kind"],
    keys: [
      Key("kind", optimizerKind, .value(blankOptimizer.kind.rawValue), "The update rule."),
      Key(
        "momentum", .number(.below(1)), .value(NumberText.text(blankOptimizer.momentum)), "SGD: momentum μ."),
      Key("nesterov", .boolean, .value("\(blankOptimizer.nesterov)"), "SGD: Nesterov's momentum."),
      Key(
        "weight-decay", .number(.atLeast(0)), .value(NumberText.text(blankOptimizer.weightDecay)),
        "λ. SGD and Adam add λw to the gradient; AdamW decays the weights themselves."),
      Key("beta1", .number(.below(1)), .value(NumberText.text(blankOptimizer.beta1)), "Adam, AdamW: β₁."),
      Key("beta2", .number(.below(1)), .value(NumberText.text(blankOptimizer.beta2)), "Adam, AdamW: β₂."),
      Key("epsilon", .number(.positive), .value(NumberText.text(blankOptimizer.epsilon)), "Adam, AdamW: ε."),
      Key(
        "lazy", .boolean, .value("\(blankOptimizer.lazy)"),
        "Adam, AdamW: rows of embeddings that a mini-batch does not look up stay as they are. `false` moves them by their "
          + "old moments as `torch.optim.Adam` does, at the cost of a pass over every table in every step."),
    ])

  static let scheduleKind = LanguageType.choice(ScheduleSpec.Kind.self) {
    switch $0 {
    case .constant: "The rate stays."
    case .inverseTime: "rate / (1 + decay · epoch), epochs from 0."
    case .step: "rate · factor^⌊epoch / every⌋."
    case .cosine: "Half a cosine from the rate to `floor` over all steps."
    case .plateau: "rate · factor for each time the dev score has not risen for `every` epochs."
    }
  }

  static let schedule = Section(
    "schedule", "How the learning rate changes. A single word stands for `{kind: word}`.",
    shorthand: ["kind"],
    keys: [
      Key("kind", scheduleKind, .value(blankSchedule.kind.rawValue), "The schedule."),
      Key(
        "decay", .number(.atLeast(0)), .value(NumberText.text(blankSchedule.decay)), "`inverse-time`: decay."),
      Key(
        "factor", .number(.positive), .value(NumberText.text(blankSchedule.factor)),
        "`step`, `plateau`: factor."),
      Key("every", .count(), .value("\(blankSchedule.every)"), "`step`, `plateau`: epochs."),
      Key(
        "floor", .number(.atLeast(0)), .value(NumberText.text(blankSchedule.floor)),
        "`cosine`: the last rate."),
      Key(
        "warmup", .count(from: 0, to: 1_000_000_000), .value("\(blankSchedule.warmup)"),
        "Steps over which the rate rises linearly from 0."),
    ])
}
