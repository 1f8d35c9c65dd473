import Foundation
import Weft

/// A named entity in a text.
public struct Entity: Sendable, Equatable {
  public var type: String
  public var text: String
}

/// Finds named entities with a model that Weft trained.
public struct EntityFinder: Sendable {
  private let tagger: Tagger
  private let task: Tagger.Task

  /// - Parameters:
  ///   - model: a run's folder or a checkpoint.
  ///   - task: the task that tags entities.
  public init(model: URL, task name: String = "ner") async throws {
    tagger = try await Tagger(contentsOf: model)
    guard let task = tagger.tasks.first(where: { $0.name == name }) else { throw NoSuchTask(name: name) }
    self.task = task
  }

  /// Entities in the order of the text, whose words are separated by spaces and whose sentences are lines.
  public func entities(in text: String) throws -> [Entity] {
    var options = TaggingOptions()
    options.tasks = [task.name]
    return try tagger.tag(text: text, options: options).flatMap { sentence in
      sentence.spans(task).map { span in
        Entity(
          type: span.type, text: sentence.sentence.words[span.start..<span.end].joined(separator: " "))
      }
    }
  }
}

public struct NoSuchTask: Error, CustomStringConvertible {
  public var name: String
  public var description: String { "the model has no task '\(name)'" }
}
