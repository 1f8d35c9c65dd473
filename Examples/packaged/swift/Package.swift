// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "tag-file",
  platforms: [.macOS(.v15)],
  dependencies: [.package(path: "../tiny")],
  targets: [
    .executableTarget(name: "tag-file", dependencies: [.product(name: "Tiny", package: "tiny")])
  ],
  swiftLanguageModes: [.v6]
)
