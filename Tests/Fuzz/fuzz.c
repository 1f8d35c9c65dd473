/* Fuzz targets of a packaged tagger. Compile with

       -DSOURCE='"ewt.c"' -DPREFIX=ewt -DUPPER=EWT

   and -fsanitize=fuzzer, or together with mutate.c where the compiler has no fuzzer. The environment says
   what to do: FUZZ_TARGET is blob, words or text, and FUZZ_WEIGHTS the file of weights. A broken promise ends
   the program. */
#include SOURCE

#include <stdio.h>

#define JOIN2(a, b) a##_##b
#define JOIN(a, b) JOIN2(a, b)
#define P(name) JOIN(PREFIX, name)
#define U(name) JOIN(UPPER, name)

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- what all targets use
 * ------------------------------------------------------------------------------------- */

static unsigned char *weights; /* a sound file */
static size_t weights_size;
static const P(model) * sound;

/* Input that is read to its end, then zeros. */
struct input {
    const uint8_t *bytes;
    size_t left;
};

static uint32_t take_bytes(struct input *in, size_t count) {
    uint32_t value = 0;
    for (size_t i = 0; i < count && in->left > 0; i++, in->left--)
        value |= (uint32_t)*in->bytes++ << (8 * i);
    return value;
}

/* A block of exactly so many bytes, so that a sanitizer sees every step beyond it. */
static void *copy_of(const void *bytes, size_t count) {
    void *block = malloc(count);
    CHECK(block != NULL || count == 0);
    if (count > 0)
        memcpy(block, bytes, count);
    return block;
}

/* The same for memory at a multiple of 64. */
static void *aligned_block(size_t count) {
    void *block = NULL;
    CHECK(posix_memalign(&block, U(ALIGNMENT), count) == 0);
    return block;
}

static int is_finite(float value) {
    return value - value == 0;
}

/* Results of a call that went well: `total` words in `sentences` sentences. */
static void check_results(P(session) * s, const int32_t *lengths, int32_t sentences, int32_t total,
                          uint64_t tasks, uint32_t wanted, int32_t n, int has_sound_weights) {
    for (int t = 0; t < U(TASK_COUNT); t++) {
        const P(task) task = (P(task))t;
        const int is_asked = (tasks >> t & 1) != 0;
        const int32_t *labels = P(labels)(s, task), *tags = P(tags)(s, task);
        const float *scores = P(scores)(s, task), *probabilities = P(probabilities)(s, task);
        CHECK((labels != NULL) == is_asked && (tags != NULL) == is_asked);
        CHECK((scores != NULL) == (is_asked && (wanted & U(SCORES)) != 0));
        CHECK((probabilities != NULL) == (is_asked && (wanted & U(PROBABILITIES)) != 0));
        const int32_t count = P(label_count)(task);
        for (int32_t i = 0; is_asked && i < total; i++) {
            CHECK(P(label)(task, labels[i]) != NULL && P(tag_text)(task, tags[i]) != NULL);
            CHECK(P(word_tag)(s, task, i) == P(tag_text)(task, tags[i]));
            double sum = 0;
            for (int32_t j = 0; j < count; j++) {
                if (has_sound_weights && scores != NULL)
                    CHECK(is_finite(scores[i * count + j]));
                if (probabilities != NULL)
                    sum += (double)probabilities[i * count + j];
            }
            if (has_sound_weights && probabilities != NULL)
                CHECK(sum > 0.999 && sum < 1.001);
        }
        CHECK(P(word_tag)(s, task, total) == NULL && P(word_tag)(s, task, -1) == NULL);
        for (int32_t i = 0; i < sentences; i++) {
            int32_t *paths = malloc((size_t)n * (size_t)lengths[i] * sizeof *paths + 1), found = -1;
            float *logs = malloc((size_t)n * sizeof *logs);
            CHECK(paths != NULL && logs != NULL);
            const P(status) status = P(nbest)(s, task, i, n, paths, logs, &found);
            CHECK(status == (scores == NULL ? U(BAD_ARGUMENT) : U(OK)));
            if (status == U(OK)) {
                CHECK(found >= 0 && found <= n && (!has_sound_weights || (found > 0) == (lengths[i] > 0)));
                for (int32_t j = 0; j < found * lengths[i]; j++)
                    CHECK(P(label)(task, paths[j]) != NULL);
                for (int32_t j = 0; has_sound_weights && j < found; j++)
                    CHECK(logs[j] < 1e-3f && (j == 0 || logs[j] <= logs[j - 1] + 1e-4f));
            }
            free(paths);
            free(logs);
        }
    }
}

/* ---- files of weights
 * ----------------------------------------------------------------------------------------- */

static P(text) some_words[] = {{"The", 3}, {"Paris", 5}, {"\xC3\xA9", 2}, {"\xFF\xE2\x82", 3}, {"the", 3}};

static void tag_with(const P(model) * model) {
    static const int32_t lengths[] = {4, 0, 1};
    const P(limits) limits = {.tokens = 4, .scalars = 5, .sentences = 3, .paths = 3};
    const size_t bytes = P(session_size)(&limits);
    void *memory = aligned_block(bytes);
    P(session) * s;
    CHECK(P(session_init)(model, &limits, memory, bytes, &s) == U(OK));
    CHECK(P(tag_batch)(s, some_words, lengths, 3, U(ALL_TASKS), 3) == U(OK));
    check_results(s, lengths, 3, 5, U(ALL_TASKS), 3, 3, 0);
    free(memory);
}

/* The input is changes to the sound file: how it is cut and placed, then a list of {where, what}. So a few
   bytes go a long way; a mutated file as a whole would differ in weights mostly, and never have the right
   checksum. */
static void fuzz_blob(struct input in) {
    enum { is_unsigned = 1, is_cut = 2, is_longer = 4, is_moved = 8 };
    const uint32_t how = take_bytes(&in, 1);
    size_t size = weights_size;
    if ((how & is_cut) != 0)
        size = take_bytes(&in, 3) % (weights_size + 1);
    else if ((how & is_longer) != 0)
        size += take_bytes(&in, 1);
    const size_t moved = (how & is_moved) != 0 ? how >> 4 : 0;
    unsigned char *const block = aligned_block(size + moved), *const blob = block + moved;
    memset(block, 0, size + moved);
    memcpy(blob, weights, size < weights_size ? size : weights_size);
    const uint32_t sections = read_u32(weights + 12);
    while (in.left > 0 && size > 0) {
        const uint32_t choice = take_bytes(&in, 1), section = choice % (sections + 2);
        size_t first = 0, length = 64 + 32 * (size_t)sections;
        if (section >= 2) {
            first = (size_t)read_u64(weights + 64 + 32 * (section - 2) + 8);
            length = (size_t)read_u64(weights + 64 + 32 * (section - 2) + 16);
        } else if (section == 1) {
            first = length > 64 ? 64 : 0; /* the table */
            length -= first;
        }
        /* Most fields are at the beginning of a section. */
        const size_t offset = (choice & 0x80) != 0 ? take_bytes(&in, 3) : take_bytes(&in, 1) * 4;
        const size_t at = length == 0 ? first : first + offset % length;
        const uint32_t kind = take_bytes(&in, 1);
        const uint32_t value = take_bytes(&in, 2);
        static const uint32_t extremes[] = {0,          1,          0x7F,       0x80,
                                            0xFF,       0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
                                            0xFFFFFFFE, 0x7F800000, 0x7F7FFFFF, 0xFF7FFFFF};
        uint32_t now = 0;
        for (size_t i = 0; i < 4 && at + i < size; i++)
            now |= (uint32_t)blob[at + i] << (8 * i);
        switch (kind % 6) {
        case 0:
            now = value;
            break;
        case 1:
            now += value;
            break;
        case 2:
            now -= value;
            break;
        case 3:
            now ^= UINT32_C(1) << value % 32;
            break;
        case 4:
            now = extremes[value % (sizeof extremes / sizeof extremes[0])];
            break;
        default:
            now = (now & 0xFFFFFF00) | (value & 0xFF);
            break;
        }
        for (size_t i = 0; i < 4 && at + i < size; i++)
            blob[at + i] = (unsigned char)(now >> (8 * i));
    }
    if ((how & is_unsigned) == 0 && size > 32) {
        const uint64_t sum = checksum(blob + 32, size - 32);
        memcpy(blob + 24, &sum, sizeof sum);
    }
    const size_t bytes = P(model_size)();
    void *memory = aligned_block(bytes);
    const P(model) *model = NULL;
    const P(status) status = P(model_open)(blob, size, memory, bytes, NULL, &model);
    CHECK(moved % 4 != 0 ? status == U(BAD_ARGUMENT) : status == U(OK) || status == U(BAD_MODEL));
    CHECK((status == U(OK)) == (model != NULL));
    if (status == U(OK))
        tag_with(model);
    free(memory);
    free(block);
}

/* ---- words and lengths
 * ---------------------------------------------------------------------------------------- */

enum { most_words = 96, most_sentences = 12 };

static int32_t scalars_of(const P(text) * word) {
    int32_t count = 0;
    for (size_t at = 0, bytes; at < word->count; at += bytes, count++)
        next_scalar((const unsigned char *)word->bytes + at, word->count - at, &bytes);
    return count;
}

static void fuzz_words(struct input in) {
    const P(limits) limits = {.tokens = 1 + (int32_t)take_bytes(&in, 1) % 32,
                              .scalars = 1 + (int32_t)take_bytes(&in, 1) % 16,
                              .sentences = 1 + (int32_t)take_bytes(&in, 1) % most_sentences,
                              .paths = 1 + (int32_t)take_bytes(&in, 1) % 9,
                              .batch_tokens = (int32_t)take_bytes(&in, 1) % 64,
                              .characters = (int32_t)take_bytes(&in, 1)};
    const uint64_t tasks = take_bytes(&in, 1);
    const uint32_t wanted = take_bytes(&in, 1) % 5;
    const int32_t n = 1 + (int32_t)take_bytes(&in, 1) % limits.paths;
    P(text) words[most_words], column[most_words];
    const P(text) * columns[column_count + 1];
    int32_t lengths[most_sentences] = {0}, sentences = 1, count = 0, longest = 0, widest = 0, characters = 0;
    /* Words end with 0, sentences with 1. */
    while (in.left > 0 && count < most_words) {
        size_t length = 0;
        while (length < in.left && in.bytes[length] > 1)
            length++;
        const int ends_sentence = length < in.left && in.bytes[length] == 1;
        if (length > 0 || !ends_sentence) {
            words[count] = (P(text)){copy_of(in.bytes, length), length};
            column[count] = count % 3 == 0 ? (P(text)){NULL, 0} : words[count / 2];
            characters += scalars_of(&words[count]);
            widest = greater(widest, scalars_of(&words[count++]));
            longest = greater(longest, ++lengths[sentences - 1]);
        }
        in.bytes += length < in.left ? length + 1 : length;
        in.left -= length < in.left ? length + 1 : length;
        if (ends_sentence && sentences < most_sentences)
            sentences++;
    }
    for (int i = 0; i <= column_count; i++)
        columns[i] = i % 2 == 0 ? column : NULL;
    int has_empty = 0;
    for (int32_t i = 0; i < count; i++)
        has_empty |= words[i].count == 0;

    const size_t bytes = P(session_size)(&limits);
    void *memory = aligned_block(bytes);
    P(session) * s;
    CHECK(bytes > 0 && P(session_init)(sound, &limits, memory, bytes, &s) == U(OK));
    const struct call call = {words, column_count > 0 ? columns : NULL, lengths, sentences, tasks, wanted};
    const P(status) status = tag_call(s, &call);
    const int32_t most = limits.batch_tokens > 0 ? limits.batch_tokens : limits.tokens * limits.sentences;
    const int is_bad = tasks == 0 || (tasks & ~U(ALL_TASKS)) != 0 || wanted > 3 || has_empty;
    const int is_long =
        sentences > limits.sentences || count > most || longest > limits.tokens || widest > limits.scalars;
    const int is_small = limits.characters == 0 || characters <= limits.characters;
    if (is_bad && is_long)
        CHECK(status == U(BAD_ARGUMENT) || status == U(TOO_LONG));
    else if (is_bad || is_long)
        CHECK(status == (is_bad ? U(BAD_ARGUMENT) : U(TOO_LONG)));
    else
        CHECK(status == U(OK) || (!is_small && status == U(TOO_LONG)));
    if (status == U(OK)) {
        check_results(s, lengths, sentences, count, tasks, wanted, n, 1);
        /* The same sentences one by one. */
        float *scores[U(TASK_COUNT)] = {NULL};
        for (int t = 0; t < U(TASK_COUNT); t++)
            if (P(scores)(s, (P(task))t) != NULL)
                scores[t] = copy_of(P(scores)(s, (P(task))t),
                                    sizeof(float) * (size_t)(count * P(label_count)((P(task))t)));
        for (int32_t i = 0, first = 0; i < sentences; first += lengths[i++]) {
            const P(text) * rest[column_count + 1];
            for (int c = 0; c <= column_count; c++)
                rest[c] = columns[c] == NULL ? NULL : columns[c] + first;
            const struct call one = {words + first, column_count > 0 ? rest : NULL, lengths + i, 1, tasks,
                                     wanted};
            CHECK(tag_call(s, &one) == U(OK));
            for (int t = 0; t < U(TASK_COUNT); t++) {
                const int32_t labels = P(label_count)((P(task))t);
                for (int32_t j = 0; scores[t] != NULL && j < lengths[i] * labels; j++) {
                    const float difference = P(scores)(s, (P(task))t)[j] - scores[t][first * labels + j];
                    CHECK(difference < 1e-4f && difference > -1e-4f);
                }
            }
        }
        for (int t = 0; t < U(TASK_COUNT); t++)
            free(scores[t]);
    } else {
        for (int t = 0; t < U(TASK_COUNT); t++)
            CHECK(P(labels)(s, (P(task))t) == NULL);
    }
    free(memory);
    for (int32_t i = 0; i < count; i++)
        free((void *)(uintptr_t)words[i].bytes);
}

/* ---- raw text
 * ------------------------------------------------------------------------------------------------- */

static void fuzz_text(struct input in) {
    const size_t size = in.left;
    char *text = copy_of(in.bytes, size);
    P(token) *tokens = malloc((size + 1) * sizeof *tokens), *fewer = malloc((size + 1) * sizeof *fewer);
    size_t count = 0, again = 0, at = 0;
    CHECK(tokens != NULL && fewer != NULL);
    CHECK(P(tokenize)(text, size, tokens, size, &count) == U(OK) && count <= size);
    /* Tokens are in order and apart; between them there is white space only, so that no byte is lost. */
    for (size_t i = 0; i <= count; i++) {
        const size_t begin = i < count ? tokens[i].begin : size;
        for (size_t bytes; at < begin; at += bytes)
            CHECK(kind_at((const unsigned char *)text, size, at, &bytes) == kind_space);
        CHECK(at == begin && (i == count || (tokens[i].end > begin && tokens[i].end <= size)));
        at = i < count ? tokens[i].end : at;
    }
    CHECK(count == 0 || tokens[0].starts_sentence == 1);
    const size_t capacity = count / 2;
    CHECK(P(tokenize)(text, size, fewer, capacity, &again) == (count > capacity ? U(TOO_SMALL) : U(OK)));
    CHECK(again == count);
    for (size_t i = 0; i < capacity; i++)
        CHECK(fewer[i].begin == tokens[i].begin && fewer[i].end == tokens[i].end &&
              fewer[i].starts_sentence == tokens[i].starts_sentence);
    free(fewer);
    free(tokens);
    free(text);
}

/* ---- entry points
 * --------------------------------------------------------------------------------------------- */

static void (*target)(struct input);

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    const char *name = getenv("FUZZ_TARGET"), *path = getenv("FUZZ_WEIGHTS");
    if (name != NULL && strcmp(name, "blob") == 0)
        target = fuzz_blob;
    else if (name != NULL && strcmp(name, "words") == 0)
        target = fuzz_words;
    else if (name != NULL && strcmp(name, "text") == 0)
        target = fuzz_text;
    FILE *file = path == NULL ? NULL : fopen(path, "rb");
    if (target == NULL || file == NULL) {
        fprintf(stderr, "FUZZ_TARGET is to be blob, words or text, and FUZZ_WEIGHTS the file of weights\n");
        exit(64);
    }
    CHECK(fseek(file, 0, SEEK_END) == 0);
    weights_size = (size_t)ftell(file);
    weights = aligned_block(weights_size);
    CHECK(fseek(file, 0, SEEK_SET) == 0 && fread(weights, 1, weights_size, file) == weights_size);
    fclose(file);
    CHECK(P(open_memory)(weights, weights_size, &sound) == U(OK));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    target((struct input){data, size});
    return 0;
}
