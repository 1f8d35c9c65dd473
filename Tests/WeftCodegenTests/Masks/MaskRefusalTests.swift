import Testing
import WeftRuntime

@testable import WeftCodegen

/// Masks and calls that cannot be, and what is said about them.
@Suite struct MaskRefusalTests {
  private static func message(_ body: () throws -> Void) -> String {
    (#expect(throws: RuntimeError.self) { try body() })?.message ?? ""
  }

  @Test func masksOfOtherNetworks() async throws {
    let network = try await MaskedNetwork()
    let trainer = try network.trainer()
    let own = network.layout.parameters.map { (name: $0.name, shape: $0.shape) }
    func refusal(_ parameters: [(name: String, shape: [Int])]) -> String {
      Self.message { try trainer.setMask(Mask(MaskLayout(parameters), all: true), task: 1) }
    }
    let start = "The mask of task `ner` does not fit the network `masks-hard`: "
    #expect(
      refusal(Array(own.dropLast()))
        == start + "it says nothing of `encoder.0.weight_hh_l0_reverse`, which is prunable.")
    #expect(
      refusal(own + [("encoder.1.weight_ih_l0", [4, 4])])
        == start + "it is over a parameter `encoder.1.weight_ih_l0`, which the network lacks.")
    #expect(
      refusal(own + [("encoder.0.bias_ih_l0", [20])])
        == start + "it thins out `encoder.0.bias_ih_l0`, which is not prunable.")
    var wide = own
    wide[1].shape = [20, 14]
    #expect(
      refusal(wide)
        == start + "`encoder.0.weight_ih_l0` is 20 × 14 in the mask and 20 × 13 in the network.")
    var turned = own
    turned[2].shape = [5, 20]
    #expect(
      refusal(turned) == start + "`encoder.0.weight_hh_l0` is 5 × 20 in the mask and 20 × 5 in the network.")
    #expect(refusal(own.reversed()).contains("parameters go in the order of the network"))
    // The shape that checkpoints show of a convolution.
    var full = own
    full[0].shape = [6, 5, 3]
    try trainer.setMask(Mask(MaskLayout(full), all: true), task: 1)
    #expect(
      Self.message { try trainer.setMask(nil, task: 2) }
        == "There is no task 2 to set a mask for; the network has 2.")
  }

  @Test func jointStepsNeedOneSubnet() async throws {
    let network = try await MaskedNetwork()
    let masks = (0..<2).map { Mask.random(network.layout, density: 0.5, seed: $0 + 1) }
    let trainer = try network.trainer(masks: masks)
    let both = TaskSet(tasks: [0, 1])
    let different =
      "A joint pass is through one subnet, but the tasks `pos` and `ner` have different masks. "
      + "Make a step for each task."
    #expect(Self.message { _ = try trainer.forward(network.batches[0], random: .off) } == different)
    #expect(
      Self.message { try trainer.apply(tasks: both, UpdateRule()) }.hasPrefix("A joint update is through one")
    )
    try trainer.setMask(nil, task: 0)
    #expect(
      Self.message { _ = try trainer.forward(network.batches[0], random: .off) }
        .contains("one of the tasks `pos` and `ner` has a mask and the other has none"))
    // Equal masks are one subnet.
    try trainer.setMask(masks[1], task: 0)
    let joint = try trainer.forward(network.batches[0], random: .off)
    try trainer.backward()
    try trainer.apply(tasks: both, UpdateRule())
    let apart = try network.trainer(masks: [masks[1], nil])
    let alone = try apart.forward(network.batches[0], tasks: TaskSet(task: 0), random: .off)
    #expect(joint[0] == alone[0])
  }

  @Test func masksMayNotChangeWithinAStep() async throws {
    let network = try await MaskedNetwork()
    let trainer = try network.trainer()
    _ = try trainer.forward(network.batches[0], tasks: TaskSet(task: 0), random: .off)
    try trainer.setMask(Mask(network.layout, all: true), task: 0)
    #expect(Self.message { try trainer.backward() }.contains("must follow a forward pass"))
  }
}
