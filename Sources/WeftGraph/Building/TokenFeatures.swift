import WeftSpec

extension NetworkBuilder {
  /// Adds what the encoder reads: words, characters and features side by side, then noise and dropout.
  ///
  /// - Parameter prefix: in front of every name and random site: empty for a shared network, `<task>.` for a task's own.
  mutating func addTokenFeatures(prefix: String) throws(GraphError) -> ValueID {
    var parts: [ValueID] = []
    if let words = network.words { parts.append(try addWords(words, prefix: prefix)) }
    if let chars = network.chars { parts.append(try addCharacters(chars, prefix: prefix)) }
    for feature in network.features {
      guard let rows = sizes.features[feature.name] else {
        throw GraphError("the vocabulary of this feature is missing", at: "network.features.\(feature.name)")
      }
      parts.append(
        try addEmbedding(
          prefix + "features.\(feature.name)", of: try input("feature.\(feature.name)"), rows: rows,
          dim: feature.dim, at: "network.features.\(feature.name).dim"))
    }
    var value = parts[0]
    if parts.count > 1 { value = try graph.add(Concat(), named: prefix + "input", inputs: parts)[0] }
    if network.noise > 0 {
      let noise = Noise(site: prefix + "noise.input", deviation: network.noise)
      value = try graph.add(noise, named: prefix + "input.noisy", inputs: [value])[0]
    }
    return try addDropout(
      value, probability: network.dropout.input, named: prefix + "input.dropped",
      site: prefix + "dropout.input")
  }

  private mutating func addWords(_ words: WordSpec, prefix: String) throws(GraphError) -> ValueID {
    var ids = try input("word")
    if words.unkDropout > 0 {
      let dropout = WordDropout(site: prefix + "dropout.words", probability: words.unkDropout)
      ids = try graph.add(dropout, named: prefix + "word.dropped", inputs: [ids])[0]
    }
    return try addEmbedding(
      prefix + "words", of: ids, rows: sizes.words, dim: words.dim, isTrainable: !words.frozen,
      at: "network.words.dim")
  }

  private mutating func addEmbedding(
    _ name: String, of ids: ValueID, rows: Int, dim: Int, isTrainable: Bool = true, at subject: String
  ) throws(GraphError) -> ValueID {
    let dim = try Self.positive(dim, "the number of columns", at: subject)
    let rows = try Self.positive(rows, "the size of the vocabulary", at: name)
    let table = try graph.addParameter(
      "\(name).weight", shape: [rows, dim], initializer: .embedding(bound: (3 / Double(dim)).squareRoot()),
      group: .embedding, isRowSparse: isTrainable, isTrainable: isTrainable)
    return try graph.add(Embed(), named: name, inputs: [ids], parameters: [table])[0]
  }

  private mutating func addCharacters(_ chars: CharSpec, prefix: String) throws(GraphError) -> ValueID {
    let embedding = try addEmbedding(
      prefix + "chars.embedding", of: try input("character"), rows: sizes.characters, dim: chars.dim,
      at: "network.chars.dim")
    let forms =
      switch chars.kind {
      case .cnn: try addCharacterConvolution(chars, embedding, prefix: prefix)
      case .bilstm:
        try addLSTM(
          prefix + "chars", parameters: prefix + "chars.lstm", reading: embedding,
          hidden: try Self.positive(chars.hidden, "the hidden size", at: "network.chars.hidden"),
          output: .final)
      }
    return try graph.add(Gather(), named: prefix + "chars.token", inputs: [forms, try input("form")])[0]
  }

  private mutating func addCharacterConvolution(
    _ chars: CharSpec, _ embedding: ValueID, prefix: String
  ) throws(GraphError) -> ValueID {
    guard chars.width > 0, chars.width % 2 == 1 else {
      throw GraphError("the width must be odd, is \(chars.width)", at: "network.chars.width")
    }
    let filters = try Self.positive(chars.filters, "the number of filters", at: "network.chars.filters")
    let weight = try graph.addParameter(
      prefix + "chars.conv.weight", shape: [filters, chars.dim, chars.width],
      initializer: .xavier(fanIn: chars.dim * chars.width, fanOut: filters * chars.width),
      group: .convolution)
    let bias = try graph.addParameter(
      prefix + "chars.conv.bias", shape: [filters], initializer: .zero, group: .convolution)
    return try graph.add(
      CharConv(width: chars.width, relu: chars.relu), named: prefix + "chars", inputs: [embedding],
      parameters: [weight, bias], outputNames: [prefix + "chars", prefix + "chars.argmax"])[0]
  }
}
