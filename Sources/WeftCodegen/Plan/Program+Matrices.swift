import WeftGraph

/// What is read of a matrix of a package, and what reads it, in the form that is chosen for it.
extension Program {
  /// Its words.
  func wide(_ form: PackedForm, _ parameter: ParameterID, columns: [Range<Int>] = []) -> PackedPiece {
    PackedPiece(
      form: form, parameters: [parameter], weights: weights[parameter.index], columns: columns,
      sparse: matrices.sparseForm(parameter, columns), isSplit: matrices.isSplit(parameter, columns))
  }

  /// The kernel for products with it.
  func product(_ parameter: ParameterID, columns: [Range<Int>] = []) -> Kernel {
    if matrices.isSplit(parameter, columns) { return .splitLinear }
    let weights = weights[parameter.index]
    return matrices.sparseForm(parameter, columns)?.linear(weights) ?? .wideLinear(weights)
  }

  /// The kernel for steps of an LSTM whose recurrent weights it holds.
  func lstmStep(_ parameter: ParameterID) -> Kernel {
    if matrices.isSplit(parameter, []) { return .splitLstmStep }
    let weights = weights[parameter.index]
    return matrices.sparseForm(parameter, [])?.lstmStep(weights) ?? .wideLstmStep(weights)
  }
}
