/* The few things a host needs of the processor and the threads below it, and that Swift cannot say. */
#ifndef WEFT_HOST_H
#define WEFT_HOST_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- processor
 * ----------------------------------------------------------------------------------------------- */

enum {
    WEFT_CPU_FMA = 1,
    WEFT_CPU_AVX2 = 2,
    WEFT_CPU_AVX512F = 4,
    WEFT_CPU_AVX512DQ = 8,
    WEFT_CPU_AVX512BW = 16,
    WEFT_CPU_AVX512VL = 32,
    WEFT_CPU_NEON = 64,
    /* Products (and permutations, VBMI) of eight-bit numbers, and products of bfloat16 with AVX-512; the
       latter as fast as those of floats; and in tiles. */
    WEFT_CPU_AVX512VNNI = 128,
    WEFT_CPU_AVX512BF16 = 256,
    WEFT_CPU_FAST_BF16 = 512,
    WEFT_CPU_AMX_BF16 = 1024
};

/* Instruction sets that the processor has and the system saves the registers of. */
uint32_t weft_cpu_features(void);

/* ---- denormal numbers
 * ---------------------------------------------------------------------------------------- */

/* Makes this thread flush denormal results and operands to zero (x86: MXCSR FTZ and DAZ; AArch64: FPCR FZ).
   Returns the mode before, for weft_set_float_mode. */
uint64_t weft_flush_denormals(void);
uint64_t weft_float_mode(void);
void weft_set_float_mode(uint64_t mode);

/* ---- worker threads
 * ------------------------------------------------------------------------------------------ */

/* A team of threads that wait for work: spinning for some microseconds, then asleep. */
typedef struct weft_team weft_team;

/* A team of `threads` threads, the caller's included. Null if threads cannot be had. */
weft_team *weft_team_create(int32_t threads);
/* Ends the team's threads. No parallel call may be running. */
void weft_team_destroy(weft_team *team);
/* Calls run(argument, i) once for each i in 0 ..< count and returns when all are done. The caller takes part,
   in its own floating-point mode, which the workers take over. Calls from inside a run are done in place, one
   after the other. At most one thread may call it at a time. Its type is weft_threads.parallel; context is
   the team. */
void weft_team_parallel(void *context, void (*run)(void *argument, int32_t index), void *argument,
                        int32_t count);

#ifdef __cplusplus
}
#endif

#endif
