extension SpecLanguage {
  static let blankSharing = SharingSpec()
  static let blankMix = MixSpec()
  static let blankPenalties = PenaltySpec()
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
        "embeddings",
        .choice(SharingSpec.Embeddings.self) {
          switch $0 {
          case .shared: "All tasks read the same words, characters and features."
          case .perTask: "Each task has words, characters and features of its own."
          }
        }, .value(blankSharing.embeddings.rawValue),
        "Whether the tasks share the token features under their layers.", readBy: [.soft]),
      Key(
        "mix", .section(mix), .value("{}"), "How the layers' outputs are mixed.", readBy: [.soft]),
      Key(
        "penalties", .section(penalties), .value("{}"),
        "What is added to the losses for the input weights of the layers.", readBy: [.soft]),
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
        .either([
          .choice(MixSpec.Start.self) {
            switch $0 {
            case .imbalanced:
              "0.9 for a task's own layer, the rest spread evenly over the others; with subspaces 0.95 for the own "
                + "one and 0.05 for each of the others."
            case .balanced: "The same for all."
            case .identity: "1 for a task's own layer, 0 for the others."
            }
          }, .list(.list(.number(.any), of: "numbers"), of: "rows of α"),
        ]), .value(blankMix.start.rawValue),
        "What α starts from. A matrix has a row for each subspace of each task (task 1 subspace 1, task 1 subspace 2, "
          + "task 2 subspace 1 …) that says what this one reads, and as many columns. Layers that some tasks do "
          + "not have take the rows and columns of those that have them."),
      Key(
        "entries",
        .list(.list(.either([.number(.any), .name]), of: "numbers and names"), of: "rows of α"),
        .described("every entry is trained by itself"),
        "Which entries of α are trained, as a matrix like that of `start`: a number is a constant, a name an entry that "
          + "is trained, and entries of one name are one number, which starts from their mean in `start`."),
    ])

  static let penalties = Section(
    "penalties",
    "Penalties on the input weights of the layers (`weight_ih`). G_s are the rows of the units of subspace s.",
    keys: [
      Key(
        "orthogonality", .either([.number(.atLeast(0)), .section(orthogonality)]),
        .value(NumberText.text(blankPenalties.orthogonality)),
        "λ of the sum over tasks, layers and directions of ‖G_1 G_2ᵀ‖²_F, which keeps subspaces apart (Ruder et al. "
          + "2019). A number stands for `{weight: number}`."),
      Key(
        "group-lasso", .number(.atLeast(0)), .value(NumberText.text(blankPenalties.groupLasso)),
        "λ of the sum over tasks, layers and subspaces of ‖G_s‖₂ (Yuan and Lin 2006). Each update ends in G_s ← G_s · "
          + "max(0, 1 − rate · λ / ‖G_s‖₂), so that whole subspaces become exactly 0."),
    ])

  static let orthogonality = Section(
    "orthogonality", "The penalty on subspaces that are not orthogonal.", shorthand: ["weight"],
    keys: [
      Key(
        "weight", .number(.atLeast(0)), .value(NumberText.text(blankPenalties.orthogonality)), "λ."),
      Key(
        "every", .count(), .value("\(blankPenalties.orthogonalityEvery)"),
        "The gradient of the penalty is added at every so many updates of a layer, as many times as strong: with one "
          + "sentence an update the exact penalty (1) costs more than all else."),
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
