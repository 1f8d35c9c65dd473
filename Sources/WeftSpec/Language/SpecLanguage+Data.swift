extension SpecLanguage {
  static let blankCorpus = CorpusSpec(name: "blank", columns: [])
  static let blankTask = TaskSpec(name: "blank", data: "blank", column: "blank")

  /// Fields of a CoNLL-U line by their standard names, without ID.
  static let conlluFields = ["form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc"]
  /// Fields that hold `Key=Value` pairs.
  static let conlluKeyedFields = ["feats", "misc"]

  static let corpus = Section(
    "corpus",
    "A corpus: files of one format, and which of their columns have a name. Several files of one split are "
      + "read one after the other.",
    keys: [
      Key(
        "format",
        .choice(CorpusSpec.Format.self) {
          switch $0 {
          case .conll:
            "One token a line, columns separated by spaces or tabs, an empty line after each sentence."
          case .conllu: "CoNLL-U, with multiword tokens and empty tokens."
          case .tsv: "As `conll`, with exactly one tab between columns."
          }
        }, .value(blankCorpus.format.rawValue), "Format of the files."),
      Key(
        "separator",
        .choice(CorpusSpec.Separator.self) {
          switch $0 {
          case .automatic: "A tab where the line holds one, otherwise runs of spaces."
          case .tab: "One tab."
          case .whitespace: "Runs of spaces and tabs."
          }
        }, .value(blankCorpus.separator.rawValue), "What separates the columns of a `conll` file."),
      Key("train", .oneOrMore(.path, of: "paths"), .required, "Training files."),
      Key(
        "dev", .oneOrMore(.path, of: "paths"), .value("[]"),
        "Development files; they decide when training stops."),
      Key(
        "test", .oneOrMore(.path, of: "paths"), .value("[]"), "Test files; nothing is ever chosen by them."),
      Key(
        "columns",
        .dictionary(
          .either([.integer(0...999), .text("a CoNLL-U field such as xpos or misc.Entity")]), of: "column"),
        .required,
        "Where the named columns are: a number from 0 in `conll` and `tsv` files; in `conllu` files one of "
          + conlluFields.map { "`\($0)`" }.joined(separator: ", ")
          + ", or a key of FEATS or MISC such as `misc.Entity`. One column is called `word`; in `conllu` "
          + "files it is `form` unless said otherwise."),
      Key(
        "unlabelled", .oneOrMore(.text("the text of a cell"), of: "texts of cells"), .value("[]"),
        "Cells with this text carry no label, besides cells that are empty or absent. Unlabelled tokens add "
          + "nothing to the loss or the score of a task."),
      Key(
        "domains", .section(domains), .described("nothing"),
        "What says which domain (genre, source) a sentence is of: a table or a comment. Scores are then counted for "
          + "each domain too."),
      Key(
        "train-on", .oneOrMore(.text("a domain"), of: "domains"), .described("all"),
        "Domains to train on. Vocabularies and labels are those of their sentences, and their dev sentences decide "
          + "when training stops; test files are scored whole, and domain by domain."),
      Key(
        "limit", .count(), .described("all"),
        "So many training sentences are read, the first of those that `train-on` leaves."),
    ])

  static let domains = Section(
    "domains", "What says which domain a sentence is of.", isUnion: true,
    keys: [
      Key(
        "file", .path, .described("nothing"),
        "A table with tabs and a header that names the columns `split`, `domain`, `first` and `last`: a range of "
          + "sentences of a split's files, from 0, both ends included. Others are ignored. Every sentence is in "
          + "exactly one range."),
      Key(
        "comment", .either([.text("the name of a comment such as genre"), .section(domainComment)]),
        .described("nothing"),
        "A comment such as `# genre = news` before a sentence. It holds for the sentences after it until it is given "
          + "again."),
    ])

  static let domainComment = Section(
    "comment", "A comment and which part of its value names the domain. A text stands for `{field: text}`.",
    shorthand: ["field"],
    keys: [
      Key(
        "field", .text("the name of a comment such as newdoc id"), .required,
        "Name of the comment, which stands before `=`: `genre`, `newdoc id` or `sent_id`, say."),
      Key(
        "until", .text("a separator"), .described("the end of the value"),
        "The domain is what stands before this text: `-` makes `weblog` of `weblog-juancole.com_0042`."),
    ])

  static let scheme = LanguageType.choice(TagScheme.self) {
    switch $0 {
    case .none: "Labels that are no spans (parts of speech, relations)."
    case .iob1: "`B-` only where a span follows another of its type directly."
    case .bio: "Every span begins with `B-` (also called BIO2, IOB2)."
    case .bioes: "BIO with `E-` on the last and `S-` on a single token (also called IOBES)."
    }
  }

  static let decoderKind = LanguageType.choice(TaskSpec.Decoder.self) {
    switch $0 {
    case .softmax: "Each token by itself; mean cross-entropy over the labelled tokens."
    case .crf: "A linear-chain CRF (Lafferty et al. 2001); mean negative log-likelihood over sentences."
    }
  }

  static let task = Section(
    "task", "One labelling task: its labels, how it is decoded and how it is scored.",
    keys: [
      Key("data", .name, .described("the only corpus"), "The corpus that holds the labels."),
      Key("column", .name, .described("the task's name"), "The named column of that corpus."),
      Key(
        "synthetic",
        .choice(SyntheticLabels.self) {
          switch $0 {
          case .position:
            "The token's place in its sentence, from 0 (Position Prediction: Sun et al. 2020, Table 6)."
          }
        }, .described("nothing"),
        "Labels that come of the sentences themselves, in place of a column: `position` is the token's place in its "
          + "sentence, from 0 (Position Prediction: Sun et al. 2020, Table 6)."),
      Key(
        "scheme", .either([scheme, .section(taskScheme)]), .value("none"),
        "How spans are written as one tag a token. One word is the scheme of the data; the model then "
          + "predicts the same, or `bio` where the data are `iob1`."),
      Key(
        "decoder", .either([decoderKind, .section(decoder)]), .value(blankTask.decoder.rawValue),
        "How the labels of a sentence are chosen."),
      Key(
        "metric",
        .choice(Metric.self) {
          switch $0 {
          case .accuracy: "Share of labelled tokens with the right label."
          case .spanF1: "F1 of labelled spans, as the CoNLL-2000 scorer counts them."
          }
        }, .described("`span-f1` with a scheme, `accuracy` without"), "What the task is scored by."),
      Key(
        "head", .either([.word("linear", "One linear map."), .section(head)]), .value("linear"),
        "What stands between the encoder and the label scores."),
      Key(
        "label-smoothing", .number(.below(1)), .value(NumberText.text(blankTask.labelSmoothing)),
        "ε of a softmax loss: (1 − ε) on the gold label and ε/L on each of the L labels."),
      Key(
        "weight", .number(.positive), .value(NumberText.text(blankTask.weight)),
        "Fixed weight of the task's loss."),
      Key(
        "random-labels", .either([.number(.share), .section(randomLabels)]), .described("nothing"),
        "Draws training labels by chance, to see what a network can learn by heart (Ruder et al. 2019, Figure 3); "
          + "dev and test labels stay. A number is the share."),
    ])

  static let randomLabels = Section(
    "chance", "Training labels by chance. A number stands for `{share: number}`.", shorthand: ["share"],
    keys: [
      Key(
        "share", .number(.share), .described("`\(NumberText.text(RandomLabelsSpec().share))`"),
        "Share of the training tokens whose label is drawn anew, evenly from the labels of the task."),
      Key(
        "seed", .integer(0...largestSeed), .described("`\(RandomLabelsSpec().seed)`"),
        "Seed of the draws. Labels are data: they are the same whatever the seed of training."),
    ])

  static let taskScheme = Section(
    "scheme",
    "The scheme of the files and the scheme that the model predicts; tags are converted between them.",
    shorthand: ["data"],
    keys: [
      Key("data", scheme, .value(blankTask.dataScheme.rawValue), "Scheme of the column in the files."),
      Key(
        "model", scheme, .described("that of the data; `bio` where the data are `iob1`"),
        "Scheme that the model predicts."),
    ])

  static let decoder = Section(
    "decoder", "A decoder and its options. A single word stands for `{kind: word}`.",
    shorthand: ["kind"],
    keys: [
      Key("kind", decoderKind, .value(blankTask.decoder.rawValue), "The decoder."),
      Key(
        "start-end", .boolean, .value("\(blankTask.crf.startEnd)"),
        "CRF: learned scores for the first and the last label."),
      Key(
        "constrained", .boolean, .value("\(blankTask.crf.constrained)"),
        "CRF: forbid transitions that the model's scheme does not allow."),
    ])

  static let beta = Section(
    "beta", "The weights β of a mixture of layers.",
    keys: [
      Key(
        "learned", .boolean, .value("\(blankTask.head.beta.learned)"),
        "Whether β is trained, or stays as it starts."),
      Key(
        "start",
        .either([
          .choice(BetaSpec.Start.self) {
            switch $0 {
            case .imbalanced: "0.9 for the uppermost layer, the rest spread evenly over the others."
            case .balanced: "The same for all."
            }
          }, .list(.number(.any), of: "weights, one for each layer from the bottom up"),
        ]), .value(blankTask.head.beta.start.rawValue), "What β starts from."),
    ])

  static let head = Section(
    "head", "A head. `linear` stands for one linear map on the top layer.",
    shorthand: [],
    keys: [
      Key(
        "layer", .integer(0...999), .described("the top layer"),
        "The encoder layer that the head reads, from 0 at the bottom."),
      Key(
        "layers",
        .choice(LayersRead.self) {
          switch $0 {
          case .top: "That layer alone."
          case .mixture: "The sum of all layers up to it, each times a weight β (Ruder et al. 2019)."
          case .sum: "The sum of all layers up to it: skip connections."
          case .concatenation: "All layers up to it, side by side."
          }
        }, .value(blankTask.head.layers.rawValue), "Whether the head reads the layers below as well."),
      Key("beta", .section(beta), .value("{}"), "The weights of a mixture of layers."),
      Key(
        "hidden", .oneOrMore(.count(), of: "sizes"), .value("[]"),
        "Sizes of hidden layers before the last linear map."),
      Key(
        "activation",
        .choice(Activation.self) {
          switch $0 {
          case .relu: "max(0, x)."
          case .tanh: "Hyperbolic tangent."
          case .sigmoid: "1 / (1 + exp(−x))."
          }
        }, .value(blankTask.head.activation.rawValue), "Activation of the hidden layers."),
    ])
}
