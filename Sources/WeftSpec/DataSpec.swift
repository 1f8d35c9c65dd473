/// A corpus: up to three files of one format, and which of their columns have a name.
public struct CorpusSpec: Sendable, Equatable, Codable {
  public enum Format: String, Sendable, Equatable, Codable, CaseIterable { case conll, conllu, tsv }

  /// What separates the columns of a `conll` file.
  public enum Separator: String, Sendable, Equatable, Codable, CaseIterable {
    /// A tab where the line holds one, otherwise runs of spaces.
    case automatic
    case tab
    /// Runs of spaces and tabs.
    case whitespace
  }

  public var name: String
  public var format: Format = .conll
  public var separator: Separator = .automatic
  /// Paths relative to the spec's folder; several files of one split are read one after the other.
  public var train: [String]
  public var dev: [String]
  public var test: [String]
  /// Named columns in the order of the file. One must be called `word`.
  public var columns: [ColumnSpec]
  /// Cells with this text carry no label (besides cells that are empty or absent).
  public var unlabelled: [String]
  /// How sentences are told apart by what they are from; nil: they are not.
  public var domains: DomainSource?
  /// Domains whose sentences are trained on, and whose dev sentences decide between epochs; empty: all.
  public var trainOn: [String] = []
  /// Training sentences that are read, after those of other domains are left out; nil: all.
  public var limit: Int?

  public init(
    name: String, format: Format = .conll, separator: Separator = .automatic, train: [String] = [],
    dev: [String] = [], test: [String] = [], columns: [ColumnSpec], unlabelled: [String] = []
  ) {
    self.name = name
    self.format = format
    self.separator = separator
    self.train = train
    self.dev = dev
    self.test = test
    self.columns = columns
    self.unlabelled = unlabelled
  }
}

/// What says which domain (genre, source) a sentence is of.
public enum DomainSource: Sendable, Hashable, Codable {
  /// A table of ranges of sentences, as a path.
  case file(String)
  /// A comment `# field = value`, which holds until it is given again. The domain is the value, or what stands in it
  /// before `until`.
  case comment(field: String, until: String?)
}

/// Where a named column is found.
public struct ColumnSpec: Sendable, Equatable, Codable {
  public enum Source: Sendable, Equatable, Codable {
    /// Column number from 0, for `conll` and `tsv`.
    case index(Int)
    /// A CoNLL-U field by its standard name in lower case: `form lemma upos xpos feats head deprel deps
    /// misc`.
    case field(String)
    /// A key of the CoNLL-U fields FEATS or MISC, e.g. `misc.Entity`, `feats.Number`.
    case key(field: String, key: String)
  }
  public var name: String
  public var source: Source
  public init(name: String, source: Source) {
    self.name = name
    self.source = source
  }
}

/// How spans are written as one tag a token.
public enum TagScheme: String, Sendable, Equatable, Codable, CaseIterable {
  /// Labels that are no spans (parts of speech, relations).
  case none
  /// B- only where a span follows another of its type directly.
  case iob1
  /// Every span begins with B- (also called BIO2 or IOB2).
  case bio
  /// BIO with E- on the last and S- on a single token (also called IOBES or BILOU).
  case bioes
}

/// What a task is scored by; higher is better for each of them.
public enum Metric: String, Sendable, Equatable, Codable, CaseIterable {
  case accuracy
  case spanF1 = "span-f1"
}
