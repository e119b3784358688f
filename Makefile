# `make demo` and `make test` need Python 3.11+ and make, nothing else: each builds .venv when it is missing.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= auto
SOAKED := tests/core/test_text.py tests/render tests/transfer/test_fuzz.py tests/tui/test_hostile.py tests/tui/test_frame.py \
	tests/commands/test_fuzz.py tests/commands/test_hostile.py tests/commands/test_injection.py tests/commands/test_every_list.py \
	tests/faults

.DEFAULT_GOAL := help
.PHONY: help demo test soak check format catalog reference bench clean

help: ## show these lines
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*## /\t/' | expand -t 12

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $(STAMP)

demo: $(STAMP) ## a demo workspace, and the three answers
	$(BIN)/sfactl demo

test: $(STAMP) ## the whole test suite, on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS)

soak: $(STAMP) ## the tests of random cases, a hundred times as many (case 49, 50, 61, 84, 85, 103 of docs/security-cases.md)
	SFACTL_SOAK=1 $(BIN)/python -m pytest --timeout 0 -n $(WORKERS) $(SOAKED)

check: $(STAMP) ## lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## put the code in its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

catalog: $(STAMP) ## collect new messages into the Spanish catalogue and compile it
	$(BIN)/pybabel -q extract --no-location --sort-output -k _ -k N_ -k ngettext:1,2 -k pgettext:1c,2 -o $(VENV)/sfactl.pot sfactl
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete -D sfactl -l es -d sfactl/i18n/locale -i $(VENV)/sfactl.pot
	$(BIN)/pybabel -q compile -D sfactl -d sfactl/i18n/locale

reference: $(STAMP) ## write docs/commands.md from the program
	$(BIN)/python docs/reference.py

bench: $(STAMP) ## the figures of docs/performance.md
	$(BIN)/python -m benchmarks

clean: ## remove what was built
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
