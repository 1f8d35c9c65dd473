import WeftGraph

/// The memory that a call needs besides parameters, as planned: the same sum that generated code makes.
public struct WorkspaceSize: Sendable, Equatable {
  /// For each piece the set of its rows, and the bytes of a row.
  private let pieces: [(rows: IndexSet, width: Int)]
  /// Pieces begin at multiples of so many bytes.
  private static let alignment = 64

  init(_ plan: MemoryPlan) { pieces = plan.slots.map { ($0.rows, 4 * $0.width) } }

  /// Bytes for one sentence.
  ///
  /// - Parameters:
  ///   - tokens: its length; all its words are different.
  ///   - scalars: characters of each word.
  public func bytes(tokens: Int, scalars: Int) -> Int {
    pieces.reduce(0) { sum, piece in
      let rows =
        switch piece.rows {
        case .token, .form: tokens
        case .scalar: tokens * scalars
        default: 1
        }
      return sum + (rows * piece.width + Self.alignment - 1) / Self.alignment * Self.alignment
    }
  }

  public static func == (left: WorkspaceSize, right: WorkspaceSize) -> Bool {
    left.pieces.elementsEqual(right.pieces) { $0.rows == $1.rows && $0.width == $1.width }
  }
}

extension CodeGenerator {
  /// The workspace of tagging or of a training step, for all tasks.
  public func workspace(_ purpose: Purpose) throws(CodegenError) -> WorkspaceSize {
    do {
      let whole = purpose == .training ? try graph.differentiated() : graph
      let program = Program(graph: try whole.specialized(for: purpose), purpose: purpose)
      return WorkspaceSize(program.memory)
    } catch {
      throw .graph(error)
    }
  }
}
