/// The base network: token features, then a stack of recurrent layers.
public struct NetworkSpec: Sendable, Equatable, Codable {
  public var words: WordSpec? = WordSpec()
  public var chars: CharSpec?
  public var features: [FeatureSpec] = []
  /// Layers from the bottom up; may be empty (heads then read the token features).
  public var encoder: [LayerSpec] = [LayerSpec()]
  public var dropout = DropoutSpec()
  /// Standard deviation of Gaussian noise added to the token features in training.
  public var noise: Double = 0

  public init(
    words: WordSpec? = WordSpec(), chars: CharSpec? = nil, features: [FeatureSpec] = [],
    encoder: [LayerSpec] = [LayerSpec()], dropout: DropoutSpec = DropoutSpec(), noise: Double = 0
  ) {
    self.words = words
    self.chars = chars
    self.features = features
    self.encoder = encoder
    self.dropout = dropout
    self.noise = noise
  }
}

/// Word embeddings and their vocabulary.
public struct WordSpec: Sendable, Equatable, Codable {
  public enum Vocabulary: Sendable, Equatable, Codable {
    /// Words of the training files.
    case train
    /// Words of the training files, and every word that has a vector.
    case trainAndVectors
    /// One word a line.
    case file(String)
  }
  public var dim: Int = 100
  /// GloVe, word2vec or fastText text file, plain or gzip.
  public var vectors: String?
  public var vocabulary: Vocabulary = .train
  /// A train word seen less often than this is UNK (a word with a vector stays).
  public var minCount: Int = 1
  /// Look words up in lower case.
  public var lowercase: Bool = true
  /// Keep the vectors as they are in training.
  public var frozen: Bool = false
  /// Probability that a word is replaced by UNK in training.
  public var unkDropout: Double = 0

  public init(
    dim: Int = 100, vectors: String? = nil, vocabulary: Vocabulary = .train, minCount: Int = 1,
    lowercase: Bool = true, frozen: Bool = false, unkDropout: Double = 0
  ) {
    self.dim = dim
    self.vectors = vectors
    self.vocabulary = vocabulary
    self.minCount = minCount
    self.lowercase = lowercase
    self.frozen = frozen
    self.unkDropout = unkDropout
  }
}

/// How the spelling of a word becomes a vector.
public struct CharSpec: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Equatable, Codable, CaseIterable { case cnn, bilstm }
  public var kind: Kind = .cnn
  /// Columns of the character embedding.
  public var dim: Int = 30
  /// CNN: number of filters.
  public var filters: Int = 30
  /// CNN: odd width of the convolution.
  public var width: Int = 3
  /// CNN: ReLU before the maximum over characters.
  public var relu: Bool = true
  /// BiLSTM: hidden size per direction; the word's vector has twice as many columns.
  public var hidden: Int = 50
  /// A character seen less often than this is UNK.
  public var minCount: Int = 1

  public init(
    kind: Kind = .cnn, dim: Int = 30, filters: Int = 30, width: Int = 3, relu: Bool = true, hidden: Int = 50,
    minCount: Int = 1
  ) {
    self.kind = kind
    self.dim = dim
    self.filters = filters
    self.width = width
    self.relu = relu
    self.hidden = hidden
    self.minCount = minCount
  }
}

/// One more embedding per token.
public struct FeatureSpec: Sendable, Equatable, Codable {
  public enum Source: Sendable, Equatable, Codable {
    /// A named column of the corpora; a corpus without it gives UNK.
    case column(String)
    /// Five classes of casing: other, all lower, initial upper, all upper, mixed.
    case capitalization
    /// Four classes: no digit, all digits, mostly digits, some digits.
    case digits
  }
  /// Names the input and its parameters.
  public var name: String
  public var source: Source
  public var dim: Int
  public init(name: String, source: Source, dim: Int) {
    self.name = name
    self.source = source
    self.dim = dim
  }
}

/// One recurrent layer.
public struct LayerSpec: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Equatable, Codable, CaseIterable { case bilstm }
  public var kind: Kind = .bilstm
  /// Hidden size **per direction**.
  public var hidden: Int = 200
  public init(kind: Kind = .bilstm, hidden: Int = 200) {
    self.kind = kind
    self.hidden = hidden
  }
}

/// Dropout probabilities.
public struct DropoutSpec: Sendable, Equatable, Codable {
  /// On the token features.
  public var input: Double = 0.5
  /// Between encoder layers.
  public var layers: Double = 0
  /// On what a head reads.
  public var output: Double = 0.5
  /// One mask a sentence, the same at every position (Gal and Ghahramani 2016), instead of one a token.
  public var variational: Bool = false
  public init(input: Double = 0.5, layers: Double = 0, output: Double = 0.5, variational: Bool = false) {
    self.input = input
    self.layers = layers
    self.output = output
    self.variational = variational
  }
}
