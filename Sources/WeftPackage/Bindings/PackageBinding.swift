/// For whom a package is made. The C library with its Makefile and command is always there: the others build on it.
public enum PackageBinding: String, Sendable, CaseIterable {
  case c, cmake, swift, python

  func files(_ tagger: TaggerInterface, among bindings: Set<PackageBinding>) throws(PackageError)
    -> [PackageFile]
  {
    switch self {
    case .c: try CBinding.files(tagger)
    case .cmake: try CMakeBinding.files(tagger)
    case .swift:
      try SwiftBinding.files(
        tagger,
        excludedTests: ["\(tagger.names.name)-test.c", "command.sh"]
          + (bindings.contains(.python) ? ["test_python.py"] : []))
    case .python: try PythonBinding.files(tagger)
    }
  }
}
