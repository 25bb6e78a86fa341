# The usual tasks. `make help` says what there is; all of them may be run again at any time.

JOBS ?= 2
NODE = $(firstword $(wildcard worker/runtime/node_modules/node-linux-*/bin/node) node)

.DEFAULT_GOAL := help
.PHONY: help setup debug release demo dev test chaos failover soak scaling screenshots check bench \
  bench-models clean

help:
	@echo 'make setup  install the Debian and npm packages that are missing'
	@echo 'make demo   copy the Debian package index through Varia, check it, and end'
	@echo 'make dev    the same, left running to be looked at'
	@echo 'make test   build and run all tests: unit, integration, end to end'
	@echo 'make chaos  ten minutes of random faults over a live load, then proof that nothing is lost'
	@echo '            (SECONDS=60 for less, SEED=7 to play the same faults again)'
	@echo 'make soak   ten minutes of mixed API load beside running syncs: no error, steady memory'
	@echo '            (SECONDS=60 for less)'
	@echo 'make failover  measure how long failovers take, print the table of docs/operations.md'
	@echo 'make scaling  measure one, two and four workers, and 100,000 idle variants'
	@echo 'make screenshots  take the pictures of docs/images from the dashboard over the demo'
	@echo 'make check  formatting, house rules, and clang-tidy on changed files'
	@echo 'make bench  measure, print the table, and write build/bench.json'
	@echo 'make bench-models  compare ways to keep records in Redis, write build/models.json'
	@echo 'make clean  remove everything that was built'
	@echo
	@echo 'JOBS=4 make test    builds with 4 processes instead of 2'

setup:
	@deploy/setup.sh

debug release: setup
	cmake --preset $@
	cmake --build --preset $@ -j $(JOBS) --target $(if $(filter release,$@),varia runtime,all)

demo: release
	$(NODE) examples/debian/demo.mjs

dev: release
	$(NODE) examples/debian/dev.mjs

# One ctest run for each build; tests of whole clusters come last and use the release program, which
# also plays ten times as many seeds of the simulation.
test: debug release
	cmake --build --preset release -j $(JOBS) --target simulation_tests
	@status=0; \
	ctest --preset debug -L 'unit|integration' -j $(JOBS) || status=1; \
	ctest --preset release -L 'simulation|e2e|browser|multihost|chaos' -j $(JOBS) || status=1; \
	exit $$status

chaos: SECONDS ?= 600
chaos: release
	$(NODE) tests/chaos/chaos.mjs --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

soak: SECONDS ?= 600
soak: release
	$(NODE) tests/soak/soak.mjs --seconds $(SECONDS)

failover: release
	$(NODE) tests/multihost/inside.mjs --plain tests/chaos/failover_times.mjs

scaling: release
	$(NODE) tests/bench/scaling.mjs

screenshots: release
	$(NODE) tests/browser/screenshots.mjs

check: setup
	@WITH_CHECKS=yes deploy/setup.sh
	cmake --preset debug
	cmake/check.sh build/debug

bench: release
	cmake --build --preset release -j $(JOBS) --target store_bench beast_floor
	$(NODE) tests/bench/bench.mjs

bench-models: setup
	$(NODE) tests/bench/models/models.mjs

clean:
	rm -rf build
