# make demo    a desk with live demo customers, nothing else needed
# make test    all tests that can run on this machine
# make check   format, lint, types, import contracts, sizes, documents
# make bench   the budgets, beside public peers where they are installed; takes half an hour and 8 GB
# make documents   write the pages that the code itself tells
# make snapshots   draw the reference screens anew, after looking at what changed
#
# PYTHON chooses the interpreter, VENV the environment; uv is used where it is found.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n auto

.PHONY: demo test check bench documents snapshots format lock clean

demo: $(VENV)/.runtime
	$(BIN)/agent-tui demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -m "not serial" $(PYTEST_ARGS)
	$(BIN)/python -m pytest -m serial -n 0

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 0 tests/house

bench: $(VENV)/.dev
	$(BIN)/python -m bench --million

documents: $(VENV)/.dev
	$(BIN)/python -m scripts.documents

snapshots: $(VENV)/.dev
	$(BIN)/python -m pytest tests/snapshots --snapshot-update -n 0

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements/runtime.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements/dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml
	@scripts/environment $(PYTHON) $(VENV) requirements/runtime.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml
	@scripts/environment $(PYTHON) $(VENV) requirements/dev.txt
	@touch $@ $(VENV)/.runtime
