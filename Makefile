# make demo    train and use the example tagger        make test     all tests
# make build   the release build of `weft`             make check    what CI runs
# make format  format Swift and C                      make lint     check format, templates, paths
# make goldens regenerate the committed C              make docs     API documentation
# make bench   compare with PyTorch, ONNX Runtime and OpenVINO; BENCH="--quick" for a minute of it
# make fuzz    fuzz packaged taggers for ten minutes

SWIFT ?= swift
SCRATCH ?= .build
# The optimised build has a folder of its own, so that tests and demo do not rebuild each other's modules.
RELEASE_SCRATCH ?= .build/optimised
WEFT = $(RELEASE_SCRATCH)/release/weft
SWIFT_SOURCES = Package.swift Plugins Sources Tests $(wildcard $(addprefix Examples/,swift-app \
  checked-in/Package.swift checked-in/Sources packaged/swift/Package.swift packaged/swift/Sources))
TEMPLATES = Sources/WeftCodegen/Kernels/Templates.generated.swift
BINDINGS = Sources/WeftPackage/Bindings/BindingTemplates.generated.swift
C_SOURCES = $(wildcard Sources/CWeftABI/*.c Sources/CWeftABI/include/*.h Tests/Fuzz/*.c Tests/Tiles/*.c)

.PHONY: build demo test check example example-plugin format lint lint-swift lint-c lint-templates lint-paths goldens docs fuzz \
        requirements tools templates bench clean

build:
	$(SWIFT) build -c release --scratch-path $(RELEASE_SCRATCH) --product weft

demo: requirements build
	Examples/demo.sh $(WEFT)

test: requirements
	$(SWIFT) test --scratch-path $(SCRATCH)

check: tools lint example test

# The package under Examples/swift-app, as a user of the library would build and test it.
example: requirements
	$(SWIFT) test --package-path Examples/swift-app --scratch-path $(SCRATCH)/swift-app

# The plugin for packaged taggers, which builds all of Weft once more; the tests have a faster way.
example-plugin: requirements
	$(SWIFT) build --scratch-path $(SCRATCH) --product weft
	Examples/checked-in/test.sh $(abspath $(SCRATCH))/debug/weft $(abspath $(SCRATCH))/checked-in

# clang compiles what Weft generates; nothing else is needed.
requirements:
	@Examples/install.sh clang

# What some tests need, which are skipped without it.
tools: requirements
	@Examples/install.sh clang-format cmake python3-pip

format:
	$(SWIFT) format -i -r $(SWIFT_SOURCES)
	clang-format -i $(C_SOURCES)

lint: lint-swift lint-c lint-templates lint-paths

# Nobody formats a generated file by hand; the check of templates compares it byte by byte.
lint-swift:
	find $(SWIFT_SOURCES) -name '*.swift' -not -name '*.generated.swift' -not -path '*/.build/*' -print0 \
	  | xargs -0 $(SWIFT) format lint --strict

lint-c:
	clang-format --dry-run -Werror $(C_SOURCES)

lint-templates:
	@Templates/embed.sh | cmp -s - $(TEMPLATES) && Templates/embed.sh bindings | cmp -s - $(BINDINGS) \
	  || { echo 'what is embedded is not what Templates/ gives: run make templates' >&2; exit 1; }

# Nothing committed may name a folder of the machine that it was written on.
lint-paths:
	@! git grep -nIE '(^|[^A-Za-z0-9_.~/])/(root|work|Users)/' -- . ':!Makefile' \
	  || { echo 'a path of one machine is committed (above)' >&2; exit 1; }

# Embeds Templates/ in the compiler.
templates:
	Templates/embed.sh > $(TEMPLATES).new
	mv $(TEMPLATES).new $(TEMPLATES)
	Templates/embed.sh bindings > $(BINDINGS).new
	mv $(BINDINGS).new $(BINDINGS)

goldens:
	WEFT_RECORD=1 $(SWIFT) test --scratch-path $(SCRATCH) --filter Golden

# The kernels' peer is OpenBLAS.
bench: requirements build
	@Examples/install.sh libopenblas-dev
	Benchmarks/peers/setup.sh
	WEFT=$(abspath $(WEFT)) Benchmarks/peers/.venv/bin/python Benchmarks/suite/bench.py $(BENCH)

# Three targets on two packages.
FUZZ_SECONDS ?= 600
fuzz: requirements
	WEFT_FUZZ_SECONDS=$$(($(FUZZ_SECONDS) / 6)) $(SWIFT) test --scratch-path $(SCRATCH) --filter FuzzTests

docs:
	$(SWIFT) package --scratch-path $(SCRATCH) --allow-writing-to-directory .build/docs \
	  generate-documentation --target Weft --output-path .build/docs

clean:
	rm -rf .build
