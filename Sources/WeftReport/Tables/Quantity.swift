/// Numbers as people read them; the same in every locale.
public enum Quantity {
  /// `1,497,130`.
  public static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// The nearest whole number, `12,346`; at most 10¹⁵.
  public static func count(_ value: Double) -> String {
    value.isNaN ? "nan" : count(Int(max(-1e15, min(value, 1e15)).rounded()))
  }

  /// With a fixed number of decimals, half away from zero; `nan` and `inf` as they are.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
    let scaled = (abs(value) * scale).rounded(.toNearestOrAwayFromZero)
    guard scaled < 1e15 else { return "\(value)" }
    let units = Int(scaled)
    let sign = value < 0 && units != 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(units) }
    let fraction = String(units % Int(scale))
    return sign + "\(units / Int(scale))." + String(repeating: "0", count: decimals - fraction.count)
      + fraction
  }

  /// A fraction as a percentage with two decimals, without a sign for percent: `94.12`.
  public static func percent(_ fraction: Double) -> String { fixed(100 * fraction, 2) }

  /// `512 B`, `34.2 KiB`, `1.5 MiB`.
  public static func bytes(_ value: Int) -> String {
    guard value >= 1024 else { return "\(value) B" }
    var amount = Double(value) / 1024
    for unit in ["KiB", "MiB", "GiB"] {
      if amount < 1024 { return fixed(amount, 1) + " " + unit }
      amount /= 1024
    }
    return fixed(amount, 1) + " TiB"
  }

  /// `45 s`, `3 min 05 s`, `2 h 07 min`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
    return "\(whole / 3600) h \(two(whole % 3600 / 60)) min"
  }
}
