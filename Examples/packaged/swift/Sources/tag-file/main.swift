import Foundation
import Tiny

// tag-file FILE: tags a file of raw text with every task of the tagger 'tiny'.
guard CommandLine.arguments.count == 2 else {
  FileHandle.standardError.write(Data("usage: tag-file FILE\n".utf8))
  exit(2)
}
let text = try Array(Data(contentsOf: URL(fileURLWithPath: CommandLine.arguments[1])))
let tokens = try Tokenizer.tokens(in: text.span)
let starts = tokens.indices.filter { tokens[$0].startsSentence } + [tokens.count]

var session = try Session(Tagger())
for (start, end) in zip(starts, starts.dropFirst()) {
  let sentence = Array(tokens[start..<end])
  // The words are read where they stand in the text.
  try session.tag(utf8: text.span, tokens: sentence.span)
  for (token, (pos, ner)) in zip(sentence, zip(session.tags(PosTag.self), session.tags(NerTag.self))) {
    print("\(String(decoding: text[token.bytes], as: UTF8.self))\t\(pos)\t\(ner)")
  }
  print()
}
