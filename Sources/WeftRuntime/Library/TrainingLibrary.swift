import CWeftABI
import Foundation

/// The training code of a spec, loaded.
public final class TrainingLibrary: Sendable {
  public let url: URL
  public let tables: LibraryTables
  /// Longest table of missed updates that a row-sparse parameter may have.
  public let lagCapacity: Int
  let functions: FunctionTable<weft_training>

  /// Loads a built library; no compiler need be installed.
  ///
  /// - Parameters:
  ///   - url: `lib<name>-train.so`.
  ///   - name: the spec's name, if the file is called otherwise.
  /// - Throws: `.fileAccess`, `.libraryUnusable` or `.abiMismatch`.
  public init(contentsOf url: URL, name: String? = nil) throws(RuntimeError) {
    let library = try DynamicLibrary(contentsOf: url)
    let symbol =
      "weft_" + (name.map(DynamicLibrary.symbolName) ?? DynamicLibrary.modelName(of: url)) + "_train"
    let table = try library.query(symbol, as: weft_training.self).pointee
    let hasState =
      table.trainer_size != nil && table.trainer_init != nil && table.trainer_isa != nil
      && table.parameters != nil && table.first_moments != nil && table.second_moments != nil
      && table.gradient != nil && table.clocks != nil && table.row_lags != nil && table.lag_table != nil
      && table.set_lag_length != nil && table.changed != nil && table.set_mask != nil
      && table.workspace_size != nil
    let hasSteps =
      table.forward != nil && table.backward != nil && table.zero != nil && table.sum_of_squares != nil
      && table.dot != nil && table.axpy != nil && table.apply != nil && table.catch_up != nil
      && table.snapshot != nil && table.average != nil
    guard hasState, hasSteps, let tables = table.tables, table.lag_capacity >= 0 else {
      throw RuntimeError(.libraryUnusable, "The function table of \(url.path) has gaps. Generate it again.")
    }
    self.url = url
    self.lagCapacity = Int(table.lag_capacity)
    self.functions = FunctionTable(table: table)
    self.tables = try LibraryTables(tables.pointee, of: url.path)
  }
}
