import Entities
import Foundation

// find-entities RUN < text: prints a line for each named entity.
guard CommandLine.arguments.count == 2 else {
  FileHandle.standardError.write(Data("usage: find-entities RUN < text\n".utf8))
  exit(2)
}
do {
  let finder = try await EntityFinder(model: URL(filePath: CommandLine.arguments[1]))
  while let line = readLine() {
    for entity in try finder.entities(in: line) { print("\(entity.type)\t\(entity.text)") }
  }
} catch {
  FileHandle.standardError.write(Data("error: \(error)\n".utf8))
  exit(1)
}
