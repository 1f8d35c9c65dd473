#include "weft_host.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#if defined(__linux__)
#include <unistd.h>
#endif

/* Which register files the operating system saves (XCR0). */
static uint64_t saved_registers(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t)high << 32) | low;
}

/* Whether this program may use tiles, which the operating system saves only for those that have asked for it.
 */
static int may_use_tiles(void) {
#if defined(__linux__)
    enum { arch_prctl = 158, ask = 0x1023, data_of_tiles = 18 };
    return syscall(arch_prctl, ask, data_of_tiles) == 0;
#else
    return 0;
#endif
}

/* Pairs of bfloat16 are multiplied as fast as floats on Zen 4 and later; Intel's cores begin one such
   instruction where they begin four of the other kind. */
static int is_by_amd(void) {
    unsigned a, b, c, d;
    return __get_cpuid(0, &a, &b, &c, &d) && b == signature_AMD_ebx && d == signature_AMD_edx &&
           c == signature_AMD_ecx;
}

uint32_t weft_cpu_features(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) {
        return 0;
    }
    const int has_fma = (c >> 12) & 1, saves_registers = (c >> 27) & 1, has_avx = (c >> 28) & 1;
    if (!saves_registers || !has_avx) {
        return 0;
    }
    const uint64_t saved = saved_registers();
    if ((saved & 0x6) != 0x6) {
        return 0;
    }
    uint32_t features = has_fma ? WEFT_CPU_FMA : 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        return features;
    }
    features |= (b >> 5) & 1 ? WEFT_CPU_AVX2 : 0;
    if ((saved & 0xe6) == 0xe6) {
        features |= (b >> 16) & 1 ? WEFT_CPU_AVX512F : 0;
        features |= (b >> 17) & 1 ? WEFT_CPU_AVX512DQ : 0;
        features |= (b >> 30) & 1 ? WEFT_CPU_AVX512BW : 0;
        features |= (b >> 31) & 1 ? WEFT_CPU_AVX512VL : 0;
        features |= (c >> 11) & (c >> 1) & 1 ? WEFT_CPU_AVX512VNNI : 0;
        const unsigned tiles = 3u << 17, products = (1u << 24) | (1u << 25) | (1u << 22);
        const int has_tiles = (saved & tiles) == tiles && (d & products) == products && may_use_tiles();
        features |= has_tiles ? WEFT_CPU_AMX_BF16 : 0;
        if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) && ((a >> 5) & 1)) {
            features |= WEFT_CPU_AVX512BF16 | (is_by_amd() ? WEFT_CPU_FAST_BF16 : 0);
        }
    }
    return features;
}

uint64_t weft_float_mode(void) {
    return _mm_getcsr();
}

void weft_set_float_mode(uint64_t mode) {
    _mm_setcsr((uint32_t)mode);
}

uint64_t weft_flush_denormals(void) {
    const uint64_t before = weft_float_mode();
    weft_set_float_mode(before | 0x8040); /* FTZ is bit 15, DAZ bit 6 */
    return before;
}

#elif defined(__aarch64__)

uint32_t weft_cpu_features(void) {
    return WEFT_CPU_NEON;
}

uint64_t weft_float_mode(void) {
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
}

void weft_set_float_mode(uint64_t mode) {
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}

uint64_t weft_flush_denormals(void) {
    const uint64_t before = weft_float_mode();
    weft_set_float_mode(before | ((uint64_t)1 << 24)); /* FZ */
    return before;
}

#else

uint32_t weft_cpu_features(void) {
    return 0;
}

uint64_t weft_float_mode(void) {
    return 0;
}

void weft_set_float_mode(uint64_t mode) {
    (void)mode;
}

uint64_t weft_flush_denormals(void) {
    return 0;
}

#endif
