/* Intel's tile instructions (AMX) on a processor without them: compiled machine code runs as it is. Each of
   them is an illegal instruction there, and the handler of that signal carries it out. What a processor with
   tiles would refuse ends the program with a message: tiles that have no shape, and shapes that do not fit.

   Compiled into a program or a library, or preloaded, it is there from the start; one copy a process. A
   processor that has tiles keeps its own. The instructions are those of "Intel 64 and IA-32 Architectures
   Software Developer's Manual", volume 2, for CPUID flags AMX-TILE, AMX-BF16 and AMX-INT8. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <immintrin.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { most_tiles = 8, most_rows = 16, most_words = 16, most_threads = 64 };

/* As LDTILECFG reads them. */
struct shapes {
    uint8_t palette, start_row, unused[14];
    uint16_t bytes[16];
    uint8_t rows[16];
};

struct tiles {
    struct shapes shapes;
    uint32_t words[most_tiles][most_rows][most_words];
};

/* A thread has tiles from LDTILECFG to TILERELEASE. They are not the thread's own variables, which the loader
   allocates at first use in a library that a program loads: a handler must not. A pointer of this model is
   there before. */
static struct tiles all_tiles[most_threads];
static _Atomic uint64_t taken_tiles;
static _Thread_local __attribute__((tls_model("initial-exec"))) struct tiles *tiles;

enum operation { load_shapes, store_shapes, release, zero, load, store, multiply_pairs, multiply_fours };

struct instruction {
    enum operation operation;
    const char *name;
    const uint8_t *next;
    /* The first tile is what is loaded, stored or added to; the others are factors. */
    unsigned tile, a, b;
    /* Which factors of fours have a sign. */
    int has_signs_a, has_signs_b;
    /* Of the first row, and from one to the next. */
    uintptr_t address, stride;
};

static void say(const char *text) {
    const ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

static void check(int is_right, const struct instruction *it, const char *what) {
    if (is_right)
        return;
    char tile[] = " of tile 0: ";
    tile[sizeof tile - 4] = (char)('0' + it->tile);
    say(it->name);
    say(tile);
    say(what);
    say("\n");
    abort();
}

/* Decoding ----------------------------------------------------------------------------------------------- */

static uintptr_t general_register(const greg_t *registers, unsigned number) {
    static const int at[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                               REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    return (uintptr_t)registers[at[number]];
}

/* The operand in memory, from the byte ModRM on: an index is the distance of rows where there are rows.
   Returns what lies behind it. `extension` is bits B (1) and X (2) of the prefix. */
static const uint8_t *decode_memory(const uint8_t *code, const greg_t *registers, unsigned extension,
                                    struct instruction *it) {
    const unsigned mode = *code >> 6, low = *code & 7, high = (extension & 1) << 3;
    code++;
    int has_base = 1, is_long = mode == 2;
    it->stride = 0;
    if (low == 4) {
        const unsigned scale = *code >> 6, index = (*code >> 3 & 7) | (extension & 2) << 2, base = *code & 7;
        code++;
        if (index != 4)
            it->stride = general_register(registers, index) << scale;
        has_base = mode != 0 || base != 5;
        it->address = has_base ? general_register(registers, base | high) : 0;
        is_long |= !has_base;
    } else {
        has_base = mode != 0 || low != 5;
        it->address = has_base ? general_register(registers, low | high) : (uintptr_t)(code + 4);
        is_long |= !has_base;
    }
    if (is_long) {
        int32_t distance;
        memcpy(&distance, code, sizeof distance);
        it->address += (uintptr_t)(intptr_t)distance;
        return code + 4;
    }
    if (mode == 1) {
        it->address += (uintptr_t)(intptr_t)(int8_t)*code;
        return code + 1;
    }
    return code;
}

/* Whether that is an instruction for tiles: VEX.128, map 0F38, W0, opcodes 49, 4B, 5C and 5E. */
static int decode(const uint8_t *code, const greg_t *registers, struct instruction *it) {
    if (code[0] != 0xc4 || (code[1] & 0x1f) != 2 || (code[2] & 0x84) != 0)
        return 0;
    const unsigned inverted = ~(unsigned)code[1], prefix = code[2] & 3, third = ~(unsigned)code[2] >> 3 & 15;
    const unsigned opcode = code[3], modrm = code[4], mode = modrm >> 6;
    const unsigned extension = (inverted >> 5 & 1) | (inverted >> 5 & 2);
    const unsigned key = opcode << 4 | prefix;
    memset(it, 0, sizeof *it);
    it->tile = modrm >> 3 & 7;
    it->a = modrm & 7;
    it->b = third;
    it->next = code + 5;
    if (opcode == 0x5c || opcode == 0x5e) {
        /* There are no more than eight tiles. */
        if (mode != 3 || inverted >> 5 & 7 || third > 7)
            return 0;
        static const char *const fours[4] = {"TDPBUUD", "TDPBUSD", "TDPBSUD", "TDPBSSD"};
        it->operation = opcode == 0x5c ? multiply_pairs : multiply_fours;
        it->name = opcode == 0x5c ? "TDPBF16PS" : fours[prefix];
        it->has_signs_a = (prefix & 2) != 0;
        it->has_signs_b = (prefix & 1) != 0;
        return opcode == 0x5e || prefix == 2;
    }
    if (third != 0 || inverted >> 7 & 1)
        return 0;
    if (mode == 3) {
        it->operation = key == 0x493 ? zero : release;
        it->name = key == 0x493 ? "TILEZERO" : "TILERELEASE";
        return extension == 0 && (key == 0x493 ? it->a == 0 : key == 0x490 && modrm == 0xc0);
    }
    switch (key) {
    case 0x490:
        it->operation = load_shapes, it->name = "LDTILECFG";
        break;
    case 0x491:
        it->operation = store_shapes, it->name = "STTILECFG";
        break;
    case 0x4b1: /* with a hint that the first level need not keep it */
    case 0x4b3:
        it->operation = load, it->name = "TILELOADD";
        break;
    case 0x4b2:
        it->operation = store, it->name = "TILESTORED";
        break;
    default:
        return 0;
    }
    /* One is an extension of the opcode, the other comes with a base and an index. */
    if (opcode == 0x49 ? it->tile != 0 : it->a != 4)
        return 0;
    it->next = decode_memory(code + 4, registers, extension, it);
    if (opcode == 0x49)
        it->address += it->stride;
    return 1;
}

/* Shapes ------------------------------------------------------------------------------------------------- */

static void leave_tiles(void) {
    if (tiles != NULL)
        atomic_fetch_and(&taken_tiles, ~(UINT64_C(1) << (tiles - all_tiles)));
    tiles = NULL;
}

static void take_tiles(const struct instruction *it) {
    uint64_t taken = atomic_load(&taken_tiles);
    while (tiles == NULL) {
        check(~taken != 0, it, "too many threads have tiles");
        const int free = __builtin_ctzll(~taken);
        if (atomic_compare_exchange_weak(&taken_tiles, &taken, taken | UINT64_C(1) << free))
            tiles = &all_tiles[free];
    }
    memset(tiles, 0, sizeof *tiles);
}

static void set_shapes(const struct instruction *it) {
    struct shapes shapes;
    memcpy(&shapes, (const void *)it->address, sizeof shapes);
    if (shapes.palette == 0) {
        leave_tiles();
        return;
    }
    check(shapes.palette == 1, it, "there is no such palette");
    /* Processors would go on at that row, which is for what was interrupted. */
    check(shapes.start_row == 0, it, "rows do not begin at the first");
    for (size_t i = 0; i < sizeof shapes.unused; i++)
        check(shapes.unused[i] == 0, it, "an unused byte is set");
    for (size_t i = 0; i < 16; i++) {
        check(shapes.rows[i] <= most_rows && shapes.bytes[i] <= 4 * most_words, it, "a tile is too large");
        check((shapes.rows[i] == 0) == (shapes.bytes[i] == 0), it, "a tile has rows or columns alone");
        check(i < most_tiles || shapes.rows[i] == 0, it, "there are no more than eight tiles");
    }
    take_tiles(it);
    tiles->shapes = shapes;
}

static void store_the_shapes(const struct instruction *it) {
    static const struct shapes none;
    memcpy((void *)it->address, tiles == NULL ? &none : &tiles->shapes, sizeof none);
}

static void check_shape(const struct instruction *it, unsigned tile) {
    check(tiles != NULL && tiles->shapes.rows[tile] > 0, it, "a tile has no shape");
}

/* Factors have as many words and rows as each other, and the rows and columns of what they are added to. */
static void check_factors(const struct instruction *it) {
    check(it->tile != it->a && it->tile != it->b && it->a != it->b, it, "a tile is there twice");
    check_shape(it, it->tile);
    check_shape(it, it->a);
    check_shape(it, it->b);
    const uint16_t *bytes = tiles->shapes.bytes;
    const uint8_t *rows = tiles->shapes.rows;
    check(bytes[it->tile] % 4 == 0 && bytes[it->a] % 4 == 0 && bytes[it->b] % 4 == 0, it,
          "a row is no whole number of words");
    check(rows[it->tile] == rows[it->a], it, "the first factor's rows do not fit");
    check(bytes[it->tile] == bytes[it->b], it, "the second factor's columns do not fit");
    check(bytes[it->a] == 4 * rows[it->b], it, "the factors do not fit each other");
}

/* Numbers ------------------------------------------------------------------------------------------------ */

/* What is compiled for tiles has these vectors too. */
#define WITH_VECTORS __attribute__((target("avx512f")))

static WITH_VECTORS __m512 upper_halves(__m512i pairs) {
    return _mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32((int)0xffff0000u)));
}

static WITH_VECTORS __m512 lower_halves(__m512i pairs) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16));
}

/* Products of the lower and of the upper halves are summed up by themselves, then added to what was there:
   in steps that round to the nearest number, and to zero what is less than a normal one. */
static WITH_VECTORS void multiply_bf16(const struct instruction *it) {
    enum { nearest_without_denormals = 0x9fc0 };
    const unsigned mode = _mm_getcsr();
    _mm_setcsr(nearest_without_denormals);
    for (size_t row = 0; row < tiles->shapes.rows[it->tile]; row++) {
        __m512 lower = _mm512_setzero_ps(), upper = _mm512_setzero_ps();
        for (size_t k = 0; k < tiles->shapes.rows[it->b]; k++) {
            const __m512i x = _mm512_set1_epi32((int)tiles->words[it->a][row][k]);
            const __m512i y = _mm512_loadu_si512(tiles->words[it->b][k]);
            lower = _mm512_fmadd_ps(lower_halves(x), lower_halves(y), lower);
            upper = _mm512_fmadd_ps(upper_halves(x), upper_halves(y), upper);
        }
        float *const to = (float *)tiles->words[it->tile][row];
        _mm512_storeu_ps(to, _mm512_add_ps(_mm512_loadu_ps(to), _mm512_add_ps(lower, upper)));
    }
    _mm_setcsr(mode);
}

static WITH_VECTORS __m512i bytes_of_words(__m512i words, unsigned byte, int has_signs) {
    const __m512i above = _mm512_sll_epi32(words, _mm_cvtsi32_si128((int)(24 - 8 * byte)));
    return has_signs ? _mm512_srai_epi32(above, 24) : _mm512_srli_epi32(above, 24);
}

static WITH_VECTORS void multiply_bytes(const struct instruction *it) {
    for (size_t row = 0; row < tiles->shapes.rows[it->tile]; row++) {
        uint32_t *const to = tiles->words[it->tile][row];
        __m512i sum = _mm512_loadu_si512(to);
        for (size_t k = 0; k < tiles->shapes.rows[it->b]; k++) {
            const __m512i x = _mm512_set1_epi32((int)tiles->words[it->a][row][k]);
            const __m512i y = _mm512_loadu_si512(tiles->words[it->b][k]);
            for (unsigned byte = 0; byte < 4; byte++)
                sum = _mm512_add_epi32(sum, _mm512_mullo_epi32(bytes_of_words(x, byte, it->has_signs_a),
                                                               bytes_of_words(y, byte, it->has_signs_b)));
        }
        _mm512_storeu_si512(to, sum);
    }
}

static void carry_out(const struct instruction *it) {
    switch (it->operation) {
    case load_shapes:
        set_shapes(it);
        return;
    case store_shapes:
        store_the_shapes(it);
        return;
    case release:
        leave_tiles();
        return;
    case zero:
    case load:
        check_shape(it, it->tile);
        memset(tiles->words[it->tile], 0, sizeof tiles->words[it->tile]);
        for (size_t row = 0; row < tiles->shapes.rows[it->tile] && it->operation == load; row++)
            memcpy(tiles->words[it->tile][row], (const void *)(it->address + row * it->stride),
                   tiles->shapes.bytes[it->tile]);
        return;
    case store:
        check_shape(it, it->tile);
        for (size_t row = 0; row < tiles->shapes.rows[it->tile]; row++)
            memcpy((void *)(it->address + row * it->stride), tiles->words[it->tile][row],
                   tiles->shapes.bytes[it->tile]);
        return;
    case multiply_pairs:
        check_factors(it);
        multiply_bf16(it);
        return;
    case multiply_fours:
        check_factors(it);
        multiply_bytes(it);
        return;
    }
}

/* The signal --------------------------------------------------------------------------------------------- */

static struct sigaction before;

/* To whom it was for without this file. */
static void pass_on(int signal, siginfo_t *information, void *context) {
    if (before.sa_flags & SA_SIGINFO) {
        before.sa_sigaction(signal, information, context);
    } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
        before.sa_handler(signal);
    } else {
        /* It waits until the handler returns, and ends the program. */
        struct sigaction standard = {.sa_handler = SIG_DFL};
        sigaction(signal, &standard, NULL);
        raise(signal);
    }
}

/* Such instructions often stand together: those that follow need no signals of their own. */
static void on_illegal_instruction(int signal, siginfo_t *information, void *context) {
    greg_t *const registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    struct instruction it;
    int is_ours = 0;
    while (decode((const uint8_t *)registers[REG_RIP], registers, &it)) {
        carry_out(&it);
        registers[REG_RIP] = (greg_t)it.next;
        is_ours = 1;
    }
    if (!is_ours)
        pass_on(signal, information, context);
}

/* The processor has them, and lets this program use them: it has to ask. */
static int has_tiles(void) {
    enum { ask = 0x1023, data_of_tiles = 18 };
    const unsigned all = 1u << 22 | 1u << 24 | 1u << 25;
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & all) == all &&
           syscall(SYS_arch_prctl, ask, data_of_tiles) == 0;
}

static __attribute__((constructor)) void begin(void) {
    if (has_tiles())
        return;
    sigaction(SIGILL, NULL, &before);
    struct sigaction action = {.sa_sigaction = on_illegal_instruction,
                               .sa_flags = SA_SIGINFO | (before.sa_flags & SA_ONSTACK)};
    sigaction(SIGILL, &action, NULL);
}
