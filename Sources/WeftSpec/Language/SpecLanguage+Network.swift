extension SpecLanguage {
  static let blankWords = WordSpec()
  static let blankChars = CharSpec()
  static let blankLayer = LayerSpec()
  static let blankDropout = DropoutSpec()
  static let defaultFeatureDim = 20

  static let network = Section(
    "network",
    "Token features (words, then characters, then further features, side by side), and a stack of "
      + "recurrent layers.",
    keys: [
      Key(
        "words", .either([.word("none", "No word embeddings."), .section(words)]), .value("{}"),
        "Word embeddings and their vocabulary."),
      Key(
        "chars", .either([.word("none", "The spelling is not looked at."), charKind, .section(chars)]),
        .value("none"),
        "How the spelling of a word becomes a vector."),
      Key(
        "features", .list(.section(feature), of: "features"), .value("[]"),
        "Further embeddings of each token."),
      Key(
        "encoder", .list(.section(layer), of: "layers"),
        .value("[{kind: bilstm, hidden: \(blankLayer.hidden)}]"),
        "Layers from the bottom up. With none, heads read the token features."),
      Key(
        "dropout", .either([.number(.below(1)), .section(dropout)]), .value("{}"),
        "Dropout probabilities. A number stands for `{input: number, output: number}`."),
      Key(
        "noise", .number(.atLeast(0)), .value(NumberText.text(NetworkSpec().noise)),
        "Standard deviation of Gaussian noise added to the token features in training."),
    ])

  static let words = Section(
    "words", "Word embeddings and their vocabulary.",
    keys: [
      Key("dim", .count(), .value("\(blankWords.dim)"), "Columns of the embedding."),
      Key(
        "vectors", .path, .described("random vectors"),
        "GloVe, word2vec or fastText text file, plain or gzip; its width must be `dim`."),
      Key(
        "vocabulary",
        .either([
          .choice([
            Choice("train", "Words of the training files."),
            Choice("train+vectors", "Words of the training files, and every word that has a vector."),
          ]),
          .section(
            Section(
              "vocabulary", "A vocabulary from elsewhere.", isUnion: true,
              keys: [Key("file", .path, .described("nothing"), "One word a line.")])),
        ]), .value("train"), "Which words have an embedding of their own."),
      Key(
        "min-count", .count(), .value("\(blankWords.minCount)"),
        "A training word seen less often than this is unknown, unless it has a vector."),
      Key("lowercase", .boolean, .value("\(blankWords.lowercase)"), "Look words up in lower case."),
      Key("frozen", .boolean, .value("\(blankWords.frozen)"), "Keep the vectors as they are in training."),
      Key(
        "unk-dropout", .number(.below(1)), .value(NumberText.text(blankWords.unkDropout)),
        "Probability that a word is taken for unknown in training."),
    ])

  static let charKind = LanguageType.choice(CharSpec.Kind.self) {
    switch $0 {
    case .cnn: "A convolution over the characters and the maximum over positions."
    case .bilstm: "A bidirectional LSTM; its two last states."
    }
  }

  static let chars = Section(
    "chars", "How the spelling of a word becomes a vector. A single word stands for `{kind: word}`.",
    shorthand: ["kind"],
    keys: [
      Key("kind", charKind, .value(blankChars.kind.rawValue), "The mechanism."),
      Key("dim", .count(), .value("\(blankChars.dim)"), "Columns of the character embedding."),
      Key("filters", .count(), .value("\(blankChars.filters)"), "CNN: number of filters."),
      Key(
        "width", .integer(1...99, odd: true), .value("\(blankChars.width)"), "CNN: characters a filter sees."),
      Key("relu", .boolean, .value("\(blankChars.relu)"), "CNN: ReLU before the maximum over characters."),
      Key(
        "hidden", .count(), .value("\(blankChars.hidden)"),
        "BiLSTM: hidden size per direction; the word's vector has twice as many columns."),
      Key(
        "min-count", .count(), .value("\(blankChars.minCount)"),
        "A character seen less often than this is unknown."),
    ])

  static let feature = Section(
    "feature", "One more embedding of each token, of a column of the corpora or of the word's shape.",
    keys: [
      Key(
        "name", .name, .described("the column's or the shape's name"), "Names the input and its parameters."),
      Key(
        "column", .name, .described("nothing"),
        "A named column of the corpora; in a corpus without it every value is unknown."),
      Key(
        "shape",
        .choice([
          Choice("capitalization", "Five classes: other, all lower, initial upper, all upper, mixed."),
          Choice("digits", "Four classes: no digit, all digits, mostly digits, some digits."),
        ]), .described("nothing"), "A property of the word's spelling, instead of a column."),
      Key("dim", .count(), .value("\(defaultFeatureDim)"), "Columns of the embedding."),
    ])

  static let layer = Section(
    "layer", "One recurrent layer.",
    keys: [
      Key(
        "kind",
        .choice(LayerSpec.Kind.self) {
          switch $0 {
          case .bilstm: "A bidirectional LSTM."
          }
        },
        .value(blankLayer.kind.rawValue), "The kind of layer."),
      Key("hidden", .count(to: 100_000), .value("\(blankLayer.hidden)"), "Hidden size per direction."),
    ])

  static let dropout = Section(
    "dropout", "Dropout probabilities.",
    shorthand: ["input", "output"],
    keys: [
      Key("input", .number(.below(1)), .value(NumberText.text(blankDropout.input)), "On the token features."),
      Key(
        "layers", .number(.below(1)), .value(NumberText.text(blankDropout.layers)), "Between encoder layers."),
      Key(
        "output", .number(.below(1)), .value(NumberText.text(blankDropout.output)), "On what a head reads."),
      Key(
        "variational", .boolean, .value("\(blankDropout.variational)"),
        "One mask a sentence, the same at every position (Gal and Ghahramani 2016), instead of one a token."),
    ])
}
