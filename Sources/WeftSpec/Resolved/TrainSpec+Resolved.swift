extension TrainSpec {
  var resolved: OutputValue {
    var entries: [(String, OutputValue)] = [
      ("optimizer", optimizer.resolved), ("rate", .number(rate)), ("schedule", schedule.resolved),
      ("clip", clip.resolved), ("batch", .integer(batch)), ("accumulate", .integer(accumulate)),
      ("epochs", .integer(epochs)), ("patience", patience.map(OutputValue.integer) ?? .text("none")),
    ]
    if let mainTask { entries.append(("main-task", .text(mainTask))) }
    entries += [
      ("sampling", sampling.resolved), ("step", .text(step.rawValue)), ("averaging", .number(averaging)),
      ("save-every", .integer(saveEvery)), ("score-training", .boolean(scoreTraining)),
      ("initialize", .text(initialize ?? "none")),
      ("precision", .text(precision.rawValue)), ("threads", .integer(threads)),
    ]
    return .mapping(entries)
  }
}

extension OptimizerSpec {
  var resolved: OutputValue {
    var entries: [(String, OutputValue)] = [("kind", .text(kind.rawValue))]
    switch kind {
    case .sgd: entries += [("momentum", .number(momentum)), ("nesterov", .boolean(nesterov))]
    case .adam, .adamw: break
    }
    entries.append(("weight-decay", .number(weightDecay)))
    if kind != .sgd {
      entries += [
        ("beta1", .number(beta1)), ("beta2", .number(beta2)), ("epsilon", .number(epsilon)),
        ("lazy", .boolean(lazy)),
      ]
    }
    return .mapping(entries)
  }
}

extension ScheduleSpec {
  var resolved: OutputValue {
    var entries: [(String, OutputValue)] = [("kind", .text(kind.rawValue))]
    switch kind {
    case .constant: break
    case .inverseTime: entries.append(("decay", .number(decay)))
    case .step, .plateau: entries += [("factor", .number(factor)), ("every", .integer(every))]
    case .cosine: entries.append(("floor", .number(floor)))
    }
    entries.append(("warmup", .integer(warmup)))
    return .mapping(entries)
  }
}

extension ClipSpec {
  var resolved: OutputValue {
    switch self {
    case .none: .text("none")
    case .norm(let norm): .mapping([("norm", .number(norm))])
    case .value(let value): .mapping([("value", .number(value))])
    }
  }
}

extension SamplingSpec {
  var resolved: OutputValue {
    switch self {
    case .proportional: .text("proportional")
    case .temperature(let temperature): .mapping([("temperature", .number(temperature))])
    case .uniform: .text("uniform")
    case .roundRobin: .text("round-robin")
    case .roundRobinUntilExhausted: .text("round-robin-until-exhausted")
    }
  }
}
