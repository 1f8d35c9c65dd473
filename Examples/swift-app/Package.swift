// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "swift-app",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "weft", path: "../..")],
  targets: [
    .target(name: "Entities", dependencies: [.product(name: "Weft", package: "weft")]),
    .executableTarget(name: "find-entities", dependencies: ["Entities"], path: "Sources/Command"),
    .testTarget(name: "EntitiesTests", dependencies: ["Entities"]),
  ],
  swiftLanguageModes: [.v6]
)
