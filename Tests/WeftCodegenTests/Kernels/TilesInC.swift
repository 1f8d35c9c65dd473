/// The tile instructions (AMX) in C, in place of the compiler's: kernels in tiles run on every x86-64 processor, and stop
/// where a tile has no shape or where shapes do not fit each other, as the processor would.
enum TilesInC {
  static let text = #"""
    #include <immintrin.h>
    #include <math.h>
    #include <stdint.h>
    #include <string.h>

    static _Thread_local struct {
        uint8_t palette, start_row, unused[14];
        uint16_t bytes[16];
        uint8_t rows[16];
    } tile_shapes_in_c;
    static _Thread_local uint32_t tiles_in_c[8][16][16];

    static void check_tile_in_c(int ok) {
        if (!ok)
            __builtin_trap();
    }

    static void tile_loadconfig_in_c(const void *shapes) {
        memcpy(&tile_shapes_in_c, shapes, sizeof tile_shapes_in_c);
        memset(tiles_in_c, 0, sizeof tiles_in_c);
        check_tile_in_c(tile_shapes_in_c.palette == 1 && tile_shapes_in_c.start_row == 0);
        for (int i = 0; i < 16; i++) {
            const int rows = tile_shapes_in_c.rows[i], bytes = tile_shapes_in_c.bytes[i];
            check_tile_in_c(rows <= 16 && bytes <= 64 && (rows == 0) == (bytes == 0) && (i < 8 || rows == 0));
        }
    }

    static void tile_release_in_c(void) {
        memset(&tile_shapes_in_c, 0, sizeof tile_shapes_in_c);
        memset(tiles_in_c, 0, sizeof tiles_in_c);
    }

    static void check_shape_in_c(int tile) {
        check_tile_in_c(tile_shapes_in_c.palette == 1 && tile_shapes_in_c.rows[tile] > 0);
    }

    static void tile_zero_in_c(int tile) {
        check_shape_in_c(tile);
        memset(tiles_in_c[tile], 0, sizeof tiles_in_c[tile]);
    }

    static void tile_loadd_in_c(int tile, const void *from, size_t stride) {
        check_shape_in_c(tile);
        memset(tiles_in_c[tile], 0, sizeof tiles_in_c[tile]);
        for (size_t row = 0; row < tile_shapes_in_c.rows[tile]; row++)
            memcpy(tiles_in_c[tile][row], (const char *)from + row * stride, tile_shapes_in_c.bytes[tile]);
    }

    static void tile_stored_in_c(int tile, void *to, size_t stride) {
        check_shape_in_c(tile);
        for (size_t row = 0; row < tile_shapes_in_c.rows[tile]; row++)
            memcpy((char *)to + row * stride, tiles_in_c[tile][row], tile_shapes_in_c.bytes[tile]);
    }

    static float half_in_c(uint32_t pair, int upper) {
        const uint32_t bits = upper ? pair & 0xFFFF0000u : pair << 16;
        float x;
        memcpy(&x, &bits, sizeof x);
        return x;
    }

    static void tile_dpbf16ps_in_c(int c, int a, int b) {
        check_shape_in_c(a);
        check_shape_in_c(b);
        check_shape_in_c(c);
        const size_t rows = tile_shapes_in_c.rows[c], columns = tile_shapes_in_c.bytes[c] / 4u;
        const size_t depth = tile_shapes_in_c.rows[b];
        check_tile_in_c(tile_shapes_in_c.rows[a] == rows && tile_shapes_in_c.bytes[a] == 4 * depth);
        check_tile_in_c(tile_shapes_in_c.bytes[b] == 4 * columns);
        for (size_t row = 0; row < rows; row++)
            for (size_t k = 0; k < depth; k++)
                for (size_t column = 0; column < columns; column++) {
                    const uint32_t x = tiles_in_c[a][row][k], y = tiles_in_c[b][k][column];
                    float sum;
                    memcpy(&sum, &tiles_in_c[c][row][column], sizeof sum);
                    sum = fmaf(half_in_c(x, 0), half_in_c(y, 0), sum);
                    sum = fmaf(half_in_c(x, 1), half_in_c(y, 1), sum);
                    memcpy(&tiles_in_c[c][row][column], &sum, sizeof sum);
                }
    }

    static void tile_dpbusd_in_c(int c, int a, int b) {
        check_shape_in_c(a);
        check_shape_in_c(b);
        check_shape_in_c(c);
        const size_t rows = tile_shapes_in_c.rows[c], columns = tile_shapes_in_c.bytes[c] / 4u;
        const size_t depth = tile_shapes_in_c.rows[b];
        check_tile_in_c(tile_shapes_in_c.rows[a] == rows && tile_shapes_in_c.bytes[a] == 4 * depth);
        check_tile_in_c(tile_shapes_in_c.bytes[b] == 4 * columns);
        for (size_t row = 0; row < rows; row++)
            for (size_t k = 0; k < depth; k++)
                for (size_t column = 0; column < columns; column++)
                    for (size_t byte = 0; byte < 4; byte++) {
                        const int32_t x = (int32_t)(tiles_in_c[a][row][k] >> 8 * byte & 255u);
                        const int32_t y = (int8_t)(tiles_in_c[b][k][column] >> 8 * byte & 255u);
                        tiles_in_c[c][row][column] += (uint32_t)(x * y);
                    }
    }

    #undef _tile_loadconfig
    #undef _tile_release
    #undef _tile_zero
    #undef _tile_loadd
    #undef _tile_stored
    #undef _tile_dpbf16ps
    #undef _tile_dpbusd
    #define _tile_loadconfig tile_loadconfig_in_c
    #define _tile_release tile_release_in_c
    #define _tile_zero tile_zero_in_c
    #define _tile_loadd tile_loadd_in_c
    #define _tile_stored tile_stored_in_c
    #define _tile_dpbf16ps tile_dpbf16ps_in_c
    #define _tile_dpbusd tile_dpbusd_in_c

    """#
}
