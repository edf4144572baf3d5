# One command each. `make` formats, lints, types and tests; everything runs from .venv, which `make setup` builds.
PYTHON ?= python3
BIN := .venv/bin
SEED ?= 20261120

# Where byte code is forbidden, each worker compiles all tests, and each command that a test starts the whole program:
# half of what collecting takes, a third of every start. `make guards` forbids it to itself, since it changes files.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: all setup format lint types fast test test-long gallery postgres15 pages decoders demo deb bench soak guards clean

all: format lint types test

setup:
	$(PYTHON) tools/setup.py

format:
	$(BIN)/ruff format --check .

lint:
	$(BIN)/ruff check .

types:
	$(BIN)/mypy
	$(BIN)/mypy --platform win32

# Whatever starts no process, opens no database and waits for nothing; tests/kits/fast.py chooses.
fast:
	$(BIN)/python -m pytest --fast --timeout 0 -n logical --maxprocesses 4

# A file is one worker's from end to end; those that wait the longest come first (tests/conftest.py).
test:
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
	@$(BIN)/python -m tools.proof stale

# What takes hours: the figures go into docs/proof/. ONLY="crash guards" runs some of them.
test-long:
	$(BIN)/python -m tools.proof run $(ONLY) --seed $(SEED)

# The registry's tests on PostgreSQL 15, which set-up brings beside the embedded one; REGISTRY_TEST_DSN names another.
postgres15:
	$(BIN)/python -m tests.postgres15 $(TESTS)

gallery:
	UPDATE_GOLDENS=1 $(BIN)/python -m pytest tests/edge_agent/render/test_golden.py tests/edge_agent/render/test_before_after.py

# Every page of docs/ that is made from the product, but for the gallery: look at the difference before committing it.
pages:
	UPDATE_DOCS=1 $(BIN)/python -m pytest $$(grep -rl UPDATE_DOCS tests --include='test_*.py')

# What three decoders read of damaged codes: minutes, for symbols that no decoder has seen yet; then the page about it.
decoders:
	$(BIN)/python -m tools.docs.decoders
	UPDATE_DOCS=1 $(BIN)/python -m pytest tests/edge_agent/quality/test_label_quality.py

demo:
	$(BIN)/edge-agent demo --once

# Debian's package in dist/, for the Python and the Debian that build it; dpkg-deb suffices.
deb:
	$(BIN)/python -m tools.deb

bench:
	$(BIN)/python -m bench

soak:
	$(BIN)/python -m pytest tests/promises/crash --crash-kills 500 --crash-seed $(SEED) --timeout 0 -s

guards:
	$(BIN)/python tests/promises/guards/run.py --jobs 2

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache *.egg-info tests/*/node_modules
