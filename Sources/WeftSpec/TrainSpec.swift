/// The recipe.
public struct TrainSpec: Sendable, Equatable, Codable {
  public var optimizer = OptimizerSpec()
  /// Learning rate before decay.
  public var rate: Double = 0.1
  public var schedule = ScheduleSpec()
  public var clip: ClipSpec = .norm(5)
  /// Sentences a mini-batch.
  public var batch: Int = 10
  /// Mini-batches whose gradients are summed (and averaged) before an update.
  public var accumulate: Int = 1
  public var epochs: Int = 100
  /// Epochs without a better dev score before training stops; nil trains all epochs.
  public var patience: Int? = 10
  /// Dev scores decide by their unweighted mean, or by this task's alone.
  public var mainTask: String?
  public var sampling: SamplingSpec = .proportional
  public var step: StepKind = .oneTask
  /// Decay of an exponential moving average of the weights that is scored and saved as the best model; 0 is
  /// off.
  public var averaging: Double = 0
  /// Write a resumable checkpoint every so many steps (besides at the end of each epoch); 0 writes at epochs
  /// only.
  public var saveEvery: Int = 0
  /// Score the training sentences too after each epoch, for learning curves.
  public var scoreTraining: Bool = false
  /// Start from another run's parameters, by name.
  public var initialize: String?
  /// What products of recurrent layers are computed in.
  public var precision: TrainingPrecision = .fp32
  /// Threads of one step: 1 or 2.
  public var threads: Int = 1
  public init() {}
}

/// What the products of recurrent layers are computed in while training; weights, sums and updates are in single
/// precision.
public enum TrainingPrecision: String, Sendable, Equatable, Codable, CaseIterable {
  case fp32
  /// Factors are rounded to bfloat16.
  case bf16
}

public enum StepKind: String, Sendable, Equatable, Codable, CaseIterable {
  /// A step draws a task and a mini-batch of it.
  case oneTask = "one-task"
  /// A step takes a mini-batch of sentences and sums the losses of every task they are labelled for.
  case allTasks = "all-tasks"
}

public struct OptimizerSpec: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Equatable, Codable, CaseIterable { case sgd, adam, adamw }
  public var kind: Kind = .sgd
  /// SGD.
  public var momentum: Double = 0.9
  public var nesterov: Bool = false
  /// SGD and Adam: added to the gradient as λw; AdamW: decoupled.
  public var weightDecay: Double = 0
  /// Adam and AdamW.
  public var beta1: Double = 0.9
  public var beta2: Double = 0.999
  public var epsilon: Double = 1e-8
  /// Adam and AdamW: rows of embeddings that a mini-batch does not look up stay as they are, instead of moving by their
  /// old moments.
  public var lazy: Bool = true
  public init(
    kind: Kind = .sgd, momentum: Double = 0.9, nesterov: Bool = false, weightDecay: Double = 0,
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, lazy: Bool = true
  ) {
    self.kind = kind
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.lazy = lazy
  }
}

/// How the learning rate changes.
public struct ScheduleSpec: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Equatable, Codable, CaseIterable {
    case constant
    /// rate / (1 + decay · epoch), epochs from 0.
    case inverseTime = "inverse-time"
    /// rate · factor^⌊epoch / every⌋.
    case step
    /// Half a cosine from the rate to `floor` over all steps.
    case cosine
    /// rate · factor for each time the dev score has not risen for `every` epochs.
    case plateau
  }
  public var kind: Kind = .constant
  public var decay: Double = 0.05
  public var factor: Double = 0.5
  public var every: Int = 5
  public var floor: Double = 0
  /// Steps over which the rate rises linearly from 0.
  public var warmup: Int = 0
  public init(
    kind: Kind = .constant, decay: Double = 0.05, factor: Double = 0.5, every: Int = 5, floor: Double = 0,
    warmup: Int = 0
  ) {
    self.kind = kind
    self.decay = decay
    self.factor = factor
    self.every = every
    self.floor = floor
    self.warmup = warmup
  }
}

/// How gradients are bounded, over exactly the update set of a step.
public enum ClipSpec: Sendable, Equatable, Codable {
  case none
  /// Scale so that the Euclidean norm is at most this (as `torch.nn.utils.clip_grad_norm_`).
  case norm(Double)
  /// Clamp every element to ± this.
  case value(Double)
}

/// How a one-task step draws its task.
public enum SamplingSpec: Sendable, Equatable, Codable {
  /// Proportional to the number of training sentences.
  case proportional
  /// Proportional to size^τ.
  case temperature(Double)
  case uniform
  /// In turn; a short task starts again, so that all have as many steps.
  case roundRobin
  /// In turn until, within an epoch, a task's mini-batches are used up; the others go on.
  case roundRobinUntilExhausted
}
