import Foundation
import Testing

/// The tile instructions (AMX), which few processors have: where there are none, a library or a program that
/// `Tests/Tiles/tiles.c` is compiled into runs them as its compiler wrote them, and stops at what a processor would refuse.
enum TileEmulation {
  static let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Tiles/tiles.c").path
}

/// What tests of tiles rely on: wrong shapes are found.
@Suite struct TileEmulationTests {
  /// Shapes of a product of 5 x 9 words with 9 x 13, and what spoils them.
  private static let program = """
    #include <immintrin.h>
    #include <stdint.h>
    #include <stdlib.h>
    struct shapes {
        uint8_t palette, start_row, unused[14];
        uint16_t bytes[16];
        uint8_t rows[16];
    };
    __attribute__((target("amx-tile,amx-bf16"))) int main(int count, char **arguments) {
        static uint32_t words[256], sums[256];
        struct shapes shapes = {.palette = 1, .bytes = {52, 36, 52}, .rows = {5, 5, 9}};
        const int spoilt = count > 1 ? atoi(arguments[1]) : 0;
        switch (spoilt) {
        case 1: shapes.palette = 2; break;
        case 2: shapes.rows[2] = 17; break;
        case 3: shapes.bytes[2] = 68; break;
        case 4: shapes.rows[1] = 0; break;
        case 5: shapes.rows[1] = 6; break;
        case 6: shapes.bytes[1] = 40; break;
        case 7: shapes.bytes[2] = 48; break;
        case 8: shapes.bytes[1] = 0, shapes.rows[1] = 0; break;
        }
        // The compiler of this test need not know that all of it is read.
        __asm__ volatile("" : : "r"(&shapes) : "memory");
        if (spoilt != 9)
            _tile_loadconfig(&shapes);
        _tile_zero(0);
        if (spoilt != 8)
            _tile_loadd(1, words, 36);
        _tile_loadd(2, words, 52);
        if (spoilt == 10)
            __asm__ volatile(".byte 0xC4, 0xE2, 0x6A, 0x5C, 0xC2"); // tdpbf16ps tmm0, tmm2, tmm2, which assemblers refuse
        _tile_dpbf16ps(0, 1, 2);
        if (spoilt == 11)
            _tile_release();
        _tile_stored(0, sums, 52);
        _tile_release();
        if (spoilt == 12)
            __builtin_trap();
        return 0;
    }
    """

  /// By what is spoilt; nothing is said of what has nothing to do with tiles.
  private static let messages = [
    "", "no such palette", "too large", "too large", "rows or columns alone", "first factor's rows",
    "factors do not fit", "second factor's columns", "no shape", "no shape", "twice", "no shape", "",
  ]

  @Test(.enabled(if: HostFeatures.supports(.avx512), "needs a processor with AVX-512"))
  func wrongShapesAreRefused() throws {
    let folder = try Tool.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("shapes.c").path
    let program = folder.appendingPathComponent("shapes").path
    try Self.program.write(toFile: source, atomically: true, encoding: .utf8)
    try Tool.run(
      try #require(Tool.path("clang")), ["-std=gnu11", "-O1", source, TileEmulation.source, "-o", program])
    try Tool.run(program, ["0"])
    for (spoilt, message) in Self.messages.enumerated().dropFirst() {
      let failure = try #require(throws: Tool.Failure.self) { try Tool.run(program, [String(spoilt)]) }
      if !HostFeatures.supports(.avx512amx) {
        #expect(message.isEmpty || failure.description.contains(message), "\(spoilt): \(failure)")
      }
    }
  }
}
