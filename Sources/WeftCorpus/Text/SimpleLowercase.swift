/// Lower-casing one Unicode scalar to one, from a pinned table.
///
/// Neither the locale nor the version of a library changes the result; generated C carries the same table.
/// Unlike full case mapping, İ (U+0130) becomes a single `i`, and a final Σ becomes σ.
public enum SimpleLowercase {
  /// Scalars with one offset to their lower case.
  public struct Range: Sendable, Equatable {
    public let first: UInt32
    public let last: UInt32
    /// 1: every scalar of the range; 2: every other one (where upper and lower case alternate).
    public let stride: UInt32
    public let delta: Int32

    init(_ first: UInt32, _ last: UInt32, _ stride: UInt32, _ delta: Int32) {
      self.first = first
      self.last = last
      self.stride = stride
      self.delta = delta
    }

    func maps(_ value: UInt32) -> Bool {
      value >= first && value <= last && (value - first) % stride == 0
    }
  }

  /// The Unicode version of the table.
  public static let unicodeVersion = "14.0.0"

  /// The lower case of a scalar; a scalar without one maps to itself.
  public static func map(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let value = scalar.value
    if value < 0x80 {
      return value >= 0x41 && value <= 0x5A ? Unicode.Scalar(UInt8(value + 32)) : scalar
    }
    var low = 0
    var high = table.count
    while low < high {
      let middle = (low + high) / 2
      if table[middle].last < value { low = middle + 1 } else { high = middle }
    }
    guard low < table.count, table[low].maps(value) else { return scalar }
    return Unicode.Scalar(UInt32(Int64(value) + Int64(table[low].delta))) ?? scalar
  }

  /// Maps every scalar of a text.
  public static func map(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 && !($0 >= 0x41 && $0 <= 0x5A) }) { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(map(scalar)) }
    return String(result)
  }

  /// Whether a scalar is upper (or title) case: it has another lower case.
  public static func isUpper(_ scalar: Unicode.Scalar) -> Bool { map(scalar) != scalar }

  /// Whether a scalar is lower case: it is the lower case of some other scalar.
  public static func isLower(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    if value < 0x80 { return value >= 0x61 && value <= 0x7A }
    return lowerScalars.contains(value)
  }

  private static let lowerScalars: Set<UInt32> = {
    var values = Set<UInt32>()
    for range in table {
      for value in Swift.stride(from: range.first, through: range.last, by: Int(range.stride)) {
        values.insert(UInt32(Int64(value) + Int64(range.delta)))
      }
    }
    return values
  }()
}
