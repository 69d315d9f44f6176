# What a newcomer needs to type. Each target installs what it needs into .venv; `make help` lists them.
# PYTHON=... chooses the interpreter, ARGS=... goes to the program a target runs.

SHELL := /bin/bash
BIN := .venv/bin
CODE := $(wildcard src tests benchmarks tools)

.DEFAULT_GOAL := help
.PHONY: help demo test coverage check fuzz bench lock docs clean run-env dev-env

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

demo: run-env ## a streamed conversation through the gateway, against the simulator
	@$(BIN)/jumpseat demo $(ARGS)

test: dev-env ## every test; ARGS="-k words" for some
	@tools/bootstrap.sh node
	@tools/bootstrap.sh browser
	@$(BIN)/python -m pytest -n logical --dist worksteal $(ARGS)

coverage: dev-env ## whether the pure modules' own tests take every branch of theirs
	@$(BIN)/python -m tools.purecoverage

check: dev-env ## format, lint, types, import contracts, shape, generated pages, locks
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy --strict $(CODE)
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/python -m tools.shape
	@$(BIN)/python -m tools.gendocs --check
	@$(BIN)/python -m tools.lock check
	@$(BIN)/python -m tools.addresses

fuzz: dev-env ## a fuzzer on the readers of recordings, for 60 seconds or ARGS=SECONDS
	@tools/bootstrap.sh fuzz
	@$(BIN)/python -m tools.fuzz $(ARGS)

bench: dev-env ## measure the gateway; writes benchmarks/results/
	@$(BIN)/python -m benchmarks $(ARGS)

lock: ## write the lock files anew from pyproject.toml; ARGS=--upgrade takes newer versions
	@tools/bootstrap.sh lock
	@$(BIN)/python -m tools.lock write $(ARGS)

docs: dev-env ## write the generated pages
	@$(BIN)/python -m tools.gendocs

clean: ## remove what make made
	rm -rf .venv .fuzz .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage build dist
	rm -rf tests/journeys/node/node_modules
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

run-env:
	@tools/bootstrap.sh run

dev-env:
	@tools/bootstrap.sh dev
