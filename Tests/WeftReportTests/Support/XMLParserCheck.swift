import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Is a text well-formed XML?
struct XMLParserCheck {
  let isWellFormed: Bool
  let problem: String

  init(_ data: Data) {
    let parser = XMLParser(data: data)
    isWellFormed = parser.parse()
    problem = parser.parserError.map { "\($0)" } ?? ""
  }
}
