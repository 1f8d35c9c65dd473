extension SpecDecoder {
  func train(_ node: SpecNode?) -> TrainSpec {
    var train = TrainSpec()
    guard let node else { return train }
    train.optimizer = optimizer(node)
    train.rate =
      node["rate"]?.number ?? (train.optimizer.kind == .sgd ? train.rate : SpecLanguage.defaultAdamRate)
    train.schedule = schedule(node)
    if let clip = node["clip"] { train.clip = self.clip(clip) ?? train.clip }
    set(&train.batch, node["batch"]?.integer)
    set(&train.accumulate, node["accumulate"]?.integer)
    set(&train.epochs, node["epochs"]?.integer)
    if let patience = node["patience"] { train.patience = patience.integer }
    train.mainTask = node["main-task"]?.text
    train.sampling = sampling(node["sampling"])
    set(&train.step, node["step"]?.text.flatMap(StepKind.init))
    set(&train.averaging, node["averaging"]?.number)
    set(&train.saveEvery, node["save-every"]?.integer)
    set(&train.scoreTraining, node["score-training"]?.boolean)
    if let initialize = node["initialize"], initialize.text != "none" { train.initialize = initialize.path }
    set(&train.precision, node["precision"]?.text.flatMap(TrainingPrecision.init))
    set(&train.threads, node["threads"]?.integer)
    return train
  }

  private func optimizer(_ train: SpecNode) -> OptimizerSpec {
    var optimizer = OptimizerSpec()
    let node = train["optimizer"]
    set(&optimizer.kind, node?.word("kind").flatMap(OptimizerSpec.Kind.init))
    set(&optimizer.weightDecay, (node?["weight-decay"] ?? train["weight-decay"])?.number)
    switch optimizer.kind {
    case .sgd:
      set(&optimizer.momentum, (node?["momentum"] ?? train["momentum"])?.number)
      set(&optimizer.nesterov, (node?["nesterov"] ?? train["nesterov"])?.boolean)
    case .adam, .adamw:
      set(&optimizer.beta1, node?["beta1"]?.number)
      set(&optimizer.beta2, node?["beta2"]?.number)
      set(&optimizer.epsilon, node?["epsilon"]?.number)
      set(&optimizer.lazy, node?["lazy"]?.boolean)
    }
    return optimizer
  }

  private func schedule(_ train: SpecNode) -> ScheduleSpec {
    var schedule = ScheduleSpec()
    let node = train["schedule"]
    set(&schedule.warmup, node?["warmup"]?.integer)
    if let kind = node?.word("kind").flatMap(ScheduleSpec.Kind.init) {
      schedule.kind = kind
    } else if train["decay"] != nil {
      schedule.kind = .inverseTime
    }
    switch schedule.kind {
    case .constant: break
    case .inverseTime: set(&schedule.decay, (node?["decay"] ?? train["decay"])?.number)
    case .step, .plateau:
      set(&schedule.factor, node?["factor"]?.number)
      set(&schedule.every, node?["every"]?.integer)
    case .cosine: set(&schedule.floor, node?["floor"]?.number)
    }
    return schedule
  }

  private func clip(_ node: SpecNode) -> ClipSpec? {
    if node.text == "none" { return ClipSpec.none }
    if let norm = node["norm"]?.number { return .norm(norm) }
    return node["value"]?.number.map(ClipSpec.value)
  }

  private func sampling(_ node: SpecNode?) -> SamplingSpec {
    if let temperature = node?["temperature"]?.number { return .temperature(temperature) }
    return switch node?.text {
    case "uniform": .uniform
    case "round-robin": .roundRobin
    case "round-robin-until-exhausted": .roundRobinUntilExhausted
    default: .proportional
    }
  }
}
