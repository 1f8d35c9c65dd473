import Foundation

/// The dev and test files that belong to a training file, by the usual names: `train.conll` has `dev.conll`,
/// `en-ud-train.conllu` has `en-ud-test.conllu`.
struct CorpusSiblings {
  private(set) var dev: String?
  private(set) var test: String?
  /// A name for all of them: what is left of the file's name without `train`, or the name of the folder.
  private(set) var commonName: String

  init(of train: String) {
    commonName = RelativePath.stem(of: train)
    let folder = RelativePath.folder(of: train)
    let name = train.split(separator: "/").last.map(String.init) ?? train
    guard let place = name.range(of: "train", options: [.backwards, .caseInsensitive]) else { return }
    // `train`, `training`, `train.txt`: a longer word goes away as a whole.
    var end = place.upperBound
    if name[end...].lowercased().hasPrefix("ing") { end = name.index(end, offsetBy: 3) }
    let stem = name[end...].lastIndex(of: ".").map { name[..<$0] } ?? name[...]
    let rest = (stem[..<place.lowerBound] + stem[end...])
      .trimmingCharacters(in: CharacterSet(charactersIn: "-_."))
    // `train.conll` is named after its folder, since nothing is left of its own name.
    let parent = folder.split(separator: "/").last.map(String.init)
    commonName = rest.isEmpty ? parent ?? commonName : rest
    func existing(_ words: [String]) -> String? {
      for word in words {
        let cased = name[place].allSatisfy(\.isUppercase) ? word.uppercased() : word
        let path = RelativePath.join(folder, name[..<place.lowerBound] + cased + name[end...])
        if FileManager.default.fileExists(atPath: path) { return path }
      }
      return nil
    }
    dev = existing(["dev", "devel", "development", "valid", "validation", "testa"])
    test = existing(["test", "testb", "eval"])
  }
}
