/// What products with packed matrices take on a kind of machine: the ground for choosing how a package holds a matrix.
///
/// As text it has a line for each instruction set and form: their names, nanoseconds for each KiB of weights that is
/// read, and nanoseconds for each 16 columns of results. `#` begins a comment.
public struct CostTable: Sendable, Equatable {
  /// Of one row of inputs.
  public struct Cost: Sendable, Equatable {
    public var perKiB: Double
    public var perVector: Double

    public init(perKiB: Double, perVector: Double) {
      self.perKiB = perKiB
      self.perVector = perVector
    }

    /// Nanoseconds.
    func time(bytes: Int, columns: Int) -> Double {
      perKiB * Double(bytes) / 1024 + perVector * Double((columns + 15) / 16)
    }
  }

  /// A line that cannot be read.
  public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    public let path: String
    public let line: Int
    public let message: String
    public let help: String

    public var description: String { "\(path):\(line): \(message)" }
  }

  public private(set) var costs: [InstructionSet: [MatrixForm: Cost]] = [:]

  public init() {}

  public subscript(set: InstructionSet, form: MatrixForm) -> Cost? {
    get { costs[set]?[form] }
    set { costs[set, default: [:]][form] = newValue }
  }

  /// - Parameter path: for messages.
  public init(_ text: String, path: String) throws(Failure) {
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\r" }
      guard !words.isEmpty else { continue }
      func failure(_ message: String, _ help: String) -> Failure {
        Failure(path: path, line: number + 1, message: message, help: help)
      }
      guard words.count == 4 else {
        throw failure(
          "\(words.count) words, not 4",
          "write an instruction set, a form, ns for each KiB and ns for each 16 columns")
      }
      guard let set = InstructionSet(rawValue: String(words[0])) else {
        throw failure(
          "'\(words[0])' is no instruction set",
          "one of " + InstructionSet.allCases.map(\.rawValue).joined(separator: ", "))
      }
      guard let form = MatrixForm(rawValue: String(words[1])) else {
        throw failure(
          "'\(words[1])' is no form of a matrix",
          "one of " + MatrixForm.allCases.map(\.rawValue).joined(separator: ", "))
      }
      let numbers = words[2...].map { Double($0) ?? -1 }
      guard numbers.allSatisfy({ $0 >= 0 && $0 < .infinity }) else {
        throw failure("'\(words[2]) \(words[3])' are not two costs", "write nanoseconds, e.g. 4.4 0.6")
      }
      guard self[set, form] == nil else {
        throw failure("\(words[1]) on \(words[0]) is here twice", "leave one of the lines out")
      }
      self[set, form] = Cost(perKiB: numbers[0], perVector: numbers[1])
    }
  }

  /// The table that comes with the compiler.
  public static let builtIn = try? CostTable(EmbeddedTemplates.texts["costs.txt"] ?? "", path: "costs.txt")

  /// The table as text, in the order of instruction sets and forms.
  public func text(heading: String) -> String {
    var text = heading.split(separator: "\n").map { "# \($0)\n" }.joined()
    text += "# set          form        ns/KiB   ns/16 columns\n"
    for set in InstructionSet.allCases {
      for form in MatrixForm.allCases {
        guard let cost = self[set, form] else { continue }
        text += padded(set.rawValue, 15) + padded(form.rawValue, 12)
        text += padded(Self.number(cost.perKiB), 9) + Self.number(cost.perVector) + "\n"
      }
    }
    return text
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  /// With three digits behind the point.
  static func number(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let digits = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }
}
