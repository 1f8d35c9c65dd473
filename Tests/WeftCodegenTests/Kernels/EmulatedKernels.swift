import Foundation

@testable import WeftCodegen

/// Kernels of an instruction set that this machine emulates: a program that reads calls from a pipe, runs them and
/// writes back what they left in their buffers.
final class EmulatedKernels: CompiledKernels, @unchecked Sendable {
  private let lock = NSLock()
  private let process = Process()
  private let requests = Pipe()
  private let replies = Pipe()

  init(_ set: InstructionSet, compiler: String, emulator: String) throws {
    let folder = try Tool.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("kernels.c").path
    let program = folder.appendingPathComponent("kernels").path
    let text =
      try HarnessSource.text(TestInstances.all(for: set), for: set)
      + HarnessSource.server(TestInstances.all(for: set))
    try text.write(toFile: source, atomically: true, encoding: .utf8)
    // In which order instructions stand is no matter here, and finding the best one takes a quarter of a minute.
    let flags = Tool.flags + ["-fno-schedule-insns", "-static"]
    try Tool.run(compiler, flags + [source, "-o", program, "-lm"])
    process.executableURL = URL(fileURLWithPath: emulator)
    process.arguments = [program]
    process.standardInput = requests
    process.standardOutput = replies
    try process.run()
    // The program has to be open before its file goes: a call that does nothing waits for that.
    _ = try call(named: "axpy_f32", [.size(0), .float(0), .floats(nil), .floats(nil)])
  }

  deinit {
    try? requests.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  func call(named name: String, _ arguments: [Argument]) throws -> Double {
    try lock.withLock {
      var message = Data()
      message.append(UInt64(name.utf8.count))
      message.append(contentsOf: name.utf8)
      message.append(UInt64(arguments.count))
      for argument in arguments { argument.encode(into: &message) }
      try requests.fileHandleForWriting.write(contentsOf: message)
      for argument in arguments {
        guard let (target, count) = argument.memory else { continue }
        try read(into: target, count: count)
      }
      var result = 0.0
      try withUnsafeMutableBytes(of: &result) { bytes in
        if let base = bytes.baseAddress { try read(into: base, count: 8) }
      }
      return result
    }
  }

  private func read(into target: UnsafeMutableRawPointer, count: Int) throws {
    var done = 0
    while done < count {
      guard let part = try replies.fileHandleForReading.read(upToCount: count - done), !part.isEmpty else {
        throw Tool.Failure(description: "the emulated program stopped")
      }
      part.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { (target + done).copyMemory(from: base, byteCount: bytes.count) }
      }
      done += part.count
    }
  }
}

extension Data {
  fileprivate mutating func append(_ value: UInt64) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func append(memory: UnsafeMutableRawPointer?, count: Int) {
    guard let memory else { return append(UInt64.max) }
    append(UInt64(count))
    append(contentsOf: UnsafeRawBufferPointer(start: memory, count: count))
  }
}

extension Argument {
  /// The memory that a call may change.
  fileprivate var memory: (UnsafeMutableRawPointer, Int)? {
    switch self {
    case .floats(let buffer?): (buffer.pointer, buffer.byteCount)
    case .integers(let buffer?): (buffer.pointer, buffer.byteCount)
    case .keys(let buffer): (buffer.pointer, buffer.byteCount)
    case .words(let buffer?): (buffer.pointer, buffer.byteCount)
    case .bytes(let buffer?): (buffer.pointer, buffer.byteCount)
    default: nil
    }
  }

  fileprivate func encode(into message: inout Data) {
    switch self {
    case .int(let value): message.appendValue(UInt64(UInt32(bitPattern: Int32(value))))
    case .size(let value): message.appendValue(UInt64(value))
    case .float(let value): message.appendValue(UInt64(value.bitPattern))
    case .crf(let buffers?):
      message.append(contentsOf: [2])
      for (field, size) in zip(buffers.fields, buffers.sizes) { message.append(memory: field, count: size) }
    case .rows(let buffer, let first):
      message.append(contentsOf: [3])
      message.append(memory: buffer.pointer, count: buffer.byteCount)
      message.append(UInt64(first.count))
      for element in first { message.append(UInt64(element)) }
    default:
      message.append(contentsOf: [1])
      message.append(memory: memory?.0, count: memory?.1 ?? 0)
    }
  }
}

extension Data {
  fileprivate mutating func appendValue(_ value: UInt64) {
    append(contentsOf: [0])
    append(value)
  }
}

extension HarnessSource {
  /// The emulated program's main function. A message is the name (length, bytes), the number of arguments, and for
  /// each a kind and a value: 0 eight bytes, 1 memory (size, bytes; all ones for NULL), 2 the six arrays of a CRF, 3 rows of one array
  /// (the array, their number, where each begins).
  static func server(_ instances: [KernelInstance]) -> String {
    let names = instances.map(\.baseName) + plain.map(\.name)
    let entries = names.map { "    {\"\($0)\", call_\($0)}," }.joined(separator: "\n")
    return """
      #include <stdio.h>
      #include <stdlib.h>

      static const struct {
          const char *name;
          void (*call)(union argument *);
      } entries[] = {
      \(entries)
      };

      static void take(void *to, size_t size) {
          if (fread(to, 1, size, stdin) != size)
              exit(0);
      }

      static void *take_memory(uint64_t *size) {
          take(size, sizeof *size);
          if (*size == UINT64_MAX)
              return NULL;
          void *memory = malloc(*size + 1);
          take(memory, *size);
          return memory;
      }

      int main(void) {
          for (;;) {
              char name[256] = {0};
              uint64_t length, count, sizes[32] = {0};
              union argument arguments[32];
              void *memory[32] = {0}, *pointers[64];
              take(&length, 8);
              take(name, length);
              take(&count, 8);
              for (uint64_t i = 0; i < count; i++) {
                  uint8_t kind;
                  take(&kind, 1);
                  if (kind == 0) {
                      take(&arguments[i], 8);
                  } else if (kind == 1) {
                      arguments[i].p = memory[i] = take_memory(&sizes[i]);
                  } else if (kind == 3) {
                      uint64_t rows, first;
                      float *const buffer = take_memory(&sizes[31]);
                      take(&rows, 8);
                      for (uint64_t row = 0; row < rows; row++) {
                          take(&first, 8);
                          pointers[row] = buffer + first;
                      }
                      arguments[i].p = pointers;
                  } else {
                      for (int field = 0; field < 6; field++)
                          pointers[field] = take_memory(&sizes[31]);
                      arguments[i].p = pointers;
                  }
              }
              arguments[count].d = 0;
              for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
                  if (strcmp(name, entries[i].name) == 0)
                      entries[i].call(arguments);
              }
              for (uint64_t i = 0; i < count; i++) {
                  if (memory[i] != NULL)
                      fwrite(memory[i], 1, sizes[i], stdout);
                  free(memory[i]);
              }
              fwrite(&arguments[count].d, 8, 1, stdout);
              fflush(stdout);
          }
      }

      """
  }
}
