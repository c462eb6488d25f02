# One word for each task; how it is done is in scripts/.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check soak mutations bench package format types clean

help: ## list these words
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

run: ## build and open the program on its demo (ARGS="…": with these arguments instead)
	@scripts/run $(ARGS)

test: ## run every check and every test, the window's included
	@scripts/test

check: ## run the checks alone: formats, lints, types, dependencies
	@scripts/test lint

soak: ## play random histories that the tests do not, for ten minutes (SECONDS=n: for as long)
	@scripts/soak $(SECONDS)

mutations: ## break the engine on purpose, way by way, and tell how many random histories it takes to notice (ten minutes)
	@scripts/mutations $(COUNT)

bench: ## measure the engine in a release build (ARGS="…" goes to the benchmarks)
	@scripts/bench $(ARGS)

package: ## build a release and pack it as a .deb and an .rpm (ARGS="…" goes to tauri bundle)
	@scripts/package $(ARGS)

format: ## format the sources in place
	@scripts/format

types: ## write the window's TypeScript types from the Rust types
	@scripts/types

clean: ## remove everything that was built or installed into this folder
	rm -rf target ui/dist ui/node_modules tests/conformance/node/node_modules .venv
