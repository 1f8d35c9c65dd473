/// The casing of a word, by ``SimpleLowercase``.
public enum Capitalization: String, Sendable, CaseIterable {
  /// No letter with case: digits, punctuation, scripts without case.
  case other
  /// Lower-case letters and no upper-case one.
  case lower
  /// The first character is the only upper-case letter (so also a single capital).
  case initial
  /// Upper-case letters only: two or more, or one that is not the first character.
  case upper
  /// Everything else: `iPhone`, `McDonald`.
  case mixed

  public init(of word: String) {
    var uppers = 0
    var lowers = 0
    var firstIsUpper = false
    for (index, scalar) in word.unicodeScalars.enumerated() {
      if SimpleLowercase.isUpper(scalar) {
        uppers += 1
        if index == 0 { firstIsUpper = true }
      } else if SimpleLowercase.isLower(scalar) {
        lowers += 1
      }
    }
    if uppers == 0 {
      self = lowers == 0 ? .other : .lower
    } else if uppers == 1 && firstIsUpper {
      self = .initial
    } else {
      self = lowers == 0 ? .upper : .mixed
    }
  }
}

/// How much of a word is ASCII digits.
public enum DigitShare: String, Sendable, CaseIterable {
  case none
  case all
  /// More than half of the characters, but not all.
  case most
  /// At least one character, at most half.
  case some

  public init(of word: String) {
    let scalars = word.unicodeScalars
    let digits = scalars.count { $0.value >= 0x30 && $0.value <= 0x39 }
    if digits == 0 {
      self = .none
    } else if digits == scalars.count {
      self = .all
    } else {
      self = 2 * digits > scalars.count ? .most : .some
    }
  }
}
