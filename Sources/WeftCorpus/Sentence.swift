/// One sentence: its words and the values of other named columns.
public struct Sentence: Sendable, Equatable {
  /// A line of the input, kept so that tagged output can repeat it.
  public struct Line: Sendable, Equatable {
    public let text: String
    /// Index of the token that the line holds; nil for comments, multiword ranges, empty nodes and headers.
    public let token: Int?
    public init(text: String, token: Int?) {
      self.text = text
      self.token = token
    }
  }

  public var words: [String]
  /// Values by column name, one a token; nil where a token has none.
  public var columns: [String: [String?]]
  /// The value of `# sent_id = ...`.
  public var id: String?
  /// Where the sentence stands: a file, or `<standard input>`.
  public var path: String
  /// Line of the first token, from 1; 0 if the sentence is from no file.
  public var line: Int
  /// The sentence's lines as read, from streaming readers; otherwise empty.
  public var lines: [Line]

  public init(
    words: [String], columns: [String: [String?]] = [:], id: String? = nil, path: String = "<memory>",
    line: Int = 0, lines: [Line] = []
  ) {
    self.words = words
    self.columns = columns
    self.id = id
    self.path = path
    self.line = line
    self.lines = lines
  }
}
