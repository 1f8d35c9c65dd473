/// The words whose products with input weights have what their characters add in them.
struct Spellings {
  /// The ids of words.
  var words: ValueID
  /// How many words, the first ones of the vocabulary.
  var rows: Int
}

extension Graph {
  /// Whether a node brings what a folded convolution forms of the characters of each form to the tokens.
  func isOfForms(_ node: Node) -> Bool {
    node.operation is Gather && inputs.contains(node.inputs[1]) && self[node.inputs[1]].name == "form"
  }

  /// A word of the vocabulary tells its characters, as long as a token is spelled as the vocabulary spells it: then nothing
  /// has to be formed of characters, and what they add to the gates of an LSTM is known with the word. Other spellings add
  /// the difference.
  ///
  /// This is so only if everybody who reads characters is an LSTM that knows products of words, and what it reads is formed
  /// by convolutions over a small table; forms that nothing is formed of are left out of batches.
  ///
  /// - Parameter knownRows: rows whose products an LSTM knows of a look-up.
  /// - Returns: nil if there are none.
  func spellings(
    _ writers: [ValueID: Node], knownRows: (Lstm, Node, LookUp) -> Int?
  ) -> Spellings? {
    guard let words = inputs.first(where: { self[$0].name == "word" }) else { return nil }
    var readers: [ValueID: [Node]] = [:]
    for node in nodes { for input in node.inputs { readers[input, default: []].append(node) } }
    let gathers = nodes.filter(isOfForms)
    let formed = Set(gathers.map { $0.inputs[0] })
    let isFormedSmall = formed.allSatisfy { value in
      guard let node = writers[value], let convolution = node.operation as? CharConv,
        let embed = writers[node.inputs[0]], embed.operation is Embed
      else { return false }
      return isSmall(convolution, node, table: self[embed.parameters[0]])
        && readers[value, default: []].allSatisfy(isOfForms)
    }
    // Nobody else reads forms or characters.
    let others = nodes.filter { node in
      node.inputs.contains {
        self[$0].type.rows == .form || self[$0].type.rows == .scalar || self[$0].name == "form"
      }
    }
    let convolutions = Set(formed.compactMap { writers[$0]?.id })
    let embeds = Set(formed.compactMap { writers[$0].flatMap { writers[$0.inputs[0]] }?.id })
    guard !gathers.isEmpty, isFormedSmall,
      others.allSatisfy({ isOfForms($0) || convolutions.contains($0.id) || embeds.contains($0.id) })
    else { return nil }
    var rows = Int.max
    for gather in gathers {
      guard let value = gather.outputs[0] else { return nil }
      let joined = readers[value, default: []]
      let lstms = joined.flatMap { node in
        node.operation is Concat ? node.outputs[0].map { readers[$0, default: []] } ?? [] : [node]
      }
      for node in lstms {
        guard let lstm = node.operation as? Lstm,
          let lookUp = pieces(of: lstm, node, writers).lookUps.first(where: { $0.ids == words }),
          let known = knownRows(lstm, node, lookUp)
        else { return nil }
        rows = min(rows, known)
      }
    }
    return rows == .max ? nil : Spellings(words: words, rows: rows)
  }
}
