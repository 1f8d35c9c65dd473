/* Drives the targets of fuzz.c where the compiler has no fuzzer: mutate [-runs=N] [-seed=N] FILE-OR-FOLDER...
   The options are those of libFuzzer. Files are run as they are; then inputs made from them, without the
   guidance of coverage. What a run breaks is left in the file crash-input. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { most_cases = 4096, most_bytes = 4096 };

static uint8_t *cases[most_cases];
static size_t sizes[most_cases];
static size_t case_count;
static uint64_t state = 88172645463325252u;

static uint32_t random_number(uint32_t below) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (uint32_t)(state >> 32) % below;
}

static void run(const uint8_t *bytes, size_t size) {
    FILE *file = fopen("crash-input", "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        exit(74);
    uint8_t *exact = malloc(size);
    if (size > 0)
        memcpy(exact, bytes, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static void read_case(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || case_count == most_cases)
        return;
    uint8_t *bytes = malloc(most_bytes);
    sizes[case_count] = fread(bytes, 1, most_bytes, file);
    cases[case_count++] = bytes;
    fclose(file);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The files of a folder in the order of their names, so that a run can be repeated. */
static void read_folder(const char *path) {
    DIR *folder = opendir(path);
    if (folder == NULL) {
        read_case(path);
        return;
    }
    static char *names[most_cases];
    size_t count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL && count < most_cases;
         entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        names[count] = malloc(strlen(path) + strlen(entry->d_name) + 2);
        sprintf(names[count++], "%s/%s", path, entry->d_name);
    }
    closedir(folder);
    qsort(names, count, sizeof names[0], by_name);
    for (size_t i = 0; i < count; i++) {
        read_case(names[i]);
        free(names[i]);
    }
}

/* One of: a byte changed, a piece removed, doubled, or taken from another case. */
static size_t mutate(uint8_t *bytes, size_t size) {
    const size_t at = size == 0 ? 0 : random_number((uint32_t)size);
    const size_t length = size == at ? 0 : 1 + random_number((uint32_t)(size - at < 16 ? size - at : 16));
    switch (random_number(5)) {
    case 0:
        if (size < most_bytes) {
            memmove(bytes + at + 1, bytes + at, size - at);
            bytes[at] = (uint8_t)random_number(256);
            return size + 1;
        }
        return size;
    case 1:
        if (at < size)
            bytes[at] =
                (uint8_t)(random_number(2) == 0 ? random_number(256) : bytes[at] ^ 1u << random_number(8));
        return size;
    case 2:
        memmove(bytes + at, bytes + at + length, size - at - length);
        return size - length;
    case 3:
        if (size + length > most_bytes)
            return size;
        memmove(bytes + at + length, bytes + at, size - at);
        return size + length;
    default: {
        if (case_count == 0)
            return size;
        const size_t other = random_number((uint32_t)case_count);
        if (sizes[other] == 0)
            return size;
        const size_t from = random_number((uint32_t)sizes[other]);
        size_t count = 1 + random_number((uint32_t)(sizes[other] - from));
        count = count > most_bytes - at ? most_bytes - at : count;
        memcpy(bytes + at, cases[other] + from, count);
        return at + count > size ? at + count : size;
    }
    }
}

int main(int count, char **arguments) {
    unsigned long runs = 0;
    LLVMFuzzerInitialize(&count, &arguments);
    for (int i = 1; i < count; i++) {
        if (strncmp(arguments[i], "-runs=", 6) == 0)
            runs = strtoul(arguments[i] + 6, NULL, 10);
        else if (strncmp(arguments[i], "-seed=", 6) == 0)
            state += strtoul(arguments[i] + 6, NULL, 10);
        else if (arguments[i][0] != '-')
            read_folder(arguments[i]);
    }
    for (size_t i = 0; i < case_count; i++)
        run(cases[i], sizes[i]);
    static uint8_t bytes[most_bytes];
    for (unsigned long i = 0; i < runs; i++) {
        size_t size = 0;
        if (case_count > 0 && random_number(8) != 0) {
            const size_t from = random_number((uint32_t)case_count);
            size = sizes[from];
            memcpy(bytes, cases[from], size);
        }
        for (uint32_t steps = 1 + random_number(8); steps > 0; steps--)
            size = mutate(bytes, size);
        run(bytes, size);
    }
    remove("crash-input");
    printf("%zu cases and %lu runs, nothing broken\n", case_count, runs);
    return 0;
}
