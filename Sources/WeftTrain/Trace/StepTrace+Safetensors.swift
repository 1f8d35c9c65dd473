import WeftCorpus
import WeftGraph
import WeftRuntime
import WeftSpec

import struct Foundation.URL

extension StepTrace {
  /// Writes the trace, whole or not at all, in the format that `Benchmarks/peers/README.md` describes: `param.*`,
  /// `batch.<k>.*`, `inject.<k>.<site>`, `steps.*`, and Weft's own results as `trace.<k>.loss` and `.norm`.
  ///
  /// - Throws: `RuntimeError` of the file.
  public func write(to url: URL) throws {
    var tensors = initial.table.map {
      Safetensors.Tensor("param.\($0.name)", shape: $0.shape, .parameter(initial, $0))
    }
    tensors += [
      .init("steps.task", shape: [steps.count], .int32(steps.map { Int32($0.task) })),
      .init("steps.epoch", shape: [steps.count], .int32(steps.map { Int32($0.epoch) })),
      .init("steps.rate", shape: [steps.count], .float64(steps.map(\.rate))),
    ]
    let sites = tasks.indices.map(sites(ofTask:))
    for (number, step) in steps.enumerated() {
      tensors += batch(step.batch, number)
      tensors += sites[step.task].map { values(of: $0, step, number) }
      tensors.append(.init("trace.\(number).loss", shape: [1], .float64([step.loss])))
      if let norm = step.norm {
        tensors.append(.init("trace.\(number).norm", shape: [1], .float64([norm])))
      }
    }
    try Safetensors.write(tensors, metadata: TraceMetadata(design).entries, to: url)
  }

  private func batch(_ batch: PackedBatch, _ number: Int) -> [Safetensors.Tensor] {
    let own = [
      "token_offset": batch.tokenOffsets, "scalar_offset": batch.scalarOffsets, "sentence": batch.sentences,
    ]
    return batch.inputs.merging(own) { $1 }.map { name, ids in
      Safetensors.Tensor("batch.\(number).\(name)", shape: [ids.count], .int32(ids))
    }
  }

  /// A random site and the shape of its values.
  private struct Site {
    var site: RandomSite
    var rows: IndexSet
    var columns: Int
  }

  /// The sites that a step of a task draws from.
  private func sites(ofTask task: Int) -> [Site] {
    let reach = design.graph.reach(.training)
    return design.graph.nodes.compactMap { node in
      guard let operation = node.operation as? any RandomOperation,
        reach.runs(node.id, tasks: 1 << UInt64(task)), let output = node.outputs[0]
      else { return nil }
      let type = design.graph[output].type
      let isVariational = (operation as? Dropout)?.variational ?? false
      return Site(site: operation.site, rows: isVariational ? .sentence : .token, columns: type.columns)
    }
  }

  private func values(of site: Site, _ step: TracedStep, _ number: Int) -> Safetensors.Tensor {
    let keys = RandomKeys(
      seed: step.random.seed, task: Int(step.random.stream), step: Int(step.random.step))
    let values = keys.values(site.site, rows: site.rows, columns: site.columns, batch: step.batch)
    return Safetensors.Tensor(
      "inject.\(number).\(site.site.name)", shape: [values.rows, values.columns],
      .float32(values.elements.map(Float.init)))
  }
}
