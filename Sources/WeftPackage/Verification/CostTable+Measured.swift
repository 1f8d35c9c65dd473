import WeftCodegen
import WeftRuntime

extension CostTable {
  /// Costs of this machine, measured in some seconds.
  public static func measured(compiler: CompilerDriver) async throws -> CostTable {
    let measurement = CostMeasurement(sets: CostMeasurement.hostSets)
    let name = "weft-costs"
    let url = try await compiler.compile(
      files: [try measurement.file(named: name)], kind: .inference, name: name)
    let library = try DynamicLibrary(contentsOf: url)
    guard let symbol = library.symbol("weft_measure") else {
      throw PackageError(.file, "\(url.path) has no function weft_measure")
    }
    let measure = unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Double).self)
    return measurement.table(fitting: (0..<measurement.count).map { measure(Int32($0)) })
  }
}
