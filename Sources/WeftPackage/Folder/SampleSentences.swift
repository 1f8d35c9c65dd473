import WeftCorpus
import WeftTrain

/// `test/expected.tsv`: sentences, and the tags that the trained model gives them. Every binding's test tags them again.
enum SampleSentences {
  private static let sentences = [
    "Ann lives in Oslo .",
    "Google bought a small company in New York from Larry Page last week .",
    "I do n't think that the U.S. will agree , do you ?",
    "Yes !",
    "The 25 % discount ends on 3/14/2024 at 11:59 pm .",
    "straße ÉCOLE 東京 Ω naïve İstanbul 👍🏽 e\u{301}",
    "McDonald 's iPhone costs $ 1,299.00 at BestBuy.com",
    "( see http://www.example.com/a?b=c&d=e#f )",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z",
    "Mr. John Smith of the United Nations met President Anna Kowalska in Warsaw on Monday morning .",
  ]

  /// How far the best label of a token has to be ahead, in probability, to be the best on every machine where some
  /// round inputs.
  private static let margin: Float = 0.05

  /// - Parameter isRounded: some instruction sets round inputs, as they do for narrow weights: only sentences whose tags
  ///   are clear are taken.
  static func file(taggedBy model: TrainedModel, isRounded: Bool) throws -> PackageFile {
    var options = TaggingOptions()
    options.probabilities = isRounded
    var pipeline = try TaggingPipeline(model, options: options)
    let limits = model.spec.limits
    let chosen = sentences.map { $0.split(separator: " ").map(String.init) }.filter { words in
      words.count <= limits.tokens && words.allSatisfy { $0.unicodeScalars.count <= limits.scalars }
    }
    let tagged = try pipeline.tag(chosen.map { Sentence(words: $0) })
    var text = ""
    let clear = tagged.filter { !isRounded || isClear($0) }
    for sentence in clear.isEmpty ? Array(tagged.prefix(1)) : clear {
      for (index, word) in sentence.sentence.words.enumerated() {
        text += ([word] + sentence.tasks.map { $0.tags[index] }).joined(separator: "\t") + "\n"
      }
      text += "\n"
    }
    return PackageFile("test/expected.tsv", text: text)
  }

  private static func isClear(_ sentence: TaggedSentence) -> Bool {
    sentence.tasks.allSatisfy { task in
      (task.probabilities ?? []).allSatisfy { probabilities in
        let best = probabilities.sorted(by: >).prefix(2)
        return best.count < 2 || best[0] - best[1] > margin
      }
    }
  }
}
