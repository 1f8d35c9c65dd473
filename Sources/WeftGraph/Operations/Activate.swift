import Foundation
import WeftSpec

/// An element-wise non-linearity.
public struct Activate: Operation {
  public static let kind = "activation"
  public var activation: Activation
  public var attributes: [String] { [activation.rawValue] }
  public init(_ activation: Activation) { self.activation = activation }

  /// Inputs: x [R × D]. Outputs: y [R × D].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, 0)
    try Self.requireFloat(inputs[0], "the input")
    return [inputs[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    var y = context.inputs[0]
    for i in y.elements.indices {
      switch activation {
      case .relu: y.elements[i] = max(0, y.elements[i])
      case .tanh: y.elements[i] = tanh(y.elements[i])
      case .sigmoid: y.elements[i] = logistic(y.elements[i])
      }
    }
    context.outputs[0] = y
  }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    guard let y = node.outputs[0] else { return }
    gradient.add(
      ActivateGradient(activation), for: node, inputs: [y, outputGradient],
      outputs: [try gradient.contribution(to: node.inputs[0])])
  }
}

/// dx = dy · f′, with f′ written in terms of y.
public struct ActivateGradient: Operation {
  public static let kind = "activationGradient"
  public var activation: Activation
  public var attributes: [String] { [activation.rawValue] }
  public init(_ activation: Activation) { self.activation = activation }

  /// Inputs: y [R × D], dy [R × D]. Outputs: dx [R × D].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 2, parameters: parameters, 0)
    try Self.requireFloat(inputs[0], "the output")
    try Self.requireType(inputs[1], inputs[0], "the output's gradient")
    return [inputs[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let y = context.inputs[0]
    var dx = context.inputs[1]
    for i in dx.elements.indices {
      let value = y.elements[i]
      switch activation {
      case .relu: dx.elements[i] *= value > 0 ? 1 : 0
      case .tanh: dx.elements[i] *= 1 - value * value
      case .sigmoid: dx.elements[i] *= value * (1 - value)
      }
    }
    context.outputs[0] = dx
  }
}
