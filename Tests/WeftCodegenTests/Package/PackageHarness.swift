/// A C program that reads sentences and prints all that a package computes for them.
enum PackageHarness {
  /// - Parameters:
  ///   - prefix: of the package's functions.
  ///   - hasColumn: the package reads a column; it is given the word's bytes up to the first underscore.
  static func source(header: String, prefix p: String, hasColumn: Bool) -> String {
    let macro = p.uppercased()
    let call =
      hasColumn
      ? "\(p)_tag_columns(session, words, columns, lengths, sentences, \(macro)_ALL_TASKS, 3)"
      : "\(p)_tag_batch(session, words, lengths, sentences, \(macro)_ALL_TASKS, 3)"
    return """
      #include "\(header)"
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>

      // Allocations, which the tests count by interposition.
      static long allocations;
      #ifdef COUNT_ALLOCATIONS
      extern void *__libc_malloc(size_t);
      void *malloc(size_t n) { allocations++; return __libc_malloc(n); }
      #endif

      static char input[1 << 20];

      static void numbers(const char *name, const float *values, int32_t count) {
          printf("%s", name);
          for (int32_t i = 0; i < count; i++)
              printf(" %.9g", (double)values[i]);
          printf("\\n");
      }

      // Input: a sentence a line, words between spaces.
      int main(int argc, char **argv) {
          const \(p)_model *model = NULL;
          \(p)_session *session = NULL;
          \(p)_status status = \(p)_open_file(argv[1], &model);
          if (status != \(macro)_OK)
              return printf("%s\\n", \(p)_status_text(status)), 3;
          const \(p)_limits limits = {.tokens = 40, .scalars = 60, .sentences = 50, .paths = 5};
          if (\(p)_session_new(model, &limits, &session) != \(macro)_OK)
              return 4;
          static \(p)_text words[2048], column[2048];
          static int32_t lengths[64];
          int32_t sentences = 0, count = 0;
          const size_t size = fread(input, 1, sizeof input, stdin);
          for (size_t at = 0; at < size; sentences++) {
              for (; at < size && input[at] != '\\n'; ) {
                  size_t end = at;
                  while (end < size && input[end] != ' ' && input[end] != '\\n')
                      end++;
                  if (end > at) {
                      const char *bar = memchr(input + at, '_', end - at);
                      words[count] = (\(p)_text){input + at, end - at};
                      column[count] = (\(p)_text){bar == NULL ? NULL : input + at, bar == NULL ? 0 : (size_t)(bar - input) - at};
                      count++;
                      lengths[sentences]++;
                  }
                  at = end < size && input[end] == ' ' ? end + 1 : end;
              }
              at++;
          }
          const \(p)_text *columns[] = {column};
          (void)columns;
          const int repeats = argc > 2 ? atoi(argv[2]) : 1;
          allocations = 0;
          for (int i = 0; i < repeats; i++)
              status = \(call);
          if (status != \(macro)_OK)
              return printf("%s\\n", \(p)_status_text(status)), 5;
          static int32_t paths[5 * 40];
          float log_probabilities[5];
          int32_t found[\(macro)_TASK_COUNT * 64];
          for (int task = 0; task < \(macro)_TASK_COUNT; task++)
              for (int32_t i = 0; i < sentences; i++)
                  if (\(p)_nbest(session, (\(p)_task)task, i, 5, paths, log_probabilities, &found[task * 64 + i]) != \(macro)_OK)
                      return 6;
          const long counted = allocations;
          for (int t = 0; t < \(macro)_TASK_COUNT; t++) {
              const \(p)_task task = (\(p)_task)t;
              const int32_t labels = \(p)_label_count(task);
              for (int32_t i = 0; i < count; i++) {
                  printf("label %s\\ntag %s\\n", \(p)_label(task, \(p)_labels(session, task)[i]), \(p)_word_tag(session, task, i));
                  numbers("scores", \(p)_scores(session, task) + i * labels, labels);
                  numbers("probabilities", \(p)_probabilities(session, task) + i * labels, labels);
              }
              for (int32_t i = 0; i < sentences; i++) {
                  if (\(p)_nbest(session, task, i, 5, paths, log_probabilities, &found[0]) != \(macro)_OK)
                      return 6;
                  numbers("logs", log_probabilities, found[0]);
                  for (int32_t j = 0; j < found[0] * lengths[i]; j++)
                      printf("path %d\\n", (int)paths[j]);
              }
          }
          printf("allocations %ld\\n", counted);
          \(p)_session_free(session);
          \(p)_close(model);
          return 0;
      }
      """
  }
}
