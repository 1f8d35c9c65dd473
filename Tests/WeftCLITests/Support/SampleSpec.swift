/// A small spec on the sample corpus, trained in seconds.
enum SampleSpec {
  static let folder = Weft.root.appendingPathComponent("Examples/data/sample").path

  static func text(
    train: String = "\(folder)/train.conll", dev: String? = "\(folder)/dev.conll",
    test: String? = "\(folder)/test.conll", network: String = "encoder: [{hidden: 12}]",
    training: String = "epochs: 2", more: String = ""
  ) -> String {
    """
    weft: 1
    name: sample
    data:
      sample:
        train: \(train)
    \(dev.map { "    dev: \($0)" } ?? "")
    \(test.map { "    test: \($0)" } ?? "")
        columns: {word: 0, xpos: 2, ner: 3}
    tasks:
      pos: {column: xpos}
      ner: {scheme: {data: bio, model: bioes}}
    network:
      words: {dim: 8}
      chars: {dim: 4, filters: 6}
      \(network)
    train: {batch: 10, \(training)}
    \(more)
    """
  }
}
