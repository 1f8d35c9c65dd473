import Foundation
import Testing
import WeftSpec

@testable import WeftCodegen

/// Gates are formed for the rows of some steps at a time: how sentences come together must not matter.
@Suite struct PackageBatchTests {
  /// A word by itself of which nothing has to be formed, a sentence of a thousand words, more sentences than rows are formed at a time, and mixtures, against each sentence
  /// by itself with threads that are lent, where directions do not take turns.
  @Test(arguments: zip(PackageWeights.allCases, [true, false, false]))
  func sentencesTogether(weights: PackageWeights, isRich: Bool) throws {
    let sample = try PackageSample(
      name: "pack-batch", isRich: isRich, weights: weights, instructionSets: Compiled.instructionSets,
      foldedBytes: isRich ? 1 << 12 : 1 << 20
    ) { $0.network.encoder = [LayerSpec(hidden: 35), LayerSpec(hidden: 18)] }
    let build = try PackageBuild(sample)
    defer { build.remove() }
    try build.write("batches.c", Self.program(header: build.name + ".h", sample.generator.symbol))
    let compiled = try #require(
      try build.run(
        "clang",
        [
          "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "batches.c", build.name + ".c", "-lm", "-o",
          "batches",
        ]))
    try #require(compiled.status == 0, "\(compiled.errors.prefix(2000))")
    for isa in Compiled.instructionSets {
      let result = try #require(
        try build.run(
          "./batches", [build.name + ".weights"],
          environment: [CIdentifier.mangle(build.name).uppercased() + "_ISA": isa.rawValue]))
      try #require(result.status == 0, "\(isa): \(result.status) \(result.output.prefix(300))")
      let largest = try #require(Double(result.output.split(separator: "\n")[0]))
      #expect(largest <= 2e-5, "\(isa)")
    }
  }

  /// Prints the largest difference of a score.
  private static func program(header: String, _ p: String) -> String {
    let macro = p.uppercased()
    return """
      #include "\(header)"
      #include <math.h>
      #include <stdio.h>
      #include <string.h>

      enum { longest = 1000, most = 400, labels = 16 };
      static \(p)_text words[2 * longest];
      static float scores[2 * longest * labels];

      static void backwards(void *context, void (*piece)(void *argument, int32_t index), void *argument, int32_t count) {
          (void)context;
          while (count-- > 0)
              piece(argument, count);
      }

      int main(int argc, char **argv) {
          const char *const some[] = {"the", "Paris", "in", "straße", "x", "unknown", "a", "Pé"};
          for (int i = 0; i < 2 * longest; i++)
              words[i] = (\(p)_text){some[(i * 7 + i / 5) % 8], strlen(some[(i * 7 + i / 5) % 8])};
          const \(p)_model *model = NULL;
          const \(p)_limits limits = {.tokens = longest, .sentences = most, .batch_tokens = 2 * longest};
          \(p)_session *together, *alone;
          if (argc < 2 || \(p)_open_file(argv[1], &model) != \(macro)_OK)
              return 1;
          if (\(p)_session_new(model, &limits, &together) != \(macro)_OK || \(p)_session_new(model, &limits, &alone) != \(macro)_OK)
              return 2;
          \(p)_lend_threads(alone, backwards, NULL);
          static const int32_t counts[] = {1, 1, 1, most, 90, 7}, lengths[] = {0, 1, longest, 2, 0, 0};
          double largest = 0;
          for (int k = 0; k < 6; k++) {
              int32_t length[most], total = 0;
              for (int32_t i = 0; i < counts[k]; i++)
                  total += length[i] = k == 4 ? i % 23 : k == 5 ? i * 41 : lengths[k];
              if (\(p)_tag_batch(together, words, length, counts[k], \(macro)_ALL_TASKS, \(macro)_SCORES) != \(macro)_OK)
                  return 3;
              for (int t = 0; t < \(macro)_TASK_COUNT; t++) {
                  const \(p)_task task = (\(p)_task)t;
                  const size_t width = (size_t)\(p)_label_count(task);
                  if (width > labels)
                      return 4;
                  if (total > 0)
                      memcpy(scores, \(p)_scores(together, task), (size_t)total * width * sizeof(float));
                  const \(p)_text *next = words;
                  const float *expected = scores;
                  for (int32_t i = 0; i < counts[k]; i++) {
                      if (\(p)_tag(alone, next, length[i], UINT64_C(1) << t, \(macro)_SCORES) != \(macro)_OK)
                          return 5;
                      const float *found = \(p)_scores(alone, task);
                      for (size_t j = 0; j < (size_t)length[i] * width; j++)
                          largest = fmax(largest, isnan(found[j]) ? INFINITY : fabs((double)found[j] - (double)expected[j]));
                      next += length[i];
                      expected += (size_t)length[i] * width;
                  }
              }
          }
          printf("%.9g\\n", largest);
          \(p)_session_free(together);
          \(p)_session_free(alone);
          \(p)_close(model);
          return 0;
      }
      """
  }
}
