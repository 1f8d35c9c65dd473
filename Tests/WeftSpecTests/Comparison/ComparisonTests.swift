import Testing
import WeftSpec
import Yams

@Suite struct ComparisonTests {
  static let systems = """
    compare:
      systems:
        single: {sharing: single}
        single-subnet: {sharing: single, masks-of: sparse, title: "on the subnet"}
        hard: {sharing: hard}
        sparse: {sharing: {kind: sparse, warmup: 3}}
        random: {sharing: {kind: hard}, random-masks-like: sparse}

    """

  static func load(_ text: String, overrides: [String] = [], files: [String: String] = [:])
    throws(SpecError) -> ComparisonSpec
  {
    var all = files
    all["compare.yaml"] = text
    return try SpecLoader(files: .memory(all)).loadComparison(path: "compare.yaml", overrides: overrides)
  }

  static func problems(_ text: String, overrides: [String] = [], files: [String: String] = [:]) -> String {
    do {
      _ = try load(text, overrides: overrides, files: files)
      return ""
    } catch {
      return error.description
    }
  }

  @Test func systemsAreVariantsOfTheSpecInTheOrderOfTheFile() throws {
    let comparison = try Self.load(SpecSamples.base + Self.systems)
    #expect(comparison.name == "base")
    #expect(comparison.systems.map(\.name) == ["single", "single-subnet", "hard", "sparse", "random"])
    #expect(comparison.systems.map(\.spec.sharing.kind) == [.single, .single, .hard, .sparse, .hard])
    #expect(comparison.systems.map(\.spec.name)[1...2] == ["base-single-subnet", "base-hard"])
    #expect(comparison.systems.map(\.masksOf) == [nil, "sparse", nil, nil, nil])
    #expect(comparison.systems.map(\.randomMasksLike) == [nil, nil, nil, nil, "sparse"])
    #expect(comparison.systems[1].title == "on the subnet")
    #expect(comparison.systems[2].title == "hard")
    #expect(comparison.maskFinders.map(\.name) == ["sparse"])
    #expect(comparison.systems[3].spec.sharing.warmup == 3)
    #expect(comparison.tasks.map(\.name) == ["pos", "ner", "deprel"])
    #expect(comparison.diagnostics.isEmpty)

    var hard = try SpecSamples.load(SpecSamples.base).spec
    hard.name = "base-hard"
    #expect(comparison.systems[2].spec == hard)
  }

  @Test func withoutMoreThereAreThreeSeedsAndTheFirstSystemIsTheBaseline() throws {
    let comparison = try Self.load(SpecSamples.base + "seed: 7\n" + Self.systems)
    #expect(comparison.seeds == [7, 8, 9])
    #expect(comparison.baseline == "single")
    #expect(comparison.masks == .perSeed)
    #expect(comparison.densities.isEmpty)
    #expect(comparison.title == "base")
    #expect(comparison.also.isEmpty)
    #expect(comparison.systems.map(\.spec.seed) == [7, 7, 7, 7, 7])
    #expect(comparison.loaded(comparison.systems[0], seed: 9).spec.seed == 9)
  }

  @Test func everythingCanBeSaid() throws {
    let text =
      SpecSamples.base + Self.systems + """
          title: Which sharing?
          seeds: [5, 3]
          baseline: hard
          masks: once
          densities: [0.8, 0.5, 1]

        """
    let comparison = try Self.load(text)
    #expect(comparison.title == "Which sharing?")
    #expect(comparison.seeds == [5, 3])
    #expect(comparison.systems[0].spec.seed == 5)
    #expect(comparison.baseline == "hard")
    #expect(comparison.masks == .once)
    #expect(comparison.densities == [0.8, 0.5, 1])
  }

  /// What the base shares is replaced, whatever it is.
  @Test(arguments: ["single", "soft", "{kind: sparse, warmup: 9, prune: {rounds: 2}}", "{masks: m}"])
  func theSharingOfTheSpecAroundDoesNotMatter(sharing: String) throws {
    let systems = "compare: {systems: {a: {sharing: hard}, b: {sharing: {kind: soft}}}}\n"
    let comparison = try Self.load(SpecSamples.base + "sharing: \(sharing)\n" + systems)
    #expect(comparison.systems[0].spec.sharing == SharingSpec(kind: .hard))
    #expect(comparison.systems[1].spec.sharing == SharingSpec(kind: .soft))
  }

  @Test func overridesHoldForEverySystem() throws {
    let text = SpecSamples.base + "compare: {systems: {a: {train: {epochs: 4}}, b: {}}}\n"
    let comparison = try Self.load(
      text, overrides: ["train.epochs=2", "compare.seeds=1", "compare.systems.b.train.rate=0.5"])
    #expect(comparison.systems.map(\.spec.train.epochs) == [2, 2])
    #expect(comparison.systems.map(\.spec.train.rate) == [0.1, 0.5])
    #expect(comparison.seeds == [1])
  }

  @Test func aComparisonMayExtend() throws {
    let base = SpecSamples.base + "sharing: {kind: sparse, prune: {rounds: 2}}\n" + Self.systems
    let text = """
      weft: 1
      extends: deep/base.yaml
      name: narrower
      compare:
        seeds: 1
        systems: {single: null, single-subnet: null, random: {train: {epochs: 3}}}

      """
    let comparison = try Self.load(text, files: ["deep/base.yaml": base])
    #expect(comparison.systems.map(\.name) == ["hard", "sparse", "random"])
    #expect(comparison.systems[2].spec.train.epochs == 3)
    #expect(comparison.systems[0].spec.data[0].train == ["deep/ewt/train.conll"])
    #expect(comparison.baseline == "hard")
  }

  @Test func furtherComparisonsAreReadToo() throws {
    let text = SpecSamples.base + "compare: {systems: {a: {}, b: {train: {rate: 1}}}, also: deep/more.yaml}\n"
    let more = """
      weft: 1
      extends: ../base.yaml
      name: more
      compare: {seeds: 5, systems: {c: {}}}

      """
    let comparison = try Self.load(
      text, overrides: ["train.epochs=2", "compare.seeds=2", "compare.systems.b.train.rate=3"],
      files: ["deep/more.yaml": more, "deep/../base.yaml": SpecSamples.base])
    #expect(comparison.also.map(\.name) == ["more"])
    #expect(comparison.also[0].path == "deep/more.yaml")
    #expect(comparison.also[0].systems.map(\.name) == ["c"])
    #expect(comparison.also[0].systems[0].spec.train.epochs == 2)
    #expect(comparison.also[0].seeds.count == 2)
    #expect(comparison.also[0].systems[0].loaded.baseDirectory == "deep")
  }

  @Test func aFileIsReadAsWhatItIs() throws {
    let files = ["spec.yaml": SpecSamples.base, "compare.yaml": SpecSamples.base + Self.systems]
    let loader = SpecLoader(files: .memory(files))
    guard case .experiment(let loaded) = try loader.document(path: "spec.yaml") else {
      Issue.record("an experiment was read as a comparison")
      return
    }
    #expect(loaded.spec.name == "base")
    guard case .comparison(let comparison) = try loader.document(path: "compare.yaml") else {
      Issue.record("a comparison was read as an experiment")
      return
    }
    #expect(comparison.systems.count == 5)
    // Without its systems it is the experiment that they vary.
    #expect(try loader.load(path: "compare.yaml", overrides: ["compare="]).spec == loaded.spec)
    #expect(throws: SpecError.self) { try loader.load(path: "compare.yaml") }
    #expect(throws: SpecError.self) { try loader.loadComparison(path: "spec.yaml") }
  }

  @Test func aProblemIsShownWhereItWasWritten() throws {
    let text =
      SpecSamples.base + """
        compare:
          systems:
            one: {train: {epochs: 0}}
            two: {}

        """
    let problem = "compare.yaml:14:27: error: 'train.epochs' must be an integer, 1 or more; found 0"
    #expect(Self.problems(text).hasPrefix(problem))
    #expect(Self.problems(text).hasSuffix("1 error"))
  }

  /// A problem of the spec around is no problem of each system.
  @Test func aProblemOfAllIsSaidOnce() throws {
    let text = SpecSamples.base + "train: {rate: 0}\n" + Self.systems
    let found = Self.problems(text)
    #expect(found.hasSuffix("1 error"))
    #expect(!found.contains("note:"))
  }

  /// What the spec around says is a problem together with some systems only.
  @Test func aProblemOfSomeNamesThem() throws {
    let text =
      SpecSamples.base + "train: {step: all-tasks}\n" + """
        compare:
          systems:
            hard: {sharing: hard}
            sparse: {sharing: sparse}

        """
    let found = Self.problems(text)
    #expect(found.contains("compare.yaml:12:15: error: masks need 'step: one-task'"))
    #expect(found.contains("compare.yaml:16:5: note: so in system 'sparse'"))
    #expect(found.hasSuffix("1 error"))
  }

  /// Each section gives the message beside it.
  static let mistakes: [(String, String)] = [
    ("systems: {a: {}, b: {}}, baseline: aa", "error: there is no system 'aa'"),
    ("systems: {a: {masks-of: sparce}, sparse: {sharing: sparse}}", "help: did you mean 'sparse'?"),
    ("systems: {a: {masks-of: b}, b: {sharing: hard}}", "error: the system 'b' finds no masks"),
    ("systems: {a: {masks-of: b}, b: {sharing: hard}}", "help: add a system with sharing: sparse"),
    (
      "systems: {a: {masks-of: b}, b: {masks-of: c}, c: {sharing: sparse}}", "help: the system that does is c"
    ),
    (
      "systems: {a: {masks-of: b}, b: {sharing: {kind: sparse, masks: m}}}",
      "error: the system 'b' finds no masks"
    ),
    ("systems: {a: {sharing: sparse, masks-of: a}}", "error: a system cannot wait for masks of its own"),
    ("systems: {a: {masks-of: s, random-masks-like: s}, s: {sharing: sparse}}", "not both"),
    (
      "systems: {a: {sharing: soft, masks-of: s}, s: {sharing: sparse}}",
      "error: 'soft' sharing reads no masks"
    ),
    (
      "systems: {a: {sharing: {masks: m}, masks-of: s}, s: {sharing: sparse}}",
      "error: the system 'a' has masks already"
    ),
    (
      "systems: {a: {train: {step: all-tasks}, masks-of: s}, s: {sharing: sparse}}",
      "error: masks need 'step: one-task'"
    ),
    (
      "systems: {a: {network: {encoder: [{hidden: 3}]}, masks-of: s}, s: {sharing: sparse}}",
      "error: the masks of 's' are for another network than that of 'a'"
    ),
    ("systems: {a: {}, b: {tasks: {ner: null}}}", "error: the systems 'b' and 'a' have different tasks"),
    (
      "systems: {a: {}, b: {tasks: {ner: {metric: accuracy}}}}",
      "error: the systems 'b' and 'a' have different tasks"
    ),
    ("systems: {a: {}, b: {data: {ewt: {dev: x}}}}", "error: the systems 'b' and 'a' have different data"),
    ("systems: {a: {}}, densities: [0.5]", "error: densities are those of pruning rounds"),
    (
      "systems: {s: {sharing: sparse}}, densities: [0, 0.5]",
      "must be a number above 0 and at most 1; found 0"
    ),
    (
      "systems: {s: {sharing: sparse}}, densities: [1.5]", "must be a number above 0 and at most 1; found 1.5"
    ),
    ("systems: {}", "error: 'compare.systems' names no system"),
    (
      "systems: {a: {}}, seeds: 0",
      "error: 'compare.seeds' must be an integer from 1 to 1000 or a list of seeds; found 0"
    ),
    ("systems: {a: {}}, seeds: -3", "found -3"),
    ("systems: {a: {}}, seeds: [1, -1]", "error: 'compare.seeds.1' must be"),
    ("systems: {a: {}}, seeds: [1, 2, 1]", "error: the seed 1 is given twice"),
    ("systems: {a: {}}, seeds: []", "error: a comparison needs at least one seed"),
    ("systems: {a: {seed: 3}}", "error: unknown key 'seed' in 'compare.systems.a'"),
    ("systems: {a: {sharng: hard}}", "help: did you mean 'sharing'?"),
    ("systems: {a: {mask-of: s}, s: {sharing: sparse}}", "help: did you mean 'masks-of'?"),
    ("systems: {a: 3}", "error: 'compare.systems.a' must be a mapping"),
    ("systems: {a b: {}}", "error: 'a b' cannot name a system"),
    ("systems: {a: {}}, also: compare.yaml", "error: 'also' goes in a circle: compare.yaml → compare.yaml"),
    ("systems: {a: {}}, also: [x.yaml]", "error: cannot read 'x.yaml': no such file"),
    ("systems: {a: {}}, also: base.yaml", "base.yaml: error: the file has no section 'compare'"),
    ("systems: {a: {}}, maks: once", "help: did you mean 'masks'?"),
    ("systems: {a: {}}, masks: never", "error: 'compare.masks' must be 'per-seed' or 'once'"),
  ]

  @Test(arguments: mistakes) func mistake(section: String, message: String) {
    let closed = "compare: {\(section)}\n"
    let found = Self.problems(SpecSamples.base + closed, files: ["base.yaml": SpecSamples.base])
    #expect(found.contains(message), "\(closed)\(found)")
  }

  @Test func aSectionOfAnotherKindIsReported() {
    #expect(Self.problems(SpecSamples.base + "compare: 3\n").contains("'compare' must be a mapping; found 3"))
    #expect(Self.problems(SpecSamples.base + "compare: [a]\n").contains("found a list"))
    #expect(Self.problems(SpecSamples.base + "compare: {}\n").contains("missing key 'systems'"))
    #expect(Self.problems(SpecSamples.base + "compare:\n").contains("found nothing"))
  }

  @Test func twoFilesThatNameEachOtherAreACircle() {
    let other = SpecSamples.base + "compare: {systems: {a: {}}, also: compare.yaml}\n"
    let found = Self.problems(
      SpecSamples.base + "compare: {systems: {a: {}}, also: other.yaml}\n", files: ["other.yaml": other])
    #expect(found.contains("'also' goes in a circle: compare.yaml → other.yaml → compare.yaml"))
  }

  @Test func editorsCheckComparisons() throws {
    let validator = SchemaValidator(schema: try SchemaTests.schema())
    func problems(_ text: String) throws -> [String] {
      validator.problems(of: try Yams.load(yaml: text) as Any)
    }
    #expect(try problems(SpecSamples.base + Self.systems) == [])
    #expect(try !problems(SpecSamples.base + "compare: {systems: {a: {seed: 1}}}").isEmpty)
    #expect(try !problems(SpecSamples.base + "compare: {systems: {a: {train: {epochs: 0}}}}").isEmpty)
    #expect(try !problems(SpecSamples.base + "compare: {systems: {}}").isEmpty)
  }

  static let domainBase = """
    weft: 1
    name: base
    data: {ewt: {train: t.conll, dev: d.conll, columns: {word: 0, pos: 1, ner: 2}, domains: {file: d.tsv}}}
    tasks: {pos: {}, ner: {}}
    train: {main-task: ner, patience: none}

    """

  @Test func domainsAndMainTasks() throws {
    let systems = "compare:\n  systems: {a: {}, b: {data: {ewt: {limit: 7}}}}\n"
    let none = try Self.load(Self.domainBase + systems)
    #expect(none.domains == nil)
    #expect(none.main == ["ner"])
    let all = try Self.load(Self.domainBase + systems + "  domains: all\n  main: [pos, ner]\n")
    #expect(all.domains?.names == [])
    #expect(all.main == ["pos", "ner"])
    let some = try Self.load(Self.domainBase + systems + "  domains: [news, all]\n")
    #expect(some.domains?.names == ["news", "all"])
    #expect(some.domains?.spans.map(\.location.line) == [8, 8])
    #expect(some.loaded(some.systems[1], seed: 3, domain: "news").spec.data[0].trainOn == ["news"])
    #expect(some.loaded(some.systems[1], seed: 3).spec.data[0].trainOn == [])
  }

  @Test(arguments: [
    ("domains: [a, b, a]", "error: the domain 'a' is named twice"),
    ("main: net", "error: there is no task 'net'"),
    ("domains: a, densities: [0.5]", "error: densities are not compared over domains"),
  ])
  func mistakesAboutDomains(section: String, message: String) {
    let text = Self.domainBase + "compare: {systems: {a: {sharing: sparse}}, \(section)}\n"
    #expect(Self.problems(text).contains(message))
  }

  @Test func domainsNeedACorpusThatHasThem() {
    let section = "compare: {systems: {a: {}}, domains: all}\n"
    #expect(
      Self.problems(Self.domainBase.replacing(", domains: {file: d.tsv}", with: "") + section)
        .contains("error: no corpus is split in domains"))
    #expect(
      Self.problems(Self.domainBase.replacing("{file: d.tsv}", with: "{file: d.tsv}, train-on: x") + section)
        .contains("error: every system is trained on each domain, and 'a' has 'train-on' for 'ewt'"))
  }
}
