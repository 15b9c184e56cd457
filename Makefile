# make demo, make test, make check: each sets up all it needs in .venv, and says what it does.
# Needs Python 3.11 or newer, git and make. Another Python: make PYTHON=python3.12 test

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; exit; }; done)
BIN := .venv/bin

.PHONY: demo test check clean needs
.DELETE_ON_ERROR:

demo: .venv/core
	@echo "== The demonstration: tracker demo"
	@$(BIN)/tracker demo

test: .venv/dev | .venv/axe
	@echo "== The tests: pytest, on all processors"
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal

check: .venv/dev
	@echo "== The style: ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "== The types: mypy"
	@$(BIN)/mypy

.venv/core: pyproject.toml | needs
	@echo "== Setting up .venv with tracker and what it stands on (once, about a minute)"
	@$(PYTHON) -m venv .venv || { echo "make: Python's venv is missing. On Debian or Ubuntu: apt install python3-venv" >&2; rm -rf .venv; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[serve]'
	@touch $@

.venv/dev: pyproject.toml .venv/core | needs
	@echo "== Adding what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# What looks at pages as people with disabilities meet them: not needed, the tests that want it are skipped without.
.venv/axe: | .venv/core
	@command -v npm >/dev/null || { echo "== No npm: accessibility is not checked with axe-core"; exit 0; }; \
	echo "== Adding axe-core for the tests of accessibility"; \
	npm install --silent --no-audit --no-fund --prefix $@ axe-core@4 || { echo "== axe-core could not be had: its tests are skipped"; rm -rf $@; }

needs:
	@[ -n "$(PYTHON)" ] || { echo "make: Python 3.11 or newer is missing. On Debian or Ubuntu: apt install python3 python3-venv" >&2; exit 1; }
	@command -v git >/dev/null || { echo "make: git is missing. On Debian or Ubuntu: apt install git" >&2; exit 1; }

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
