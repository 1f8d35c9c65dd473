extension SpecLanguage {
  static let blankSharing = SharingSpec()
  static let blankMix = MixSpec()
  static let blankPrune = PruneSpec()
  /// The kinds of sharing that read the keys about masks.
  static let maskedKinds: [SharingSpec.Kind] = [.single, .hard, .sparse]

  static let sharingKind = LanguageType.choice(SharingSpec.Kind.self) {
    switch $0 {
    case .single: "Every task has a base network of its own."
    case .hard:
      "One base network for all tasks (Caruana 1997); with heads on lower layers also hierarchical sharing "
        + "(Søgaard and Goldberg 2016)."
    case .soft:
      "Every task has encoder layers of its own over shared token features; learned α mix the layers' outputs "
        + "(cross-stitch: Misra et al. 2016)."
    case .sparse:
      "One base network, of which every task uses the part that its mask leaves (Sun et al. 2020)."
    }
  }

  static let sharing = Section(
    "sharing", "How the tasks share the base network. A single word stands for `{kind: word}`.",
    shorthand: ["kind"],
    keys: [
      Key("kind", sharingKind, .value(blankSharing.kind.rawValue), "The mechanism."),
      Key(
        "mix", .section(mix), .value("{}"), "How the layers' outputs are mixed.", readBy: [.soft]),
      Key(
        "warmup", .count(from: 0), .value("\(blankSharing.warmup)"),
        "Epochs of multi-task warm-up before pruning, with hard sharing and the recipe of `train`; 0 is none.",
        readBy: [.sparse]),
      Key(
        "prune", .section(prune), .value("{}"), "How each task's subnet is found.", readBy: [.sparse]),
      Key(
        "masks",
        .either([
          .word(
            "found",
            "Pruning finds them with sparse sharing; there are none with single-task and hard sharing."),
          .path, .section(randomMasks), .dictionary(.path, of: "task"),
        ]), .value("found"),
        "Where the masks come from: a folder that holds `<task>.safetensors` for each task, a file for each of "
          + "some tasks (the others have none), or chance. With masks given, nothing is pruned and training "
          + "starts from initial values or those of `train.initialize`.",
        readBy: maskedKinds),
      Key(
        "prunable",
        .oneOrMore(.text("a pattern of parameter names such as encoder.*"), of: "patterns"),
        .value("[" + blankSharing.prunable.map { "\"\($0)\"" }.joined(separator: ", ") + "]"),
        "Names of the parameters that masks may thin out; `*` stands for any characters. Only weights of "
          + "recurrences and convolutions can be: never embeddings, biases and heads.",
        readBy: maskedKinds),
      Key(
        "updates",
        .choice(MaskedUpdates.self) {
          switch $0 {
          case .exact: "A step of a task changes nothing outside its mask and its head, momentum included."
          case .compat:
            "Momentum moves every parameter, also those without gradient: what the published code of Sun et "
              + "al. (2020) does."
          }
        }, .value(blankSharing.updates.rawValue), "What a step of a task may change under masks.",
        readBy: maskedKinds),
    ])

  static let mix = Section(
    "mix", "The mixing of layers between tasks.",
    keys: [
      Key(
        "subspaces", .integer(1...64), .value("\(blankMix.subspaces)"),
        "Parts that the units of each direction of a layer are split in; α mixes the parts of all tasks "
          + "(sluice networks: Ruder et al. 2019). With one it mixes whole layers (cross-stitch units)."),
      Key("learned", .boolean, .value("\(blankMix.learned)"), "Whether α is trained, or stays as it starts."),
      Key(
        "start",
        .choice(MixSpec.Start.self) {
          switch $0 {
          case .imbalanced:
            "0.9 for a task's own layer, the rest spread evenly over the others; with subspaces 0.95 for the own "
              + "one and 0.05 for each of the others."
          case .balanced: "The same for all."
          case .identity: "1 for a task's own layer, 0 for the others."
          }
        }, .value(blankMix.start.rawValue), "What α starts from."),
    ])

  static let randomMasks = Section(
    "random", "Masks made by chance from the seed: a baseline for masks that were found.", isUnion: true,
    keys: [
      Key("random", .number(.share), .described("nothing"), "The density of each task's mask."),
      Key(
        "random-like", .path, .described("nothing"),
        "A folder of masks; each task's has the density of the task's mask there."),
    ])

  static let prune = Section(
    "prune",
    "Iterative magnitude pruning (Sun et al. 2020, Algorithm 1), for each task by itself: train on the task "
      + "alone, drop the smallest weights, go back to where training started, and again.",
    keys: [
      Key(
        "final", .number(.share), .value(NumberText.text(blankPrune.final)),
        "Density at which pruning ends: the share of prunable weights that is left."),
      Key(
        "rounds", .count(to: 10_000), .value("\(blankPrune.rounds)"),
        "Times that weights are removed; each leaves final^(1/rounds) of those that are left."),
      Key(
        "rate", .number(.within(1)), .described("as `rounds` says"),
        "Share of what is left that each round removes, until `final` is reached; in place of `rounds`."),
      Key(
        "granularity",
        .choice(PruneSpec.Granularity.self) {
          switch $0 {
          case .weights: "Single weights."
          case .blocks: "Blocks of 16 consecutive units of one gate × one input."
          case .units: "Whole units: their four gate rows in both matrices."
          }
        }, .value(blankPrune.granularity.rawValue), "What is removed as one."),
      Key(
        "scope",
        .choice(PruneSpec.Scope.self) {
          switch $0 {
          case .global: "All prunable parameters together."
          case .layer: "Each layer by itself."
          }
        }, .value(blankPrune.scope.rawValue), "Over what magnitudes are ranked."),
      Key(
        "select",
        .either([
          .word("best", "The one with the best dev score; of equals the sparsest."),
          .section(
            Section(
              "select", "A candidate chosen without looking at scores.", isUnion: true,
              keys: [
                Key(
                  "density", .number(.share), .described("nothing"),
                  "The candidate whose density is closest."),
                Key(
                  "round", .count(to: 10_000), .described("nothing"),
                  "The one after this many prunings, from 1."),
              ])),
        ]), .value("best"), "Which candidate becomes the task's subnet; the dense network is none."),
      Key("epochs", .count(), .value("\(blankPrune.epochs)"), "Most epochs of a round."),
      Key(
        "patience", .either([.word("none", "Train all epochs."), .count()]),
        .value(blankPrune.patience.map { "\($0)" } ?? "none"),
        "Epochs of a round without a better dev score before it stops."),
      Key(
        "decay", .number(.atLeast(0)), .value(NumberText.text(blankPrune.decay)),
        "The learning rate of a round is rate / (1 + decay · epoch)."),
    ])
}

extension Key {
  fileprivate init(
    _ name: String, _ type: LanguageType, _ presence: Presence, _ doc: String, readBy: [SharingSpec.Kind]
  ) {
    self.init(name, type, presence, doc, readBy: readBy.map(\.rawValue))
  }
}
