// swift-tools-version: 6.2
import PackageDescription

// A package that keeps its packaged tagger in its repository, so that whoever builds it needs neither Weft nor the data.
let package = Package(
  name: "entities",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(path: "Taggers/tiny"),
    // For the maintainers: `swift package weft generate` and `verify`.
    .package(name: "weft", path: "../.."),
  ],
  targets: [
    .executableTarget(name: "entities", dependencies: [.product(name: "Tiny", package: "tiny")])
  ],
  swiftLanguageModes: [.v6]
)
