import Foundation
import Testing

@testable import WeftCodegen

/// Packages with another C library, on another processor, and as WebAssembly give the same answers.
@Suite struct PackagePortabilityTests {
  private static func has(_ tools: String...) -> Bool { tools.allSatisfy { Tool.path($0) != nil } }

  private func check(
    _ sets: [InstructionSet], compiler: [String], command: [String], isas: [String]
  ) async throws {
    let sample = try PackageSample(
      name: "pack-port", isRich: true, isMasked: true, instructionSets: sets)
    let build = try PackageBuild(sample)
    defer { build.remove() }
    try build.write("wasi.mjs", Self.wasi)
    try build.compileHarness(sample, compiler: compiler, counting: false)
    let expected = try await PackageExpectation.lines(sample, isa: "portable")
    for isa in isas {
      PackageExpectation.compare(try build.runHarness(command, isa: isa).dropLast(), expected)
    }
  }

  @Test(.enabled(if: has("musl-gcc"), "needs musl-gcc (musl-tools)")) func musl() async throws {
    try await check(
      Compiled.instructionSets, compiler: ["musl-gcc", "-static"], command: ["./main"],
      isas: Compiled.instructionSets.map(\.rawValue))
  }

  @Test(
    .enabled(if: Tool.buildsForAArch64, "needs aarch64-linux-gnu-gcc with its C library, and qemu-aarch64"))
  func aarch64() async throws {
    try await check(
      [.neon, .portable], compiler: ["aarch64-linux-gnu-gcc", "-static"],
      command: ["qemu-aarch64", "./main"],
      isas: ["neon", "portable"])
  }

  private static let webAssembly = ["clang", "--target=wasm32-wasi", "--sysroot=/usr"]
  /// A linker, a C library and its run-time support are packages of their own.
  private static let hasWebAssembly: Bool = {
    guard has("clang", "node"), let sample = try? PackageSample(name: "pack-none", isRich: false),
      let build = try? PackageBuild(sample)
    else { return false }
    defer { build.remove() }
    try? build.write("empty.c", "int main(void) { return 0; }\n")
    let options = webAssembly.dropFirst() + ["empty.c", "-o", "empty"]
    return (try? build.run("clang", Array(options)))??.status == 0
  }()
  private static let wasi = """
    import { WASI } from 'node:wasi';
    import { readFileSync } from 'node:fs';
    const wasi = new WASI({
      version: 'preview1', args: ['main', ...process.argv.slice(2)], env: process.env, preopens: { '.': '.' } });
    const module = new WebAssembly.Module(readFileSync('main'));
    process.exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
    """

  @Test(
    .enabled(
      if: hasWebAssembly,
      "needs clang for wasm32-wasi (lld, wasi-libc, libclang-rt-dev-wasm32) and node")
  )
  func portableAsWebAssembly() async throws {
    try await check(
      [.portable], compiler: Self.webAssembly, command: ["node", "--no-warnings", "wasi.mjs"],
      isas: ["portable"])
  }

  /// Without an operating system a few functions of C are all it takes.
  @Test(.enabled(if: hasWebAssembly, "needs clang for wasm32-wasi")) func webAssemblyAlone() throws {
    let build = try PackageBuild(
      PackageSample(name: "pack-alone", isRich: true, instructionSets: [.portable]))
    defer { build.remove() }
    let options = [
      "--target=wasm32", "-isystem", "/usr/include/wasm32-wasi", "-std=c11", "-O1", "-DPACK_ALONE_NO_HOST",
      "-c",
      "-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror", "pack-alone.c", "-o", "alone.o",
    ]
    let compiled = try #require(try build.run("clang", options))
    try #require(compiled.status == 0, "\(compiled.errors.prefix(2000))")
  }
}
