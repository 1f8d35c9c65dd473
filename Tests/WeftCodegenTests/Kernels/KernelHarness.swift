import Foundation
import Testing

@testable import WeftCodegen

/// An argument of a kernel.
enum Argument {
  case int(Int)
  case size(Int)
  case float(Float)
  case floats(GuardedBuffer<Float>?)
  /// Pointers to rows that begin at these elements of a buffer.
  case rows(GuardedBuffer<Float>, [Int])
  case integers(GuardedBuffer<Int32>?)
  case keys(GuardedBuffer<UInt64>)
  case bytes(GuardedBuffer<UInt8>?)
  case words(GuardedBuffer<UInt16>?)
  case crf(CRFBuffers?)

  static func matrix(_ matrix: GuardedMatrix?) -> [Argument] {
    [.floats(matrix?.buffer), .size(matrix?.stride ?? 0)]
  }

  /// Pointers to some rows of a matrix, all if none are named.
  static func rows(_ matrix: GuardedMatrix, _ rows: [Int]? = nil) -> Argument {
    .rows(matrix.buffer, (rows ?? Array(0..<matrix.rows)).map { $0 * matrix.stride })
  }
}

/// The scores of a CRF in guarded memory.
struct CRFBuffers {
  var transitions: GuardedBuffer<Float>
  var start: GuardedBuffer<Float>?
  var end: GuardedBuffer<Float>?
  var allowed: GuardedBuffer<UInt8>?
  var allowedStart: GuardedBuffer<UInt8>?
  var allowedEnd: GuardedBuffer<UInt8>?

  var fields: [UnsafeMutableRawPointer?] {
    [
      transitions.pointer, start?.pointer, end?.pointer, allowed?.pointer, allowedStart?.pointer,
      allowedEnd?.pointer,
    ]
  }
  var sizes: [Int] {
    [
      transitions.byteCount, start?.byteCount ?? 0, end?.byteCount ?? 0, allowed?.byteCount ?? 0,
      allowedStart?.byteCount ?? 0, allowedEnd?.byteCount ?? 0,
    ]
  }
}

/// Kernels of one instruction set, compiled and callable.
protocol CompiledKernels: Sendable {
  /// Calls a kernel; what a kernel returns, as a double.
  func call(named name: String, _ arguments: [Argument]) throws -> Double
}

extension CompiledKernels {
  @discardableResult
  func call(_ instance: KernelInstance, _ arguments: [Argument]) throws -> Double {
    try call(named: instance.baseName, arguments)
  }
}

/// What tests run on: an instruction set, how it was translated and where it runs.
struct Target: Sendable, CustomTestStringConvertible {
  let set: InstructionSet
  let compiler: String
  let kernels: @Sendable () throws -> any CompiledKernels

  var testDescription: String { "\(set.rawValue) by \(compiler)" }

  /// Every instruction set that this machine runs by itself or by emulation.
  static let all: [Target] = native + emulated + tiles
  /// All that there is, but for tests that would repeat themselves: one compiler an instruction set.
  private static let native: [Target] = InstructionSet.allCases.filter { !$0.hasTiles }.flatMap { set in
    ["clang", "gcc"].compactMap { compiler -> Target? in
      guard Tool.path(compiler) != nil, compiler == "clang" || set.vectors != .avx512 else { return nil }
      guard HostFeatures.supports(set) else { return nil }
      return Target(set: set, compiler: compiler) { try LoadedKernels.shared(set, compiler: compiler) }
    }
  }
  private static let emulated: [Target] = {
    guard Tool.buildsForAArch64, let compiler = Tool.path("aarch64-linux-gnu-gcc"),
      let emulator = Tool.path("qemu-aarch64")
    else { return [] }
    let running = Lazy { try EmulatedKernels(.neon, compiler: compiler, emulator: emulator) }
    return [Target(set: .neon, compiler: "aarch64-linux-gnu-gcc under qemu") { try running.value() }]
  }()
  /// In tiles, which are emulated where the processor has none.
  private static let tiles: [Target] = {
    guard Tool.path("clang") != nil, HostFeatures.supports(.avx512vnni) else { return [] }
    return [
      Target(
        set: .avx512amx,
        compiler: HostFeatures.supports(.avx512amx) ? "clang" : "clang with emulated tiles"
      ) {
        try LoadedKernels.shared(.avx512amx, compiler: "clang")
      }
    ]
  }()
}

/// A value made once, at first use.
final class Lazy<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var result: Result<Value, any Error>?
  private let make: @Sendable () throws -> Value

  init(_ make: @escaping @Sendable () throws -> Value) { self.make = make }

  func value() throws -> Value {
    try lock.withLock {
      if result == nil { result = Result(catching: make) }
      return try result!.get()
    }
  }
}

/// Programs of the machine.
enum Tool {
  static func path(_ name: String) -> String? {
    let folders =
      ["/usr/bin"]
      + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Whether programs for AArch64 can be compiled and run here; a compiler may be there without its C library.
  static let buildsForAArch64: Bool = {
    guard let compiler = path("aarch64-linux-gnu-gcc"), let emulator = path("qemu-aarch64"),
      let folder = try? folder()
    else { return false }
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = folder.appendingPathComponent("empty").path
    do {
      try run(
        compiler, ["-static", "-x", "c", "-", "-o", program],
        input: "#include <stdio.h>\nint main(void) { return puts(\"runs\") < 0; }\n")
      return try run(emulator, [program]) == "runs\n"
    } catch { return false }
  }()

  struct Failure: Error, CustomStringConvertible { var description: String }

  /// Runs a program with text on its standard input; what it wrote to standard output and standard error.
  @discardableResult
  static func run(_ path: String, _ arguments: [String], input: String? = nil) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    if let input {
      let file = FileManager.default.temporaryDirectory.appendingPathComponent(
        "weft-input-\(UUID().uuidString)")
      try input.write(to: file, atomically: true, encoding: .utf8)
      process.standardInput = try FileHandle(forReadingFrom: file)
      try FileManager.default.removeItem(at: file)
    }
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(path) \(arguments.joined(separator: " ")):\n\(text)")
    }
    return text
  }

  /// A new folder for one compilation.
  static func folder() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "weft-kernels-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  /// The flags that generated code has to be clean under.
  static let flags = [
    "-std=c11", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror",
  ]
}

/// What this processor can do.
enum HostFeatures {
  static func supports(_ set: InstructionSet) -> Bool {
    switch set {
    case .avx512amx: supports(.avx512vnni) && ["amx_tile", "amx_bf16", "amx_int8"].allSatisfy(flags.contains)
    case .avx512vnni: supports(.avx512) && ["avx512_vnni", "avx512_bf16"].allSatisfy(flags.contains)
    case .avx512: ["avx512f", "avx512dq", "avx512bw", "avx512vl", "fma"].allSatisfy(flags.contains)
    case .avx2: ["avx2", "fma"].allSatisfy(flags.contains)
    case .neon:
      #if arch(arm64)
        true
      #else
        false
      #endif
    case .portable: true
    }
  }

  private static let flags: Set<Substring> = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    return Set(line.split(separator: " "))
  }()
}

/// A shared library of the kernels under test, in this process.
final class LoadedKernels: CompiledKernels {
  private typealias Call = @convention(c) (UnsafeMutablePointer<UInt64>) -> Void
  private let handle: UInt
  /// The kernels of the set that this one adds to, which it takes over where it has none of its own.
  private let base: LoadedKernels?

  /// Each library is compiled once, when the first test asks for it.
  static func shared(_ set: InstructionSet, compiler: String) throws -> LoadedKernels {
    guard let library = libraries["\(set) \(compiler)"] else {
      throw Tool.Failure(description: "no kernels of \(set) are compiled by \(compiler)")
    }
    return try library.value()
  }

  private static let libraries: [String: Lazy<LoadedKernels>] = {
    var libraries: [String: Lazy<LoadedKernels>] = [:]
    for set in InstructionSet.allCases {
      for compiler in ["clang", "gcc"] {
        libraries["\(set) \(compiler)"] = Lazy { try LoadedKernels(set, compiler: compiler) }
      }
    }
    return libraries
  }()

  private init(_ set: InstructionSet, compiler: String) throws {
    base = try set.base.map { try Self.shared($0, compiler: compiler) }
    let own = TestInstances.all.filter { $0.kernel.isSpecial(for: set) }
    let folder = try Tool.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("kernels.c").path
    let library = folder.appendingPathComponent("kernels.so").path
    try HarnessSource.text(own, for: set).write(toFile: source, atomically: true, encoding: .utf8)
    let sources = [source] + (set.hasTiles ? [TileEmulation.source] : [])
    try Tool.run(
      Tool.path(compiler) ?? compiler, Tool.flags + ["-fPIC", "-shared"] + sources + ["-o", library, "-lm"])
    guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL) else {
      throw Tool.Failure(description: String(cString: dlerror()))
    }
    self.handle = UInt(bitPattern: handle)
  }

  func call(named name: String, _ arguments: [Argument]) throws -> Double {
    guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: handle), "call_" + name) else {
      if let base { return try base.call(named: name, arguments) }
      throw Tool.Failure(description: "\(name) is not among the kernels under test")
    }
    var pointers: [UnsafeMutableRawPointer?] = []
    for argument in arguments {
      switch argument {
      case .crf(let buffers?): pointers = buffers.fields
      case .rows(let buffer, let first): pointers = first.map { buffer.pointer + 4 * $0 }
      default: break
      }
    }
    return pointers.withUnsafeMutableBytes { pointerBytes in
      var slots: [UInt64] = arguments.map { argument in
        switch argument {
        case .int(let value): UInt64(UInt32(bitPattern: Int32(value)))
        case .size(let value): UInt64(value)
        case .float(let value): UInt64(value.bitPattern)
        case .floats(let buffer): UInt64(UInt(bitPattern: buffer?.pointer))
        case .integers(let buffer): UInt64(UInt(bitPattern: buffer?.pointer))
        case .keys(let buffer): UInt64(UInt(bitPattern: buffer.pointer))
        case .words(let buffer): UInt64(UInt(bitPattern: buffer?.pointer))
        case .bytes(let buffer): UInt64(UInt(bitPattern: buffer?.pointer))
        case .crf(let buffers): buffers == nil ? 0 : UInt64(UInt(bitPattern: pointerBytes.baseAddress))
        case .rows: UInt64(UInt(bitPattern: pointerBytes.baseAddress))
        }
      }
      slots.append(0)
      unsafeBitCast(symbol, to: Call.self)(&slots)
      return Double(bitPattern: slots[arguments.count])
    }
  }
}
