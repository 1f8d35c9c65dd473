/// A C program around the code of a package that tries what callers and files can do wrong. It is meant to run under
/// sanitizers; a failed check ends it with the check's text.
enum PackageChecks {
  static func source(name: String, prefix p: String) -> String {
    let macro = p.uppercased()
    return """
      #include "\(name).c"
      #include <stdio.h>
      #include <pthread.h>

      #define CHECK(condition) do { if (!(condition)) { printf("line %d: %s\\n", __LINE__, #condition); exit(1); } } while (0)

      static uint64_t state = 88172645463325252u;
      static uint32_t random_number(uint32_t below) {
          state ^= state << 13, state ^= state >> 7, state ^= state << 17;
          return (uint32_t)(state >> 16) % below;
      }

      static unsigned char *read_file(const char *path, size_t *size) {
          FILE *file = fopen(path, "rb");
          CHECK(file != NULL);
          unsigned char *bytes = aligned_alloc(64, 1 << 20);
          *size = fread(bytes, 1, 1 << 20, file);
          fclose(file);
          return bytes;
      }

      static void sign(unsigned char *blob, size_t size) {
          const uint64_t sum = checksum(blob + 32, size - 32);
          memcpy(blob + 24, &sum, 8);
      }

      static const \(p)_text sentence[] = {{"The", 3}, {"Paris", 5}, {"\\xC3\\xA9", 2}, {"\\xFF\\xE2\\x82", 3}, {"the", 3}};

      static void tag_anything(const \(p)_model *model) {
          \(p)_session *session;
          const \(p)_limits limits = {.tokens = 5, .scalars = 8, .sentences = 2};
          CHECK(\(p)_session_new(model, &limits, &session) == \(macro)_OK);
          CHECK(\(p)_tag(session, sentence, 5, \(macro)_ALL_TASKS, 3) == \(macro)_OK);
          for (int task = 0; task < \(macro)_TASK_COUNT; task++) {
              int32_t paths[40], found = -1;
              float logs[8];
              for (int i = 0; i < 5; i++)
                  CHECK(\(p)_label((\(p)_task)task, \(p)_labels(session, (\(p)_task)task)[i]) != NULL);
              CHECK(\(p)_nbest(session, (\(p)_task)task, 0, 8, paths, logs, &found) == \(macro)_OK);
              CHECK(found >= 0 && found <= 8);
              for (int i = 0; i < 5 * found; i++)
                  CHECK(\(p)_label((\(p)_task)task, paths[i]) != NULL);
          }
          \(p)_session_free(session);
      }

      // Every file is refused or tags without harm.
      static void check_files(const unsigned char *blob, size_t size) {
          unsigned char *copy = aligned_alloc(64, size + 64);
          const \(p)_model *model = NULL;
          for (size_t cut = 0; cut < size; cut += cut < 600 ? 1 : 97) {
              memcpy(copy, blob, cut);
              CHECK(\(p)_open_memory(copy, cut, &model) == \(macro)_BAD_MODEL);
          }
          for (size_t i = 0; i < size; i += i < 700 ? 1 : 31) {
              memcpy(copy, blob, size);
              copy[i] ^= 1u << random_number(8);
              CHECK(\(p)_open_memory(copy, size, &model) == \(macro)_BAD_MODEL);
          }
          int opened = 0;
          for (int round = 0; round < 1000; round++) {
              memcpy(copy, blob, size);
              for (uint32_t n = 1 + random_number(3); n > 0; n--) {
                  const uint32_t at = round % 2 == 0 ? random_number(300) : random_number((uint32_t)size);
                  if (random_number(2) == 0)
                      copy[at] = (unsigned char)random_number(256);
                  else
                      copy[at] ^= (unsigned char)(1u << random_number(8));
              }
              sign(copy, size);
              const \(p)_status status = \(p)_open_memory(copy, size, &model);
              CHECK(status == \(macro)_OK || status == \(macro)_BAD_MODEL);
              if (status == \(macro)_OK) {
                  opened++;
                  tag_anything(model);
                  \(p)_close(model);
              }
          }
          CHECK(opened > 30);
          // Numbers that are no numbers.
          const uint32_t bad[] = {0x7F800000u, 0x7FC00000u, 0xFF800000u};
          for (int i = 0; i < 3; i++) {
              memcpy(copy, blob, size);
              memcpy(copy + read_u64(blob + 72) + 64 * i, &bad[i], 4);
              sign(copy, size);
              CHECK(\(p)_open_memory(copy, size, &model) == \(macro)_BAD_MODEL);
          }
          // Enormous ones: sums overflow, and nothing else happens.
          memcpy(copy, blob, size);
          for (size_t i = 0; i < 1 << 12 && (i + 1) * 4 <= read_u64(blob + 80); i++) {
              const float huge = i % 3 == 0 ? -3e38f : 3e38f;
              memcpy(copy + read_u64(blob + 72) + 4 * i, &huge, 4);
          }
          sign(copy, size);
          if (\(p)_open_memory(copy, size, &model) == \(macro)_OK) {
              tag_anything(model);
              \(p)_close(model);
          }
          free(copy);
      }

      static void check_arguments(const \(p)_model *model, const unsigned char *blob, size_t size) {
          const \(p)_limits limits = {.tokens = 4, .scalars = 3, .sentences = 2, .paths = 2};
          \(p)_session *s;
          CHECK(\(p)_session_new(model, &limits, &s) == \(macro)_OK);
          const uint64_t all = \(macro)_ALL_TASKS;
          CHECK(\(p)_labels(s, (\(p)_task)0) == NULL);
          CHECK(\(p)_tag(s, sentence, 1, all, 0) == \(macro)_OK);
          CHECK(\(p)_labels(s, (\(p)_task)0) != NULL && \(p)_scores(s, (\(p)_task)0) == NULL);
          CHECK(\(p)_word_tag(s, (\(p)_task)0, 0) != NULL && \(p)_word_tag(s, (\(p)_task)0, 1) == NULL);
          CHECK(\(p)_tag(s, sentence, 5, all, 0) == \(macro)_TOO_LONG);
          CHECK(\(p)_labels(s, (\(p)_task)0) == NULL);
          CHECK(\(p)_tag(s, sentence, 2, all, 0) == \(macro)_TOO_LONG);
          CHECK(\(p)_tag(s, sentence, -1, all, 0) == \(macro)_BAD_ARGUMENT);
          CHECK(\(p)_tag(s, NULL, 1, all, 0) == \(macro)_BAD_ARGUMENT);
          CHECK(\(p)_tag(s, NULL, 0, all, 0) == \(macro)_OK);
          CHECK(\(p)_tag(s, sentence, 1, 0, 0) == \(macro)_BAD_ARGUMENT);
          CHECK(\(p)_tag(s, sentence, 1, all + 1, 0) == \(macro)_BAD_ARGUMENT);
          CHECK(\(p)_tag(s, sentence, 1, all, 4) == \(macro)_BAD_ARGUMENT);
          CHECK(\(p)_tag(NULL, sentence, 1, all, 0) == \(macro)_BAD_ARGUMENT);
          const \(p)_text empty = {"", 0};
          CHECK(\(p)_tag(s, &empty, 1, all, 0) == \(macro)_BAD_ARGUMENT);
          const int32_t three[] = {0, 0, 0}, wrong[] = {1, -1};
          CHECK(\(p)_tag_batch(s, sentence, three, 3, all, 0) == \(macro)_TOO_LONG);
          CHECK(\(p)_tag_batch(s, sentence, wrong, 2, all, 0) == \(macro)_BAD_ARGUMENT);
          CHECK(\(p)_tag_batch(s, NULL, NULL, 0, all, 0) == \(macro)_OK);
          // The longest of everything that the limits allow.
          \(p)_text words[8];
          static const char *const longest[] = {"\\xF0\\x9D\\x95\\x8F\\xF0\\x9D\\x95\\x8F\\xF0\\x9D\\x95\\x8F", "abc", "xyz", "\\xFF\\xFF\\xFF",
                                                "a\\xE2\\x82", "123", "q", "zz"};
          for (int i = 0; i < 8; i++)
              words[i] = (\(p)_text){longest[i], strlen(longest[i])};
          const int32_t lengths[] = {4, 4};
          CHECK(\(p)_tag_batch(s, words, lengths, 2, all, 3) == \(macro)_OK);
          int32_t paths[16], found;
          float logs[4];
          CHECK(\(p)_nbest(s, (\(p)_task)0, 1, 2, paths, logs, &found) == \(macro)_OK && found == 2);
          CHECK(\(p)_nbest(s, (\(p)_task)0, 1, 3, paths, logs, &found) == \(macro)_TOO_LONG);
          CHECK(\(p)_nbest(s, (\(p)_task)0, 2, 1, paths, logs, &found) == \(macro)_BAD_ARGUMENT);
          CHECK(\(p)_nbest(s, (\(p)_task)99, 0, 1, paths, logs, &found) == \(macro)_BAD_ARGUMENT);
          // The session is as it was after all this.
          tag_anything(model);
          \(p)_session_free(s);

          const \(p)_limits negative = {.tokens = -1}, huge = {.tokens = INT32_MAX, .scalars = INT32_MAX};
          CHECK(\(p)_session_size(&negative) == 0 && \(p)_session_size(&huge) == 0 && \(p)_session_size(NULL) > 0);
          const size_t needed = \(p)_session_size(&limits);
          unsigned char *memory = aligned_alloc(64, needed + 64);
          CHECK(\(p)_session_init(model, &limits, memory, needed - 1, &s) == \(macro)_TOO_SMALL);
          CHECK(\(p)_session_init(model, &limits, memory + 1, needed, &s) == \(macro)_BAD_ARGUMENT);
          CHECK(\(p)_session_init(model, &limits, memory, needed, &s) == \(macro)_OK);
          CHECK(\(p)_tag_batch(s, words, lengths, 2, all, 3) == \(macro)_OK);
          free(memory);
          memory = aligned_alloc(64, (\(p)_model_size() + 63) / 64 * 64);
          const \(p)_model *own;
          CHECK(\(p)_model_open(blob, size, memory, \(p)_model_size() - 1, NULL, &own) == \(macro)_TOO_SMALL);
          CHECK(\(p)_model_open(blob, size, memory, \(p)_model_size(), "z80", &own) == \(macro)_NOT_SUPPORTED);
          CHECK(\(p)_model_open(blob, size, memory, \(p)_model_size(), "portable", &own) == \(macro)_OK);
          CHECK(strcmp(\(p)_model_isa(own), "portable") == 0);
          tag_anything(own);
          free(memory);
          CHECK(\(p)_open_file("nothing", &own) == \(macro)_NO_FILE);
          CHECK(\(p)_open_file(".", &own) == \(macro)_NO_FILE);
          \(p)_close(NULL);
          \(p)_session_free(NULL);
      }

      // Sentences and words as long as the limits, and longer by one.
      static void check_limits(const \(p)_model *model) {
          static const int32_t sizes[] = {1, 2, 3, 17, 64, 1000};
          char *longest = malloc(4 * 1001);
          for (int i = 0; i < 1001; i++)
              memcpy(longest + 4 * i, "\\xF0\\x9D\\x95\\x8F", 4);
          \(p)_text *words = malloc(1001 * sizeof *words);
          for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
              const int32_t size = sizes[i];
              const \(p)_limits limits = {.tokens = size, .scalars = size, .sentences = 1};
              \(p)_session *s;
              CHECK(\(p)_session_new(model, &limits, &s) == \(macro)_OK);
              for (int32_t j = 0; j <= size; j++)
                  words[j] = (\(p)_text){longest, 4 * (size_t)(j == 0 ? size : 1 + j % size % 7)};
              CHECK(\(p)_tag(s, words, size, \(macro)_ALL_TASKS, 3) == \(macro)_OK);
              CHECK(\(p)_label((\(p)_task)0, \(p)_labels(s, (\(p)_task)0)[size - 1]) != NULL);
              CHECK(\(p)_tag(s, words, size + 1, \(macro)_ALL_TASKS, 3) == \(macro)_TOO_LONG);
              words[size - 1].count = 4 * ((size_t)size + 1);
              CHECK(\(p)_tag(s, words, size, \(macro)_ALL_TASKS, 3) == \(macro)_TOO_LONG);
              CHECK(\(p)_tag(s, words, size - 1, \(macro)_ALL_TASKS, 3) == \(macro)_OK);
              \(p)_session_free(s);
          }
          free(words);
          free(longest);
      }

      // One task, some and all of them give the same numbers; what was not asked for is not there.
      static void check_subsets(const \(p)_model *model) {
          \(p)_session *all, *some;
          CHECK(\(p)_session_new(model, NULL, &all) == \(macro)_OK && \(p)_session_new(model, NULL, &some) == \(macro)_OK);
          CHECK(\(p)_tag(all, sentence, 5, \(macro)_ALL_TASKS, 3) == \(macro)_OK);
          for (uint64_t tasks = 1; tasks <= \(macro)_ALL_TASKS; tasks++) {
              CHECK(\(p)_tag(some, sentence, 5, tasks, 3) == \(macro)_OK);
              for (int t = 0; t < \(macro)_TASK_COUNT; t++) {
                  const \(p)_task task = (\(p)_task)t;
                  const size_t count = 5 * (size_t)\(p)_label_count(task);
                  if ((tasks >> t & 1) == 0) {
                      CHECK(\(p)_labels(some, task) == NULL && \(p)_tags(some, task) == NULL && \(p)_scores(some, task) == NULL);
                      CHECK(\(p)_probabilities(some, task) == NULL && \(p)_word_tag(some, task, 0) == NULL);
                      continue;
                  }
                  CHECK(same_bytes(\(p)_labels(some, task), \(p)_labels(all, task), 5 * sizeof(int32_t)));
                  CHECK(same_bytes(\(p)_scores(some, task), \(p)_scores(all, task), count * sizeof(float)));
                  CHECK(same_bytes(\(p)_probabilities(some, task), \(p)_probabilities(all, task), count * sizeof(float)));
              }
          }
          \(p)_session_free(all);
          \(p)_session_free(some);
      }

      static void check_names(void) {
          \(p)_task task;
          CHECK(\(p)_find_task("pos", &task) == \(macro)_OK && strcmp(\(p)_task_name(task), "pos") == 0);
          CHECK(\(p)_find_task("po", &task) == \(macro)_BAD_ARGUMENT && \(p)_find_task("posx", &task) == \(macro)_BAD_ARGUMENT);
          CHECK(\(p)_label(task, -1) == NULL && \(p)_label(task, \(p)_label_count(task)) == NULL);
          CHECK(\(p)_task_name((\(p)_task)77) == NULL && \(p)_label_count((\(p)_task)77) == 0);
          for (int i = 0; i < 9; i++)
              CHECK(\(p)_status_text((\(p)_status)i) != NULL);
          CHECK(\(p)_abi() == \(macro)_ABI && strcmp(\(p)_version(), \(macro)_VERSION) == 0);
      }

      // Tokens of any bytes: in order, apart, without white space, and nothing else is left out.
      static void check_tokenizer(void) {
          static const char alphabet[] = " \\n\\t.,'-aBc09\\x80\\xE2\\x80\\x99\\xC3\\xA9\\xFF:/()!?";
          for (int round = 0; round < 4000; round++) {
              const size_t size = random_number(40);
              char *text = malloc(size + 1);
              for (size_t i = 0; i < size; i++)
                  text[i] = round % 3 == 0 ? (char)random_number(256) : alphabet[random_number(sizeof alphabet - 1)];
              \(p)_token *tokens = malloc(41 * sizeof *tokens);
              size_t count = 99, fewer = 99, at = 0;
              CHECK(\(p)_tokenize(text, size, tokens, 40, &count) == \(macro)_OK && count <= size);
              for (size_t i = 0; i <= count; i++) {
                  const size_t begin = i < count ? tokens[i].begin : size;
                  for (size_t bytes; at < begin; at += bytes)
                      CHECK(kind_at((const unsigned char *)text, begin, at, &bytes) == kind_space);
                  CHECK(at == begin && (i == count || tokens[i].end > begin));
                  at = i < count ? tokens[i].end : at;
              }
              CHECK(count == 0 || tokens[0].starts_sentence == 1);
              const \(p)_status status = \(p)_tokenize(text, size, tokens, count / 2, &fewer);
              CHECK(fewer == count && status == (count > count / 2 ? \(macro)_TOO_SMALL : \(macro)_OK));
              free(tokens);
              free(text);
          }
          size_t none;
          CHECK(\(p)_tokenize(NULL, 0, NULL, 0, &none) == \(macro)_OK && none == 0);
      }

      static void *tag_often(void *argument) {
          for (int i = 0; i < 20; i++)
              tag_anything(argument);
          return NULL;
      }

      int main(int argc, char **argv) {
          size_t size;
          unsigned char *blob = read_file(argv[1], &size);
          const \(p)_model *model;
          CHECK(\(p)_open_memory(blob, size, &model) == \(macro)_OK);
          if (argc > 2) {
              pthread_t threads[8];
              for (int i = 0; i < 8; i++)
                  CHECK(pthread_create(&threads[i], NULL, tag_often, (void *)(uintptr_t)model) == 0);
              for (int i = 0; i < 8; i++)
                  pthread_join(threads[i], NULL);
          } else {
              check_names();
              check_tokenizer();
              check_arguments(model, blob, size);
              check_limits(model);
              check_subsets(model);
              check_files(blob, size);
          }
          \(p)_close(model);
          free(blob);
          puts("all checks passed");
          return 0;
      }
      """
  }
}
