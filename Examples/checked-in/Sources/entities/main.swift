import Foundation
import Tiny

// entities < TEXT: the words of a text that are part of an entity, with their tags.
let text = Array(FileHandle.standardInput.readDataToEndOfFile())
var session = try Session(Tagger())
for sentence in try Tokenizer.sentences(of: String(decoding: text, as: UTF8.self)) {
  try session.tag(sentence, tasks: .ner)
  for (word, tag) in zip(sentence, session.tags(NerTag.self)) where tag != .O { print("\(word)\t\(tag)") }
}
