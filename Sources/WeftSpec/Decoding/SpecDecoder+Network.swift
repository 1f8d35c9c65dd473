extension SpecDecoder {
  func network(_ node: SpecNode) -> NetworkSpec {
    var network = NetworkSpec()
    if let words = node["words"] { network.words = words.text == "none" ? nil : self.words(words) }
    if let chars = node["chars"], chars.text != "none" { network.chars = self.chars(chars) }
    network.features = node["features"]?.elements?.compactMap(feature) ?? []
    if let layers = node["encoder"]?.elements { network.encoder = layers.map(layer) }
    network.dropout = dropout(node["dropout"])
    set(&network.noise, node["noise"]?.number)
    return network
  }

  private func words(_ node: SpecNode) -> WordSpec {
    var words = WordSpec()
    set(&words.dim, node["dim"]?.integer)
    words.vectors = node["vectors"]?.path
    if let vocabulary = node["vocabulary"] {
      if let file = vocabulary["file"]?.path {
        words.vocabulary = .file(file)
      } else if vocabulary.text == "train+vectors" {
        words.vocabulary = .trainAndVectors
      }
    }
    set(&words.minCount, node["min-count"]?.integer)
    set(&words.lowercase, node["lowercase"]?.boolean)
    set(&words.frozen, node["frozen"]?.boolean)
    set(&words.unkDropout, node["unk-dropout"]?.number)
    return words
  }

  private func chars(_ node: SpecNode) -> CharSpec {
    var chars = CharSpec()
    set(&chars.kind, node.word("kind").flatMap(CharSpec.Kind.init))
    set(&chars.dim, node["dim"]?.integer)
    switch chars.kind {
    case .cnn:
      set(&chars.filters, node["filters"]?.integer)
      set(&chars.width, node["width"]?.integer)
      set(&chars.relu, node["relu"]?.boolean)
    case .bilstm:
      set(&chars.hidden, node["hidden"]?.integer)
    }
    set(&chars.minCount, node["min-count"]?.integer)
    return chars
  }

  private func feature(_ node: SpecNode) -> FeatureSpec? {
    let source: FeatureSpec.Source
    let defaultName: String
    if let column = node["column"]?.text {
      (source, defaultName) = (.column(column), column)
    } else {
      switch node["shape"]?.text {
      case "capitalization": (source, defaultName) = (.capitalization, "capitalization")
      case "digits": (source, defaultName) = (.digits, "digits")
      default: return nil
      }
    }
    return FeatureSpec(
      name: node["name"]?.text ?? defaultName, source: source,
      dim: node["dim"]?.integer ?? SpecLanguage.defaultFeatureDim)
  }

  private func layer(_ node: SpecNode) -> LayerSpec {
    LayerSpec(
      kind: node["kind"]?.text.flatMap(LayerSpec.Kind.init) ?? LayerSpec().kind,
      hidden: node["hidden"]?.integer ?? LayerSpec().hidden)
  }

  private func dropout(_ node: SpecNode?) -> DropoutSpec {
    var dropout = DropoutSpec()
    if let both = node?.number { (dropout.input, dropout.output) = (both, both) }
    set(&dropout.input, node?["input"]?.number)
    set(&dropout.layers, node?["layers"]?.number)
    set(&dropout.output, node?["output"]?.number)
    set(&dropout.variational, node?["variational"]?.boolean)
    return dropout
  }
}
