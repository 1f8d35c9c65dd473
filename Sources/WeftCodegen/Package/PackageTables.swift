import WeftCorpus
import WeftGraph
import WeftSpec

/// Constant tables of a package: labels, tags and how the ones become the others, the lower-case mapping, features.
struct PackageTables {
  let contents: PackageContents

  func text() -> String {
    var c = CWriter()
    labels(&c)
    lowercase(&c)
    return c.text
  }

  // MARK: Labels and tags

  /// Tables hold numbers and characters, never pointers: a linker would have to relocate those, so that they could not
  /// be in memory that is only read.
  private func labels(_ c: inout CWriter) {
    let rules = contents.tasks.map { TagRules($0) }
    texts("task_names", contents.tasks.map(\.name), "Names of the tasks.", &c)
    for (number, task) in contents.tasks.enumerated() {
      texts("labels_\(number)", task.labels, "Labels of \(task.name).", &c)
      guard rules[number].tables != nil else { continue }
      texts("tags_\(number)", rules[number].tags, "What is written for \(task.name).", &c)
    }
    let tasks = contents.tasks.indices
    list("label_text", tasks.map { "labels_\($0)" }, "The text of a label that the task has.", &c)
    list(
      "tag_text", tasks.map { rules[$0].tables == nil ? "labels_\($0)" : "tags_\($0)" },
      "The text of a tag that the task has.", &c)
    self.rules(rules, &c)
  }

  /// Texts side by side in rows of one length.
  private func texts(_ name: String, _ texts: [String], _ comment: String, _ c: inout CWriter) {
    let width = (texts.map(\.utf8.count).max() ?? 0) + 1
    c.comment(comment)
    c.list(
      "static const char \(name)[][\(width)] = {", texts.isEmpty ? ["\"\""] : texts.map(CIdentifier.literal),
      closing: "};")
    c.line()
  }

  private func list(_ function: String, _ tables: [String], _ comment: String, _ c: inout CWriter) {
    c.comment(comment)
    c.block("static const char *\(function)(int task, int32_t number)") { c in
      c.block("switch (task)") { c in
        for (number, table) in tables.enumerated().dropLast() {
          c.line("case \(number):")
          c.line("    return \(table)[number];")
        }
        c.line("default:")
        c.line("    return \(tables.last ?? "task_names")[number];")
      }
    }
    c.line()
  }

  private func rules(_ rules: [TagRules], _ c: inout CWriter) {
    c.comment("How a span tag begins, and the schemes of tags.")
    c.line("enum { tag_outside, tag_begin, tag_inside, tag_end, tag_single, tag_none };")
    c.line("enum scheme { scheme_bio, scheme_iob1, scheme_bioes };")
    c.line()
    c.comment("How labels in the scheme of the network are written in that of the training data.")
    c.block("struct tag_rules", closing: "};") { c in
      c.line("enum scheme from, to;")
      c.line("int32_t labels;  // first of the task's in the tables by label")
      c.line("int32_t types;   // first of the task's in the table by type")
      c.line("int32_t outside; // the tag O")
    }
    c.line()
    var tables = TagRules.Tables()
    var rows: [[String]] = []
    var numbers: [Int] = []
    for (task, made) in zip(contents.tasks, rules) {
      guard let own = made.tables else {
        numbers.append(-1)
        continue
      }
      numbers.append(rows.count)
      rows.append([
        "scheme_\(task.modelScheme.rawValue)", "scheme_\(task.dataScheme.rawValue)",
        "\(tables.prefixes.count)", "\(tables.written.count / 4)", "\(own.outside)",
      ])
      tables.prefixes += own.prefixes
      tables.types += own.types
      tables.unchanged += own.unchanged
      tables.written += own.written
    }
    for (type, name, values, comment) in [
      ("uint8_t", "label_prefix", tables.prefixes, "By label: how it begins."),
      ("uint16_t", "label_type", tables.types, "By label: the type of its span."),
      ("int32_t", "label_unchanged", tables.unchanged, "By label: its tag if it is no tag of the scheme."),
      ("int32_t", "type_tags", tables.written, "By type: the tags B, I, E and S."),
    ] {
      c.comment(comment)
      c.list(
        "static const \(type) \(name)[] = {", values.isEmpty ? ["0"] : values.map(String.init), closing: "};")
      c.line()
    }
    c.block("static const struct tag_rules tag_rules[] =", closing: "};") { c in
      for row in rows { c.list("{", row, closing: "},") }
      if rows.isEmpty { c.line("{scheme_bio, scheme_bio, 0, 0, 0},") }
    }
    c.line()
    c.block("struct task", closing: "};") { c in
      c.line("int32_t label_count, tag_count;")
      c.line("int32_t rules; // number of its rules; -1: tags are labels")
    }
    c.line()
    c.block("static const struct task task_table[] =", closing: "};") { c in
      for (number, task) in contents.tasks.enumerated() {
        c.line("{\(task.labels.count), \(rules[number].tags.count), \(numbers[number])},")
      }
    }
    c.line()
  }

  // MARK: Text

  private func lowercase(_ c: inout CWriter) {
    c.comment("Simple lower case: every stride-th scalar of first to last maps to itself plus delta.")
    c.block("static const struct", closing: "} lowercase[] = {") { c in
      c.line("uint32_t first, last, stride;")
      c.line("int32_t delta;")
    }
    c.list(
      "    ",
      SimpleLowercase.table.map {
        "{0x\(String($0.first, radix: 16)), 0x\(String($0.last, radix: 16)), \($0.stride), \($0.delta)}"
      },
      closing: "};")
  }
}

/// Numbers that the templates of a package are written for.
struct PackageNumbers {
  let contents: PackageContents
  let source: SourceFile
  let layout: PackageLayout
  let prefix: String

  private var graph: Graph { source.graph }

  /// Kinds and numbers of the sections of the blob.
  private var sections: [(kind: String, index: Int)] {
    var sections: [(String, Int)] = [("section_parameters", 0)]
    for group in contents.maskedGroups.sorted() { sections.append(("section_mask", group)) }
    if inputName("word") != nil { sections.append(("section_words", 0)) }
    if inputName("character") != nil { sections.append(("section_characters", 0)) }
    for column in contents.columns.indices { sections.append(("section_column", column)) }
    return sections
  }

  /// The identifier of an input of the network.
  private func inputName(_ name: String) -> String? {
    source.tableInputs.first { graph[$0].name == name }.flatMap { source.program.valueNames[$0] }
  }

  /// Rows of the smallest table that an input looks up.
  private func rows(_ input: String) -> Int {
    let tables = graph.nodes.flatMap { node in
      (node.operation as? any TableReading)?.tables(of: node).filter { graph[$0.ids].name == input } ?? []
    }
    return tables.map { graph[$0.table].rows }.min() ?? 0
  }

  /// Words of the vocabulary whose known products have what their characters add in them.
  var spelledWords: Int {
    let layers = graph.nodes.compactMap { $0.operation as? FoldedLstm }
    return layers.flatMap(\.parts).reduce(0) { most, part in
      if case .spelling(_, let rows) = part.source { max(most, rows) } else { most }
    }
  }

  private func flag(_ isSet: Bool) -> String { isSet ? "1" : "0" }

  func text() -> String {
    var c = CWriter()
    c.comment("What this network looks up.")
    let hasClasses = contents.features.contains {
      if case .column = $0.feature { false } else { true }
    }
    c.block("enum", closing: "};") { c in
      c.line("has_words = \(flag(inputName("word") != nil)),")
      c.line("words_lowercase = \(flag(contents.lowercase)),")
      c.line("word_rows = \(rows("word")),")
      c.line("has_characters = \(flag(inputName("character") != nil)),")
      c.line("character_rows = \(rows("character")),")
      c.line("spelled_words = \(spelledWords), // ids below: what a word's characters add is known with it")
      c.line("longest_spelling = 32, // characters of such a word")
      c.line("has_classes = \(flag(hasClasses)), // casing or digits")
      c.line("column_count = \(contents.columns.count),")
      c.line("feature_count = \(contents.features.count),")
      c.line("group_count = \(contents.groupCount), // of tasks whose masks are equal")
      c.line("section_count = \(sections.count)")
    }
    c.line()
    c.comment("Rows of the tables that columns look up.")
    c.list(
      "static const uint32_t column_rows[column_count + 1] = {",
      contents.columns.map { "\(rows("feature." + $0))" } + ["0"], closing: "};")
    c.line()
    c.line("enum feature_source { from_column, from_casing, from_digits };")
    c.line()
    c.comment("A feature, from a column that the caller gives or from the word: ids of its classes.")
    c.block("struct feature", closing: "};") { c in
      c.line("enum feature_source source;")
      c.line("int column;")
      c.line("int32_t ids[5];")
    }
    c.line()
    c.block("static const struct feature features[feature_count + 1] =", closing: "};") { c in
      for (name, feature) in contents.features {
        c.comment(name)
        let (kind, column, ids): (String, Int, [Int]) =
          switch feature {
          case .column(let column): ("from_column", column, [0])
          case .casing(let ids): ("from_casing", 0, ids)
          case .digits(let ids): ("from_digits", 0, ids)
          }
        c.line("{\(kind), \(column), {\(ids.map(String.init).joined(separator: ", "))}},")
      }
      c.line("{from_column, 0, {0}},")
    }
    c.line()
    if contents.groupCount == 1 { return c.text }
    let bits = (0..<contents.groupCount).map { group in
      source.hex(
        contents.groups.enumerated().reduce(UInt64(0)) {
          $1.element == group ? $0 | 1 << UInt64($1.offset) : $0
        })
    }
    c.comment("Tasks of each group.")
    c.list("static const uint64_t group_tasks[group_count] = {", bits, closing: "};")
    c.line()
    return c.text
  }

  /// The sections that a blob must have.
  func sectionTable() -> String {
    var c = CWriter()
    c.comment("Kinds and numbers of the sections, in their order.")
    c.block("static const uint32_t section_kinds[section_count][2] =", closing: "};") { c in
      for (kind, index) in sections { c.line("{\(kind), \(index)},") }
    }
    return c.text
  }

  /// Numbers of inputs and parameters, as node functions and packing name them.
  func enumerations() -> String {
    var c = CWriter()
    for (comment, prefix, names, last) in [
      (
        "Inputs, in the order of a batch's table.", "input_",
        source.tableInputs.map { source.program.valueNames[$0] ?? "" }, "input_count"
      ),
      (
        "Parameters, in the order of the file.", "parameter_", source.program.parameterNames,
        "parameter_count"
      ),
    ] {
      c.comment(comment)
      c.block("enum", closing: "};") { c in
        for name in names { c.line(prefix + name + ",") }
        c.line(last)
      }
      c.line()
    }
    return c.text
  }

  /// Sizes in 64 bits, for any limits; and which array of the session feeds which input.
  func session() throws(CodegenError) -> String {
    var c = CWriter()
    c.comment("At least the bytes of `workspace_bytes` for a batch of this size or smaller.")
    c.block(
      "static uint64_t workspace_bound(uint64_t tokens, uint64_t forms, uint64_t scalars, uint64_t sentences)"
    ) { c in
      c.line("(void)tokens, (void)forms, (void)scalars, (void)sentences;")
      c.line("uint64_t floats = 0;")
      for slot in source.program.memory.slots {
        let rows = slot.rows == .one ? "1" : slot.rows.name + "s"
        c.line("floats += \(rows) * \(slot.width) + \(slot.constant + 15);")
      }
      c.line("return floats * sizeof(float);")
    }
    c.line()
    c.comment("As `nbest_work`.")
    c.lines(
      """
      static uint64_t nbest_bound(uint64_t tokens, uint64_t labels, uint64_t n) {
          const uint64_t padded = (labels + 7) / 8 * 8, all = labels * n;
          const uint64_t lattice = 2 * padded * (3 * labels + 2 * tokens + 3);
          const uint64_t search = labels * labels + 2 * all + labels + 2 * n + tokens * all;
          return (lattice > search ? lattice : search) * sizeof(float);
      }
      """)
    return c.text
  }

  func connections() throws(CodegenError) -> String {
    var lines: [String] = []
    for id in source.tableInputs {
      let name = graph[id].name
      let array: String
      if name == "word" {
        array = "s->word_ids"
      } else if name == "form" {
        array = "s->form_ids"
      } else if name == "character" {
        array = "s->character_ids"
      } else if let number = contents.features.firstIndex(where: { "feature." + $0.name == name }) {
        array = "s->feature_ids + \(number) * (size_t)s->pass"
      } else {
        throw .cannotEmit(kind: "input \(name)")
      }
      lines.append("inputs[input_\(source.program.valueNames[id] ?? "")] = \(array);")
    }
    var c = CWriter()
    c.comment("The inputs of the network.")
    c.block("static void connect_inputs(const struct \(prefix)_session *s, const int32_t **inputs)") { c in
      if lines.isEmpty { c.line("(void)s, (void)inputs;") }
      for line in lines { c.line(line) }
    }
    return c.text
  }
}
