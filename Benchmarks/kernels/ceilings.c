// What one core of this machine can do at best, as JSON: multiply-adds a second in each kind of instruction,
// and read bandwidth by size of the working set. Every figure is the best of several rounds: whatever else
// runs can only lower it.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { rounds = 100 };

static volatile float sink;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// 1e9 units of work a second; `work` is that of one of the passes that the loop makes.
static double best_rate(float (*loop)(long passes), double work) {
    double best = 0.0;
    long passes = 1;
    for (int round = 0; round < rounds;) {
        const double start = seconds();
        sink = loop(passes);
        const double taken = seconds() - start;
        if (taken < 0.0008) {
            passes *= 2;
            continue;
        }
        const double rate = work * (double)passes / taken * 1e-9;
        best = rate > best ? rate : best;
        round++;
    }
    return best;
}

static int is_first = 1;

static void print(const char *name, double value) {
    printf("%s\"%s\": %.1f", is_first ? "{" : ", ", name, value);
    is_first = 0;
}

// A chain of additions, each of which waits for the one before: one cycle each.
static float chain(long passes) {
    uint64_t sum = 1, one = 1;
    for (long i = 0; i < 100 * passes; i++) {
        for (int j = 0; j < 10; j++) {
            sum += one;
            __asm__ volatile("" : "+r"(sum));
        }
    }
    return (float)sum;
}

static float *memory;
static size_t floats;

#if defined(__x86_64__)
#include <immintrin.h>

// Enough sums to hide the latency of the instructions, and few enough to stay in registers.
#define SUMS(use) use(0) use(1) use(2) use(3) use(4) use(5) use(6) use(7) use(8) use(9) use(10) use(11)
#define DECLARE(i) sum##i = first,
#define TOTAL(i) +sum##i

#define LOOP(name, features, vector, zero, step, result)                                                     \
    __attribute__((target(features), noinline)) static float name(long passes) {                             \
        vector first = zero, SUMS(DECLARE) x = zero;                                                         \
        __asm__("" : "+v"(x));                                                                               \
        for (long i = 0; i < 100 * passes; i++) {                                                            \
            SUMS(step)                                                                                       \
        }                                                                                                    \
        first = first SUMS(TOTAL);                                                                           \
        return (float)(result);                                                                              \
    }
#define FMA_AVX2(i)                                                                                          \
    sum##i = _mm256_fmadd_ps(x, x, sum##i);                                                                  \
    __asm__("" : "+v"(sum##i));
#define FMA_AVX512(i)                                                                                        \
    sum##i = _mm512_fmadd_ps(x, x, sum##i);                                                                  \
    __asm__("" : "+v"(sum##i));
#define DOT_BF16(i)                                                                                          \
    sum##i = _mm512_dpbf16_ps(sum##i, (__m512bh)x, (__m512bh)x);                                             \
    __asm__("" : "+v"(sum##i));
#define DOT_INT8(i)                                                                                          \
    sum##i = _mm512_dpbusd_epi32(sum##i, x, x);                                                              \
    __asm__("" : "+v"(sum##i));

LOOP(fma_avx2, "avx2,fma", __m256, _mm256_setzero_ps(), FMA_AVX2, first[0])
LOOP(fma_avx512, "avx512f", __m512, _mm512_setzero_ps(), FMA_AVX512, first[0])
LOOP(dot_bf16, "avx512f,avx512bf16", __m512, _mm512_setzero_ps(), DOT_BF16, first[0])
LOOP(dot_int8, "avx512f,avx512vnni", __m512i, _mm512_setzero_si512(), DOT_INT8, first[0])

#define READ(name, features, vector, zero, width)                                                            \
    __attribute__((target(features), noinline)) static float name(long passes) {                             \
        vector a = zero, b = zero, c = zero, d = zero;                                                       \
        for (; passes > 0; passes--) {                                                                       \
            for (const float *p = memory; p < memory + floats; p += 8 * (width)) {                           \
                a += *(const vector *)(const void *)p;                                                       \
                b += *(const vector *)(const void *)(p + (width));                                           \
                c += *(const vector *)(const void *)(p + 2 * (width));                                       \
                d += *(const vector *)(const void *)(p + 3 * (width));                                       \
                a += *(const vector *)(const void *)(p + 4 * (width));                                       \
                b += *(const vector *)(const void *)(p + 5 * (width));                                       \
                c += *(const vector *)(const void *)(p + 6 * (width));                                       \
                d += *(const vector *)(const void *)(p + 7 * (width));                                       \
            }                                                                                                \
            __asm__ volatile("" : : : "memory");                                                             \
        }                                                                                                    \
        a += b + c + d;                                                                                      \
        return a[0];                                                                                         \
    }
READ(read_avx2, "avx2", __m256, _mm256_setzero_ps(), 8)
READ(read_avx512, "avx512f", __m512, _mm512_setzero_ps(), 16)
#else
static float read_portable(long passes) {
    float sum[16] = {0};
    for (; passes > 0; passes--) {
        for (const float *p = memory; p < memory + floats; p += 16)
            for (int i = 0; i < 16; i++)
                sum[i] += p[i];
        __asm__ volatile("" : : : "memory");
    }
    return sum[0] + sum[7];
}
#endif

int main(void) {
    float (*read)(long);
    print("GHz", best_rate(chain, 1000));
#if defined(__x86_64__)
    const int has_avx512 = __builtin_cpu_supports("avx512f");
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        print("fp32 AVX2 GFLOP/s", best_rate(fma_avx2, 100.0 * 12 * 16));
    if (has_avx512)
        print("fp32 AVX-512 GFLOP/s", best_rate(fma_avx512, 100.0 * 12 * 32));
    if (has_avx512 && __builtin_cpu_supports("avx512bf16"))
        print("bf16 AVX-512 GFLOP/s", best_rate(dot_bf16, 100.0 * 12 * 64));
    if (has_avx512 && __builtin_cpu_supports("avx512vnni"))
        print("int8 AVX-512 GOP/s", best_rate(dot_int8, 100.0 * 12 * 128));
    read = has_avx512 ? read_avx512 : read_avx2;
#else
    read = read_portable;
#endif
    const size_t most = (size_t)128 << 20;
    memory = aligned_alloc(64, most);
    if (memory == NULL)
        return 1;
    memset(memory, 0, most);
    for (size_t kilobytes = 16; kilobytes <= most >> 10; kilobytes *= 2) {
        char name[64];
        floats = kilobytes << 8;
        snprintf(name, sizeof name, "read %zu KiB GB/s", kilobytes);
        print(name, best_rate(read, (double)floats * sizeof(float)));
    }
    printf("}\n");
    return 0;
}
