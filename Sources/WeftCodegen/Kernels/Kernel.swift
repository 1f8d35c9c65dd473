/// A C function that exists once per instruction set and per choice of its constants.
///
/// The name is the contract: `linear_f32_n800_k130__avx512` is `linear` with N = 800 and K = 130 for AVX-512.
public struct Kernel: Sendable, Hashable {
  public struct Parameter: Sendable, Hashable {
    /// C type; a pointer's asterisk stands at its end.
    public let type: String
    public let name: String

    var declaration: String { type.hasSuffix("*") ? type + name : "\(type) \(name)" }
  }

  public let name: String
  /// Names of the constants, in the order in which an instance gives their values, e.g. `["N", "K"]`.
  public let constants: [String]
  public let returnType: String
  public let parameters: [Parameter]
  /// Template of the function, a path under `Templates/`.
  let template: String
  /// Code that the function builds on, once per instruction set and translation unit.
  let blocks: Set<Block>

  /// Shared code of kernels, in the order in which it has to be emitted.
  enum Block: String, Sendable, CaseIterable {
    case math = "simd/math"
    case random = "blocks/random"
    case product = "blocks/product"
    case lstmStep = "blocks/lstm_step"
    case charConv = "blocks/char_conv"
    case charConvGradient = "blocks/char_conv_gradient"
    case packing = "shared/packing"
    case row = "blocks/row"
    case crf = "blocks/crf"
    case viterbi = "blocks/viterbi"
    case nbest = "blocks/nbest"

    /// Is it the same text for every instruction set, which only the kernels around it choose?
    var isShared: Bool { self == .packing }

    /// Template of what the block needs once in a translation unit.
    var shared: String? {
      switch self {
      case .packing: rawValue
      case .product: "shared/product"
      case .lstmStep: "shared/lstm_step"
      case .crf, .viterbi: "shared/crf"
      default: nil
      }
    }
  }

  /// - Parameter signature: C parameters as in a prototype, separated by commas.
  init(
    _ name: String, in folder: String = "kernels", constants: [String] = [],
    returns returnType: String = "void",
    _ signature: String, blocks: Set<Block> = []
  ) {
    self.name = name
    self.constants = constants
    self.returnType = returnType
    self.template = "\(folder)/\(name)"
    self.blocks = blocks
    parameters = signature.split(separator: ",").map { parameter in
      let text = parameter.drop { $0 == " " }
      let split = text.lastIndex { $0 == " " || $0 == "*" } ?? text.startIndex
      let type = text[split] == "*" ? text[...split] : text[..<split]
      return Parameter(type: String(type), name: String(text[text.index(after: split)...]))
    }
  }

  /// The kernel with values for its constants.
  public func callAsFunction(_ values: Int...) -> KernelInstance { KernelInstance(self, values) }

  public static func == (a: Kernel, b: Kernel) -> Bool { a.name == b.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// A kernel with values for its constants.
public struct KernelInstance: Sendable, Hashable {
  public let kernel: Kernel
  public let values: [Int]

  /// - Precondition: one value for each constant of the kernel.
  public init(_ kernel: Kernel, _ values: [Int]) {
    precondition(values.count == kernel.constants.count, "\(kernel.name) takes \(kernel.constants)")
    self.kernel = kernel
    self.values = values
  }

  /// The name without an instruction set, e.g. `linear_f32_n800_k130`; also its name in a dispatch table.
  public var baseName: String {
    zip(kernel.constants, values).reduce(kernel.name + "_f32") { "\($0)_\($1.0.lowercased())\($1.1)" }
  }

  /// The C function's name.
  public func symbol(_ set: InstructionSet) -> String { "\(baseName)__\(set.rawValue)" }

  /// The head of the definition, without a brace.
  func signature(_ set: InstructionSet) -> String {
    let parameters = kernel.parameters.map(\.declaration).joined(separator: ", ")
    return "static TARGET_\(set.rawValue) \(kernel.returnType) \(symbol(set))(\(parameters))"
  }

  /// Forward declaration of the function.
  public func prototype(_ set: InstructionSet) -> String { CLayout.wrap(signature(set) + ";") }

  /// Declaration of a pointer to such a function, with this name or else the base name; no semicolon.
  public func pointerDeclaration(named name: String? = nil) -> String {
    let parameters = kernel.parameters.map(\.declaration).joined(separator: ", ")
    return "\(kernel.returnType) (*\(name ?? baseName))(\(parameters))"
  }

  /// The function, without the blocks that it builds on (see `KernelUnit`).
  public func source(_ set: InstructionSet) throws(TemplateError) -> String {
    let template = try Template(embedded: kernel.template)
    var placeholders = ["SIGNATURE": signature(set)]
    for (name, value) in zip(kernel.constants, values) { placeholders[name] = String(value) }
    if template.mentions("ISA") { placeholders["ISA"] = set.rawValue }
    return try template.render(placeholders)
  }
}
