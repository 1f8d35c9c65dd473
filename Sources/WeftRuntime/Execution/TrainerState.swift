import CWeftABI
import WeftCorpus

/// How an update changes parameters; see `weft_update`.
public struct UpdateRule: Sendable, Hashable {
  public enum Optimizer: String, Sendable, Hashable, Codable { case sgd, adam, adamw }
  public var optimizer: Optimizer = .sgd
  public var isNesterov = false
  /// Adam: rows of tables without gradient move too, by their old moments.
  public var isDense = false
  public var rate: Float = 0.1
  public var momentum: Float = 0
  public var decay: Float = 0
  public var beta1: Float = 0.9
  public var beta2: Float = 0.999
  public var epsilon: Float = 1e-8
  /// Every gradient is multiplied by it first (clipping by norm, accumulation).
  public var gradientScale: Float = 1
  /// Then clamped to plus or minus this; infinity: not at all.
  public var clipValue: Float = .infinity
  /// Weights outside the tasks' masks move too, by momentum and decay, with gradient 0.
  public var ignoresMasks = false
  public init() {}

  var cValue: weft_update {
    let optimizer =
      switch optimizer {
      case .sgd: WEFT_SGD
      case .adam: WEFT_ADAM
      case .adamw: WEFT_ADAMW
      }
    return weft_update(
      optimizer: optimizer, nesterov: isNesterov ? 1 : 0, dense: isDense ? 1 : 0, rate: rate,
      momentum: momentum, decay: decay,
      beta1: beta1, beta2: beta2, epsilon: epsilon, gradient_scale: gradientScale, clip_value: clipValue,
      ignore_masks: ignoresMasks ? 1 : 0)
  }
}

/// Keys of the random streams of one forward pass.
public struct RandomKey: Sendable, Hashable {
  public var seed: UInt64
  /// Index of the task that the step is for; the number of tasks for a joint step.
  public var task: Int
  /// Steps of that task so far.
  public var step: Int
  /// No dropout, noise or replacement (dev loss).
  public var isOff: Bool
  public init(seed: UInt64, task: Int, step: Int, isOff: Bool = false) {
    self.seed = seed
    self.task = task
    self.step = step
    self.isOff = isOff
  }
  public static let off = RandomKey(seed: 0, task: 0, step: 0, isOff: true)
}

/// Parameters, gradients and optimiser state of a network in training, and the calls of a step.
///
/// Not `Sendable`: one thread at a time. Denormal numbers are flushed to zero during every call, in all its
/// threads, and the caller's floating-point mode is restored after it.
public final class TrainerState {
  public let library: TrainingLibrary
  /// Gradient blocks.
  public let slots: Int
  public let hasSecondMoments: Bool
  /// The instruction set that was chosen, e.g. `avx512`.
  public let instructionSet: String
  public var tables: LibraryTables { library.tables }

  let pointer: OpaquePointer
  private let memory: AlignedMemory
  private let team: ThreadTeam
  private var binding = BatchBinding()
  private var workspace = GrowingMemory()
  /// Tasks of the last forward pass, which backward may follow; nil once it has, or parameters have changed.
  private var forwardTasks: TaskSet?
  /// By task: 0 without a mask, else the same number for equal masks.
  private var maskNumbers: [Int]
  /// By task.
  public private(set) var masks: [Mask?]
  var functions: weft_training { library.functions.table }

  /// All parameters and state zero.
  ///
  /// - Parameters:
  ///   - slots: gradient blocks, at least 1; more for per-task gradients.
  ///   - adam: whether second moments are kept.
  ///   - instructionSet: a name from `tables.instructionSets`; nil for the best that this processor runs.
  ///   - threads: how many threads a call may use, the caller's included.
  public init(
    library: TrainingLibrary, slots: Int = 1, adam: Bool = false, instructionSet: String? = nil,
    threads: Int = 1
  ) throws(RuntimeError) {
    guard (1...64).contains(slots) else {
      throw RuntimeError(.invalidInput, "The number of gradient slots must be from 1 to 64, not \(slots).")
    }
    let table = library.functions.table
    let team = try ThreadTeam(threads: threads)
    let size = table.trainer_size(Int32(slots), adam ? 1 : 0)
    let memory = try AlignedMemory(byteCount: size, for: "training `\(library.tables.name)`")
    var trainer: OpaquePointer?
    let status: weft_status
    if let instructionSet {
      status = table.trainer_init(
        memory.address, size, Int32(slots), adam ? 1 : 0, instructionSet, team.pointer, &trainer)
    } else {
      status = table.trainer_init(
        memory.address, size, Int32(slots), adam ? 1 : 0, nil, team.pointer, &trainer)
    }
    try status.check("opening a trainer for \(instructionSet ?? "any instruction set")", in: library.url)
    guard let trainer else {
      throw RuntimeError(.libraryUnusable, "\(library.url.lastPathComponent) opened no trainer.")
    }
    self.library = library
    self.slots = slots
    hasSecondMoments = adam
    self.team = team
    self.memory = memory
    pointer = trainer
    masks = Array(repeating: nil, count: library.tables.tasks.count)
    maskNumbers = masks.map { _ in 0 }
    self.instructionSet = table.trainer_isa(trainer).map { String(cString: $0) } ?? ""
  }

  public var threads: Int { team.threads }

  // MARK: Steps

  /// Mean losses of a batch in nats, and all that `backward` needs.
  ///
  /// - Parameters:
  ///   - tasks: the tasks to compute; nil for all.
  ///   - injected: values in place of random ones, by site: [rows × columns] in packed order.
  /// - Returns: a loss for every task of the library; 0 for those not asked for.
  /// - Throws: `.invalidInput` if the batch or an injected array does not fit, or if the tasks' masks differ;
  ///   `.outOfMemory`.
  public func forward(
    _ batch: PackedBatch, tasks: TaskSet? = nil, random: RandomKey, injected: [String: [Float]] = [:]
  ) throws(RuntimeError) -> [Double] {
    let tasks = try checked(tasks ?? tables.allTasks)
    try checkMasksAgree(tasks, in: "pass")
    forwardTasks = nil
    try binding.bind(batch, inputs: tables.inputs, tasks: tables.tasks)
    if batch.tokenCount == 0 {
      // Nothing is labelled: no loss, and no gradient in `backward`.
      forwardTasks = tasks
      return Array(repeating: 0, count: tables.tasks.count)
    }
    let values = try InjectedValues(injected, sites: tables.sites, batch: batch)
    var bound = binding.batch
    let size = functions.workspace_size(&bound.extent)
    let memory = try workspace.reserve(size, for: "a training step over \(batch.tokenCount) tokens")
    var losses = [Double](repeating: 0, count: max(tables.tasks.count, 1))
    var key = weft_random(
      seed: random.seed, task: UInt64(truncatingIfNeeded: random.task),
      step: UInt64(truncatingIfNeeded: random.step),
      is_off: random.isOff ? 1 : 0, injected: values.pointer)
    let status = flushingDenormals {
      withExtendedLifetime(values) {
        functions.forward(pointer, memory, workspace.byteCount, &bound, tasks.rawValue, &key, &losses)
      }
    }
    try status.check("the forward pass", in: library.url)
    forwardTasks = tasks
    return Array(losses.prefix(tables.tasks.count))
  }

  /// Adds the gradient of Σ seeds[task] · loss to a slot, for the batch of the last `forward`; once, because gradients
  /// take the place of what that pass kept.
  ///
  /// - Parameters:
  ///   - seeds: a factor for each task of the library; nil for 1.
  ///   - tasks: some of those that `forward` computed; nil for these.
  /// - Throws: `.invalidInput` if no such forward pass has just been made, or if the slot holds gradients formed under
  ///   another mask.
  public func backward(seeds: [Float]? = nil, tasks: TaskSet? = nil, slot: Int = 0) throws(RuntimeError) {
    guard let forwardTasks, (tasks ?? forwardTasks).isSubset(of: forwardTasks) else {
      throw RuntimeError(.invalidInput, "A backward pass must follow a forward pass of the same tasks.")
    }
    let seeds = seeds ?? Array(repeating: 1, count: tables.tasks.count)
    guard seeds.count == tables.tasks.count else {
      throw RuntimeError(.invalidInput, "\(seeds.count) seeds were given for \(tables.tasks.count) tasks.")
    }
    let slot = try checked(slot: slot)
    self.forwardTasks = nil
    var bound = binding.batch
    if bound.extent.tokens == 0 { return }
    let status = flushingDenormals {
      functions.backward(
        pointer, workspace.memory?.address, &bound, (tasks ?? forwardTasks).rawValue, seeds, slot)
    }
    // All else that it could refuse has been checked.
    guard status != WEFT_BAD_ARGUMENT else {
      throw RuntimeError(
        .invalidInput,
        """
        Slot \(slot) holds gradients that were not formed under the mask of this pass. Clear it, or form them in slots \
        of their own and add them with axpy.
        """)
    }
    try status.check("the backward pass", in: library.url)
  }

  /// Clears a gradient slot.
  public func zero(slot: Int = 0) throws(RuntimeError) {
    let slot = try checked(slot: slot)
    flushingDenormals { functions.zero(pointer, slot) }
  }

  /// Squared norm of a gradient over the update set of the tasks.
  public func sumOfSquares(slot: Int = 0, tasks: TaskSet) throws(RuntimeError) -> Double {
    let (slot, tasks) = (try checked(slot: slot), try checked(tasks))
    return flushingDenormals { functions.sum_of_squares(pointer, slot, tasks.rawValue) }
  }

  /// Inner product of two gradients over the update set of the tasks.
  public func dot(slot: Int, other: Int, tasks: TaskSet) throws(RuntimeError) -> Double {
    let (slot, other, tasks) = (try checked(slot: slot), try checked(slot: other), try checked(tasks))
    return flushingDenormals { functions.dot(pointer, slot, other, tasks.rawValue) }
  }

  /// gradient[to] += factor · gradient[from] over the update set of the tasks.
  public func axpy(factor: Float, from: Int, to: Int, tasks: TaskSet) throws(RuntimeError) {
    let (from, to, tasks) = (try checked(slot: from), try checked(slot: to), try checked(tasks))
    flushingDenormals { functions.axpy(pointer, factor, from, to, tasks.rawValue) }
  }

  /// One update of the parameters that the tasks reach, as far as their mask leaves them.
  ///
  /// - Throws: `.invalidInput` if the rule asks for Adam and the trainer keeps no second moments, or if the tasks' masks
  ///   differ and are not to be ignored.
  public func apply(slot: Int = 0, tasks: TaskSet, _ rule: UpdateRule) throws(RuntimeError) {
    let (slot, tasks) = (try checked(slot: slot), try checked(tasks))
    guard rule.optimizer == .sgd || hasSecondMoments else {
      throw RuntimeError(.invalidInput, "Adam needs a trainer that keeps second moments.")
    }
    if !rule.ignoresMasks { try checkMasksAgree(tasks, in: "update") }
    forwardTasks = nil
    var update = rule.cValue
    let status = flushingDenormals { functions.apply(pointer, slot, tasks.rawValue, &update) }
    try status.check("the update", in: library.url)
  }

  /// Brings rows that have missed updates up to date. At the end of an epoch, never for saving or scoring.
  public func catchUp() {
    forwardTasks = nil
    flushingDenormals { functions.catch_up(pointer) }
  }

  // MARK: Masks

  /// Gives a task its subnet: its passes go through M ⊙ θ, its gradient is 0 outside, and its updates change neither
  /// weights nor moments there (Sun et al. 2020, section 3.2). Copied.
  ///
  /// - Parameters:
  ///   - mask: nil for all weights, as at first; an all-ones mask gives the same bits.
  ///   - task: index of the task.
  /// - Throws: `.invalidInput` if the mask is of another network, naming what differs.
  public func setMask(_ mask: Mask?, task: Int) throws(RuntimeError) {
    guard masks.indices.contains(task) else {
      throw RuntimeError(
        .invalidInput, "There is no task \(task) to set a mask for; the network has \(masks.count).")
    }
    if let mask { try tables.check(mask.layout, task: tables.tasks[task].name) }
    forwardTasks = nil
    let status: weft_status =
      if let mask {
        mask.bytes.withUnsafeBufferPointer { functions.set_mask(pointer, Int32(task), $0.baseAddress) }
      } else {
        functions.set_mask(pointer, Int32(task), nil)
      }
    try status.check("setting a mask", in: library.url)
    masks[task] = mask
    maskNumbers = masks.map { mask in
      mask.flatMap { mask in masks.firstIndex { $0 == mask } }.map { $0 + 1 } ?? 0
    }
  }

  /// One pass or update is through one subnet.
  private func checkMasksAgree(_ tasks: TaskSet, in what: String) throws(RuntimeError) {
    let indices = tasks.indices
    guard let first = indices.first,
      let other = indices.first(where: { maskNumbers[$0] != maskNumbers[first] })
    else { return }
    let names = "`\(tables.tasks[first].name)` and `\(tables.tasks[other].name)`"
    let difference =
      maskNumbers[first] == 0 || maskNumbers[other] == 0
      ? "one of the tasks \(names) has a mask and the other has none"
      : "the tasks \(names) have different masks"
    throw RuntimeError(
      .invalidInput, "A joint \(what) is through one subnet, but \(difference). Make a step for each task.")
  }

  // MARK: Parameters

  /// Parameters as they would be after `catchUp`, without changing the trainer: for saving and scoring.
  public func snapshot() throws(RuntimeError) -> ParameterBlock {
    var block = try ParameterBlock(tables)
    try snapshot(into: &block)
    return block
  }

  /// As `snapshot()`, into memory that is there already.
  public func snapshot(into block: inout ParameterBlock) throws(RuntimeError) {
    try tables.checkLayout(of: block)
    try block.withUnsafeAddress { address throws(RuntimeError) in
      flushingDenormals { functions.snapshot(pointer, address) }
    }
  }

  /// average = decay · average + (1 − decay) · snapshot.
  public func average(decay: Float, into average: inout ParameterBlock) throws(RuntimeError) {
    try tables.checkLayout(of: average)
    try average.withUnsafeAddress { address throws(RuntimeError) in
      flushingDenormals { functions.average(pointer, decay, address) }
    }
  }

  /// Starts from these parameters. Optimiser state stays as it is.
  public func setParameters(_ block: ParameterBlock) throws(RuntimeError) {
    try tables.checkLayout(of: block)
    copy(block, to: try address(functions.parameters(pointer), "parameters"))
    changed()
  }

  /// Changes raw parameters in place and packs them again.
  public func withParameters<Result>(
    _ body: (inout MutableSpan<Float>) throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    defer { changed() }
    var span = UnsafeMutableBufferPointer(
      start: try address(functions.parameters(pointer), "parameters"), count: tables.parameterFloats
    ).mutableSpan
    return try body(&span)
  }

  /// Copy of a gradient slot. Rows of row-sparse parameters that the batch did not look up are zero.
  public func gradient(slot: Int = 0) throws(RuntimeError) -> ParameterBlock {
    let address = functions.gradient(pointer, try checked(slot: slot))
    guard let address else { throw RuntimeError(.libraryUnusable, "The library shows no gradient.") }
    return try block(at: address)
  }

  // MARK: Checks and memory

  private func checked(_ tasks: TaskSet) throws(RuntimeError) -> TaskSet {
    guard tasks.isSubset(of: tables.allTasks) else {
      throw RuntimeError(
        .invalidInput, "The network has \(tables.tasks.count) tasks, and another one was named.")
    }
    return tasks
  }

  private func checked(slot: Int) throws(RuntimeError) -> Int32 {
    guard (0..<slots).contains(slot) else {
      throw RuntimeError(.invalidInput, "There is no gradient slot \(slot); the trainer has \(slots).")
    }
    return Int32(slot)
  }

  func changed() {
    forwardTasks = nil
    flushingDenormals { functions.changed(pointer) }
  }

  func address<Element>(
    _ pointer: UnsafeMutablePointer<Element>?, _ what: String
  ) throws(RuntimeError) -> UnsafeMutablePointer<Element> {
    guard let pointer else {
      throw RuntimeError(.libraryUnusable, "\(library.url.lastPathComponent) shows no \(what).")
    }
    return pointer
  }

  /// Sound: blocks that the library shows have the length of its parameter block, as the ABI states.
  func block(at address: UnsafePointer<Float>) throws(RuntimeError) -> ParameterBlock {
    var block = try ParameterBlock(tables)
    let count = tables.parameterFloats
    try block.withUnsafeAddress { target throws(RuntimeError) in target.update(from: address, count: count) }
    return block
  }

  func copy(_ block: ParameterBlock, to address: UnsafeMutablePointer<Float>) {
    withExtendedLifetime(block) { address.update(from: block.address, count: block.count) }
  }

  private func flushingDenormals<Result>(_ body: () -> Result) -> Result {
    let mode = weft_flush_denormals()
    defer { weft_set_float_mode(mode) }
    return body()
  }
}

/// Arrays that replace random values, at addresses that stay.
private final class InjectedValues {
  private var memory: [AlignedMemory] = []
  private var addresses: AlignedMemory?

  init(_ values: [String: [Float]], sites: [SiteInfo], batch: PackedBatch) throws(RuntimeError) {
    if values.isEmpty { return }
    for name in values.keys.sorted() where !sites.contains(where: { $0.name == name }) {
      throw RuntimeError(.invalidInput, "The network has no random site `\(name)`.")
    }
    let table = try AlignedMemory(
      byteCount: sites.count * MemoryLayout<UnsafePointer<Float>?>.stride, for: "injected values")
    for (index, site) in sites.enumerated() {
      guard let array = values[site.name] else { continue }
      let rows =
        switch site.rows {
        case .one: 1
        case .sentence: batch.sentenceCount
        case .token: batch.tokenCount
        case .form: batch.formCount
        case .scalar: batch.scalarCount
        }
      guard array.count == rows * site.columns else {
        throw RuntimeError(
          .invalidInput,
          "The site `\(site.name)` needs \(rows) × \(site.columns) values, but \(array.count) were injected.")
      }
      let block = try AlignedMemory(
        byteCount: array.count * MemoryLayout<Float>.stride, for: "injected values")
      _ = block.floats(count: array.count).update(from: array)
      memory.append(block)
      (table.address.assumingMemoryBound(to: UnsafePointer<Float>?.self) + index)
        .pointee = UnsafePointer(block.address.assumingMemoryBound(to: Float.self))
    }
    addresses = table
  }

  var pointer: UnsafePointer<UnsafePointer<Float>?>? {
    addresses.map { UnsafePointer($0.address.assumingMemoryBound(to: UnsafePointer<Float>?.self)) }
  }
}
