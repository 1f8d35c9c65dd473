@testable import WeftCodegen

/// C text that makes kernels callable by one signature, derived from the registry.
enum HarnessSource {
  /// All kernels of an instruction set with a function `call_<name>(union argument *)` for each.
  static func text(_ instances: [KernelInstance], for set: InstructionSet) throws -> String {
    var text =
      try KernelUnit.prelude(for: instances) + "\n" + KernelUnit.random() + "\n"
    for layer in set.layers { text += try KernelUnit.source(of: instances, for: layer, chosen: [set]) + "\n" }
    text += """
      union argument {
          int32_t i;
          size_t n;
          float f;
          double d;
          void *p;
      };

      """
    for instance in instances { text += caller(instance, set) }
    for (name, parameters) in plain { text += caller("call_" + name, name, parameters, returns: nil) }
    return text
  }

  /// Functions that are no kernels but belong to the same text.
  static let plain: [(name: String, parameters: [String])] = [
    ("random_position_keys", ["size_t", "const int32_t *", "const int32_t *", "int32_t", "uint64_t *"]),
    ("random_sentence_keys", ["size_t", "const int32_t *", "int32_t", "uint64_t *"]),
  ]

  private static func caller(_ instance: KernelInstance, _ set: InstructionSet) -> String {
    let kernel = instance.kernel
    return caller(
      "call_" + instance.baseName, instance.symbol(set), kernel.parameters.map(\.type),
      returns: kernel.returnType == "void" ? nil : kernel.returnType)
  }

  private static func caller(_ name: String, _ callee: String, _ parameters: [String], returns: String?)
    -> String
  {
    let arguments = parameters.enumerated().map { index, type in
      switch type {
      case "int32_t", "int": "a[\(index)].i"
      case "size_t": "a[\(index)].n"
      case "float": "a[\(index)].f"
      default: "a[\(index)].p"
      }
    }.joined(separator: ", ")
    let result = returns == nil ? "" : "a[\(parameters.count)].d = (double)"
    return """
      void \(name)(union argument *a);
      void \(name)(union argument *a) {
          \(result)\(callee)(\(arguments));
      }

      """
  }
}
