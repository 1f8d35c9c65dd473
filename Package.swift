// swift-tools-version: 6.2
import PackageDescription

/// One folder per station of the pipeline, each importing only stations before it.
let package = Package(
  name: "weft",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "weft", targets: ["WeftCLI"]),
    .library(name: "Weft", targets: ["Weft"]),
    .plugin(name: "WeftTaggers", targets: ["WeftTaggers"]),
  ],
  dependencies: [
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    .target(name: "CWeftABI"),
    .target(name: "WeftSpec", dependencies: ["Yams"]),
    .target(name: "WeftCorpus", dependencies: ["WeftSpec"]),
    .target(
      name: "WeftGraph",
      dependencies: [
        "WeftSpec", "WeftCorpus",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(name: "WeftCodegen", dependencies: ["WeftSpec", "WeftGraph"]),
    .target(
      name: "WeftRuntime",
      dependencies: [
        "CWeftABI", "WeftSpec", "WeftCorpus", "WeftGraph", "WeftCodegen",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ]),
    .target(
      name: "WeftTrain",
      dependencies: [
        "WeftSpec", "WeftCorpus", "WeftGraph", "WeftRuntime",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "WeftPackage",
      dependencies: [
        "WeftSpec", "WeftCorpus", "WeftGraph", "WeftCodegen", "WeftRuntime", "WeftTrain",
      ]),
    .target(
      name: "WeftReport",
      dependencies: ["WeftSpec", "WeftCorpus", "WeftGraph", "WeftRuntime", "WeftTrain"]),
    .target(
      name: "Weft",
      dependencies: [
        "WeftSpec", "WeftCorpus", "WeftGraph", "WeftCodegen", "WeftRuntime", "WeftTrain",
      ]),
    .executableTarget(
      name: "WeftCLI",
      dependencies: [
        "Weft", "WeftSpec", "WeftCorpus", "WeftGraph", "WeftCodegen", "WeftRuntime", "WeftTrain",
        "WeftPackage", "WeftReport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .plugin(
      name: "WeftTaggers",
      capability: .command(
        intent: .custom(
          verb: "weft", description: "Write the packaged taggers of weft.json, or verify them."),
        permissions: [.writeToPackageDirectory(reason: "It writes packaged taggers.")]),
      dependencies: ["WeftCLI"]),
    .testTarget(
      name: "WeftSpecTests", dependencies: ["WeftSpec", "Yams"],
      exclude: ["Bad", "Resolved/resolved.yaml.expected"]),
    .testTarget(name: "WeftCorpusTests", dependencies: ["WeftCorpus"], resources: [.copy("Fixtures")]),
    .testTarget(name: "WeftGraphTests", dependencies: ["WeftGraph"]),
    // Reference implementations in double precision take minutes without optimisation.
    .testTarget(
      name: "WeftCodegenTests", dependencies: ["WeftCodegen", "WeftRuntime"],
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .testTarget(name: "WeftRuntimeTests", dependencies: ["WeftRuntime"]),
    .testTarget(name: "WeftTrainTests", dependencies: ["WeftTrain"]),
    .testTarget(name: "WeftPackageTests", dependencies: ["WeftPackage"]),
    .testTarget(name: "WeftReportTests", dependencies: ["WeftReport"]),
    .testTarget(name: "WeftTests", dependencies: ["Weft"]),
    .testTarget(name: "WeftCLITests", dependencies: ["WeftCLI"]),
  ],
  swiftLanguageModes: [.v6]
)
