# Everything a person or a CI machine does here starts with make; `make` alone
# lists it. Each target does what it needs first.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-builtin-rules --warn-undefined-variables
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

LINT     := v2.15.0
S3SERVER := v1.8.0
FUZZTIME ?= 10m
SEED     ?= 1
FAULTS   ?= 20
# What to measure and how often; nothing: all of it.
BENCH    ?=
ROUNDS   ?= 3

# The same flags everywhere, or the C++ of gocv is compiled once for each.
export GOFLAGS := $(strip $(shell go env GOFLAGS 2>/dev/null) -trimpath \
	-ldflags=-extldflags=-Wl,--gc-sections,--no-export-dynamic)
# Only libraries that something calls are linked: without this, gocv and go-astiav
# load 330 of them instead of 148, 65 MB and 0.25 s of every start (decision 7). Debian's
# usual linker does not see that what calls them was itself left out.
export CGO_LDFLAGS := -fuse-ld=lld -Wl,--as-needed
# Test programs run elsewhere than beside share/.
export DYADE_SHARE ?= $(CURDIR)/share/dyade

SAMPLE_FILM := build/sample/seed-$(SEED)/sample.mp4
# The samples whose figures the tests check.
TEST_FILMS := $(foreach seed,1 2 3,build/sample/seed-$(seed)/sample.mp4)
# How many samples are checked at length.
SAMPLES ?= 10
THOROUGH_FILMS := $(foreach seed,$(shell seq $(SAMPLES)),build/sample/seed-$(seed)/sample.mp4)
# Files that a program is made of, without its tests.
sources = $(filter-out %_test.go,$(wildcard $(addsuffix /*.*,$(1))))

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: bin/setup ## Install what is missing: Debian packages, models, sample material, Go modules
	@bin/setup

bin/setup: go.mod $(call sources,internal/setup internal/setup/cmd models/manifest internal/setup/ge2e internal/setup/onnx internal/setup/pyannet)
	@command -v go >/dev/null || { echo 'Go is not in the path: install Go 1.26 or newer, then run `make setup` again.' >&2; exit 1; }
	@CGO_ENABLED=0 go build -o $@ ./internal/setup/cmd
	@touch $@

UI := annotate/web/ui

.PHONY: page
page: setup $(UI)/dist/.built ## Check and bundle the page (TypeScript in annotate/web/ui)

# What it is built of by others, at the versions and sums of package-lock.json.
$(UI)/node_modules/.package-lock.json: $(UI)/package.json $(UI)/package-lock.json | setup
	@echo 'page: installing what it is built with'
	@cd $(UI) && npm ci --ignore-scripts --no-audit --no-fund --silent || \
		{ echo 'Installing what the page is built with failed: check the network, then run `make page` again.' >&2; exit 1; }
	@touch $@

$(UI)/dist/.built: $(UI)/node_modules/.package-lock.json $(wildcard $(UI)/*.mjs $(UI)/tsconfig.json) $(shell find $(UI)/src -type f 2>/dev/null)
	@cd $(UI) && node_modules/.bin/tsc && node build.mjs
	@touch $@

.PHONY: build
build: page ## Build bin/dyade and bin/dyade-sample
	@go build -o bin/ ./cmd/dyade ./cmd/dyade-sample

.PHONY: sample
sample: $(SAMPLE_FILM) ## Make the sample recording in build/sample (SEED=1)

# Made aside and renamed: a killed run leaves no half of a sample.
build/sample/seed-%/sample.mp4: $(call sources,internal/sample cmd/dyade-sample) | build
	@rm -rf build/sample/.seed-$* build/sample/seed-$*
	@mkdir -p build/sample
	@bin/dyade-sample --seed $* --out build/sample/.seed-$*
	@mv build/sample/.seed-$* build/sample/seed-$*
	@touch $@

.PHONY: measure
measure: build/measure/tuning/.made build/measure/test/.made ## Make the recordings that figures are measured on, in build/measure

# A run that was stopped goes on with the takes that are missing; a maker that has
# changed makes all anew.
build/measure/%/.made: build/measure/.%-maker
	@bin/dyade-sample set --split $* --out $(@D)
	@touch $@

build/measure/.%-maker: $(call sources,internal/sample cmd/dyade-sample) | build
	@rm -rf build/measure/$*
	@mkdir -p build/measure
	@touch $@

.PRECIOUS: build/measure/.%-maker

.PHONY: demo
demo: build sample ## Analyse the sample recording and show its moments
	@bin/dyade analyze $(SAMPLE_FILM) --out build/demo
	@echo
	@echo 'Choisir, montrer / choose, show:  bin/dyade open $(SAMPLE_FILM)'

.PHONY: test
test: build bin/versitygw $(TEST_FILMS) ## Run all tests, the race detector, and each fuzz target for a moment
	@# Tests talk to Chromium over the loopback, which is down in a new network
	@# namespace (unshare -n); elsewhere this changes nothing.
	@ip link set lo up 2>/dev/null || true
	@cd $(UI) && node test.mjs
	go test -timeout 40m ./...
	@# gocv built with this tag counts open matrices: the tests fail on any.
	go test -timeout 10m -tags matprofile ./pipeline/vision
	go test -timeout 20m -race $$($(pure))
	@$(MAKE) --no-print-directory fuzz FUZZTIME=5s FILMTIME=20s

# The S3 server that the tests start: compiled here, from source, at one version; the
# note is written last.
bin/versitygw: bin/.versitygw-$(S3SERVER) ;

bin/.versitygw-$(S3SERVER):
	@echo 'versitygw: building $(S3SERVER) (a minute)'
	@GOBIN=$(CURDIR)/bin CGO_ENABLED=0 go install github.com/versity/versitygw/cmd/versitygw@$(S3SERVER) || \
		{ echo 'Building versitygw $(S3SERVER) failed: check the network, then run `make test` again.' >&2; exit 1; }
	@rm -f bin/.versitygw-*
	@touch $@

# The packages that lead to no C library: the race detector cannot see into C,
# and is slow around it.
pure = go list -f '{{.ImportPath}} {{join .Deps " "}}' ./... | grep -vE 'go-astiav|gocv|onnxruntime_go' | cut -d ' ' -f 1

# What reads films gets longer where others get little.
FILMTIME ?= $(FUZZTIME)

.PHONY: fuzz
fuzz: page ## Run each fuzz target for FUZZTIME (10m), those that read films for FILMTIME
	@grep -rnoE '^func Fuzz[A-Za-z0-9_]+' --include='*_test.go' --exclude-dir={bin,build,share} . | sort | \
	while IFS=: read -r file _ func; do \
		case $$file in ./pipeline/decode/*) time=$(FILMTIME);; *) time=$(FUZZTIME);; esac; \
		scripts/fuzz "$$(dirname "$$file")" "$${func#func }" "$$time"; \
	done

# Where real recordings with labels may lie besides: DYADE_FOOTAGE/labels.
DYADE_FOOTAGE ?=

.PHONY: eval
eval: build build/measure/test/.made ## Measure what is found on the measuring set: docs/quality.md (15 minutes on 2 cores)
	@bin/dyade eval --labels build/measure/test $(if $(DYADE_FOOTAGE),--labels $(DYADE_FOOTAGE)/labels) \
		--as-shipped --shortcuts far-101 --workers 2 --report docs/quality.md --lang en

# What is made, and seen by all; or films of yours, whose sheet stays in build.
FILMS ?=
HEADS = $(wildcard build/measure/test/plain-*.mp4 build/measure/test/far-*.mp4 build/measure/test/dark-*.mp4)

.PHONY: heads
heads: build $(if $(FILMS),,build/measure/test/.made) ## Draw the heads found in films (FILMS="a.mp4 b.mp4") by how they are turned, to check by eye
	@go run ./internal/heads/cmd -out $(if $(FILMS),build/heads.jpg $(FILMS),docs/images/heads.jpg $(HEADS))

.PHONY: thorough
thorough: build $(THOROUGH_FILMS) ## Check on many samples what an analysis loses for being fast (SAMPLES=10)
	DYADE_THOROUGH=$(SAMPLES) go test -timeout 50m -count 1 -v -run ShortcutsKeepFacesAndMoments ./pipeline/eval

.PHONY: storm
storm: build $(TEST_FILMS) ## Kill, pause, starve and confuse all that takes part in the work (FAULTS=20, SEED=1)
	@go build -tags storm -o build/storm/dyade ./cmd/dyade
	@go build -o build/storm/storm ./internal/storm/cmd
	@build/storm/storm -faults $(FAULTS) -seed $(SEED) -program $(CURDIR)/build/storm/dyade -dir $(CURDIR)/build/storm/disk \
		$(addprefix $(CURDIR)/,$(TEST_FILMS))

.PHONY: guide
guide: build $(SAMPLE_FILM) ## Walk the practitioner's path, and take the pictures of docs/guide on it
	@ip link set lo up 2>/dev/null || true
	go test -count 1 -v -run ThePractitionersPath ./cmd/dyade
	@cp -r build/screenshots/guide/. docs/guide/images/

# How long a monkey is at the page.
MONKEYTIME ?= 30m

.PHONY: monkey
monkey: build $(SAMPLE_FILM) ## Have the page pressed at random for MONKEYTIME (30m, SEED=1)
	DYADE_MONKEY=$(MONKEYTIME) SEED=$(SEED) go test -timeout 2h -count 1 -v -run AMonkey ./cmd/dyade

# How long, in seconds, the API is asked.
APITIME ?= 60

.PHONY: api
api: build sample build/schemathesis ## Ask the API for all that its description has, rightly and wrongly (APITIME=60, SEED=1)
	@ip link set lo up 2>/dev/null || true
	@scripts/api/try $(CURDIR)/$(SAMPLE_FILM) $(APITIME) $(SEED)

build/schemathesis: scripts/api/requirements.txt
	@echo 'installing Schemathesis'
	@rm -rf build/.schemathesis build/schemathesis
	@mkdir -p build
	@/usr/bin/python3 -m pip install --quiet --disable-pip-version-check \
		--no-deps --only-binary=:all: --require-hashes --target build/.schemathesis -r $<
	@mv build/.schemathesis $@
	@touch $@

.PHONY: lint
lint: page bin/.golangci-lint-$(LINT) ## Run the linters
	@bin/golangci-lint run ./...

# Compiled here, from source, at one version; the note is written last.
bin/.golangci-lint-$(LINT):
	@echo 'golangci-lint: building $(LINT) (some minutes)'
	@GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT) || \
		{ echo 'Building golangci-lint $(LINT) failed: check the network, then run `make lint` again.' >&2; exit 1; }
	@rm -f bin/.golangci-lint-*
	@touch $@

.PHONY: bench
bench: build sample build/peers ## Measure beside other programs: docs/performance.md (BENCH="p60 b60": some of it)
	@go run ./internal/bench/cmd -rounds $(ROUNDS) $(BENCH)

# Without them the page says that they are missing.
build/peers: internal/bench/peers.txt
	@echo 'installing the programs to measure beside'
	@rm -rf build/.peers build/peers
	@mkdir -p build
	@/usr/bin/python3 -m pip install --quiet --disable-pip-version-check \
		--no-deps --only-binary=:all: --require-hashes --target build/.peers -r $< && \
		mv build/.peers $@ && touch $@ || \
		echo 'Installing them failed: check the network, then run `make bench` again.' >&2

.PHONY: fresh
fresh: ## Run demo and test in a new Debian 12 system, then again without network (as root)
	@scripts/fresh

.PHONY: deb
deb: page ## Build the Debian package, build/deb/dyade_*.deb
	@scripts/deb

.PHONY: trydeb
trydeb: deb sample ## Install, use and remove the package in new Debian 12 systems (as root)
	@scripts/try-deb

.PHONY: package
package: deb sample ## Build the package and try it in a bare system, as CI does (as root)
	@scripts/try-deb bare

.PHONY: image
image: deb ## Make the root of the container image, build/docker/root.tar (as root)
	@scripts/image

.PHONY: tryimage
tryimage: image sample ## Run the image's root as docker/compose.yaml does, without Docker (as root)
	@scripts/try-image

.PHONY: clean
clean: ## Remove what was built and made (what set-up installed stays)
	@rm -rf bin build
