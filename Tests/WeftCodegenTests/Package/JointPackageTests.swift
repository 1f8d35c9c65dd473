import Foundation
import Testing
import WeftSpec

@testable import WeftCodegen

/// Packages that read recurrent weights once for all groups of tasks.
@Suite struct JointPackageTests {
  /// A table of costs by which nothing is better on any machine.
  private static let costs: CostTable = {
    var costs = CostTable()
    for set in InstructionSet.allCases {
      for form in MatrixForm.allCases {
        let isJoint = WeightType.allCases.contains { form == .joint($0) }
        costs[set, form] = CostTable.Cost(perKiB: isJoint ? 0 : 1, perVector: isJoint ? 0 : 1)
      }
    }
    return costs
  }()

  /// Two layers, of whole and of broken vectors of units; so many tasks, each a group.
  private static func sample(_ tasks: Int, _ weights: PackageWeights) throws -> PackageSample {
    var sample = try PackageSample(
      name: "pack-joint-\(tasks)", isRich: false, weights: weights,
      instructionSets: Compiled.instructionSets, foldedBytes: 1 << 12
    ) { spec in
      spec.network.encoder = [LayerSpec(hidden: 35), LayerSpec(hidden: 18)]
      for number in spec.tasks.count..<max(tasks, spec.tasks.count) {
        var task = spec.tasks[1]
        task.name = "extra\(number)"
        spec.tasks.append(task)
      }
    }
    try sample.maskJointly(costs: costs)
    return sample
  }

  @Test(arguments: PackageWeights.allCases, [2, 5])
  func agreesWithLibrary(weights: PackageWeights, tasks: Int) async throws {
    let sample = try Self.sample(tasks, weights)
    let plan = try sample.generator.matrixPlan(sample.contents)
    let recurrent = plan.entries.filter { $0.names[0].contains("weight_hh") }
    #expect(recurrent.count == 2)
    #expect(
      recurrent.allSatisfy { entry in WeightType.allCases.contains { entry.candidates[0].form == .joint($0) }
      })
    let build = try PackageBuild(sample)
    defer { build.remove() }
    // Optimised ones are compared with themselves below.
    try build.compileHarness(sample, isOptimised: false)
    for isa in Compiled.instructionSets {
      let found = try build.runHarness(["./main"], isa: isa.rawValue)
      let expected = try await PackageExpectation.lines(sample, isa: isa.rawValue)
      #expect(found.last == "allocations 0")
      PackageExpectation.compare(found.dropLast(), expected)
    }
  }

  /// Any set of tasks gives what each task gives by itself, which nothing is read jointly for: sentences of no, one,
  /// two and a thousand words, by themselves and together; with threads that are lent; with two sessions in turn.
  @Test(arguments: PackageWeights.allCases) func anyTasksTogether(weights: PackageWeights) throws {
    let sample = try Self.sample(5, weights)
    let build = try PackageBuild(sample)
    defer { build.remove() }
    let symbol = sample.generator.symbol
    try build.write("subsets.c", Self.program(header: build.name + ".h", symbol))
    let compiled = try #require(
      try build.run(
        "clang",
        [
          "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "subsets.c", build.name + ".c", "-lm", "-o",
          "subsets",
        ]))
    try #require(compiled.status == 0, "\(compiled.errors.prefix(2000))")
    let rounding: [InstructionSet] =
      weights == .fp32 || !HostFeatures.supports(.avx512vnni) ? [] : [.avx512vnni]
    for isa in rounding + Compiled.instructionSets {
      let result = try #require(
        try build.run(
          "./subsets", [build.name + ".weights"],
          environment: [CIdentifier.mangle(build.name).uppercased() + "_ISA": isa.rawValue]))
      try #require(result.status == 0, "\(isa): \(result.output.prefix(300))")
      let largest = try #require(Double(result.output.split(separator: "\n")[0]))
      // Sums of products in eight bits are exact, in whatever order they are formed.
      let isExact = weights == .int8 && isa == .avx512vnni
      #expect(largest <= (isExact ? 0 : isa == .avx512vnni ? 2e-2 : 2e-5), "\(isa)")
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

      enum { longest = 1000, tasks = \(macro)_TASK_COUNT };
      static \(p)_text words[3 * longest];
      static float scores[tasks][3 * longest * 8];

      static void backwards(void *context, void (*piece)(void *argument, int32_t index), void *argument, int32_t count) {
          (void)context;
          while (count-- > 0)
              piece(argument, count);
      }

      int main(int argc, char **argv) {
          const char *const some[] = {"the", "Paris", "in", "straße", "x", "unknown", "a", "Pé"};
          for (int i = 0; i < 3 * longest; i++)
              words[i] = (\(p)_text){some[(i * 7 + i / 5) % 8], strlen(some[(i * 7 + i / 5) % 8])};
          const \(p)_model *model = NULL;
          const \(p)_limits limits = {.tokens = longest, .sentences = 8, .batch_tokens = 3 * longest};
          \(p)_session *session[2];
          if (argc < 2 || \(p)_open_file(argv[1], &model) != \(macro)_OK)
              return 1;
          for (int i = 0; i < 2; i++)
              if (\(p)_session_new(model, &limits, &session[i]) != \(macro)_OK)
                  return 2;
          \(p)_lend_threads(session[1], backwards, NULL);
          static const int32_t lengths[][4] = {{0}, {1}, {2}, {14}, {longest}, {14, 3, 0, 9}, {40, 38, 1, 2}, {1, 1, 1, 1}};
          static const int counts[] = {1, 1, 1, 1, 1, 4, 4, 4};
          double largest = 0;
          for (int k = 0; k < 8; k++) {
              int32_t total = 0;
              for (int i = 0; i < counts[k]; i++)
                  total += lengths[k][i];
              for (int t = 0; t < tasks; t++) {
                  if (\(p)_tag_batch(session[0], words, lengths[k], counts[k], UINT64_C(1) << t, \(macro)_SCORES) != \(macro)_OK)
                      return 3;
                  memcpy(scores[t], \(p)_scores(session[0], (\(p)_task)t), (size_t)(total * \(p)_label_count((\(p)_task)t)) * sizeof(float));
              }
              for (uint64_t set = 1; set <= \(macro)_ALL_TASKS; set += lengths[k][0] > 100 ? 7 : 1) {
                  if (\(p)_tag_batch(session[set & 1], words, lengths[k], counts[k], set, \(macro)_SCORES) != \(macro)_OK)
                      return 4;
                  for (int t = 0; t < tasks; t++) {
                      const float *found = \(p)_scores(session[set & 1], (\(p)_task)t);
                      if ((found != NULL) != ((set >> t & 1) != 0))
                          return 5;
                      for (int32_t i = 0; found != NULL && i < total * \(p)_label_count((\(p)_task)t); i++)
                          largest = fmax(largest, isnan(found[i]) ? INFINITY : fabs((double)found[i] - (double)scores[t][i]));
                  }
              }
          }
          printf("%.9g\\n", largest);
          for (int i = 0; i < 2; i++)
              \(p)_session_free(session[i]);
          \(p)_close(model);
          return 0;
      }
      """
  }
}
