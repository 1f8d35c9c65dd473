/// Numbers as text, the same on every machine: the shortest decimal that reads back to the same value.
public enum NumberText {
  /// An integral value of moderate size has no fraction (`5`, not `5.0`).
  public static func text(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return "\(value)"
  }
}
