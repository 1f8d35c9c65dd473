import WeftSpec

/// One update of the parameters, as `weft_update`.
///
/// Order of a step: g ← gradient · `gradientScale`; clamp to ± `clipValue`; then the optimiser with its decay, as
/// `torch.optim.SGD`, `Adam` and `AdamW`.
public struct StepUpdate: Sendable, Equatable {
  public var optimizer: OptimizerSpec
  public var rate: Double
  public var gradientScale: Double
  /// Infinity: not at all.
  public var clipValue: Double
  /// Weights outside the tasks' masks move too, by momentum and decay, with gradient 0.
  public var ignoresMasks = false

  /// The update that a clipping rule asks for.
  ///
  /// - Parameter squaredNorm: ‖gradient‖² over the update set; read for clipping by norm only, where the factor is
  ///   min(1, max / (norm + 1e-6)) as in `torch.nn.utils.clip_grad_norm_`.
  public init(optimizer: OptimizerSpec, rate: Double, clip: ClipSpec, squaredNorm: Double) {
    self.optimizer = optimizer
    self.rate = rate
    gradientScale = 1
    clipValue = .infinity
    switch clip {
    case .none: break
    case .norm(let limit): gradientScale = min(1, limit / (squaredNorm.squareRoot() + 1e-6))
    case .value(let limit): clipValue = limit
    }
  }
}
