# Set-up, and one line for each thing to do. Everything lands in .venv/; a second run installs nothing.
#
#   make lab [ARGS=--no-browser]   JupyterLab on your own copies of the notebooks, in work/
#   make demo                      a sample class handed in, graded, and written feedback on, in demo/
#   make test                      ruff, then every test
#   make bench                     the measurements in bench/
#   make build, make release       the notebooks from their text; what students get
#   make clean                     remove .venv/, demo/ and caches, never work/
#
# PYTHON: which Python to use (3.11 to 3.13). PIP_ARGS: more options for pip, as for PyTorch's CPU build (README.md).

PYTHON ?= python3
PIP_ARGS ?=
ARGS ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip
INSTALLED := .venv/installed.stamp
FETCHED := .venv/fetched.stamp

.PHONY: setup lab demo test bench build release clean

setup: $(FETCHED)

lab: setup
	@$(BIN)/course lab $(ARGS)

demo: setup
	@$(BIN)/course demo

test: setup
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

bench: setup
	@set -e; for file in $(wildcard bench/*.py); do echo "$$file"; $(BIN)/python "$$file" $(ARGS); done

build: setup
	@$(BIN)/course build

release: setup
	@$(BIN)/course release

clean:
	rm -rf .venv demo build .ruff_cache *.egg-info

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || \
	  { echo "The course needs Python 3.11 to 3.13, which \`$(PYTHON)\` is not: run make with PYTHON=python3.12, say." >&2; exit 1; }
	@$(PIP) --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || \
	  { echo "No virtual environment could be made: on Debian or Ubuntu, run \`sudo apt install python3-venv\`, then make again." >&2; exit 1; }
	$(PIP) install $(PIP_ARGS) -c constraints.txt -e '.[grading,dev]'
	@touch $@

# The data, so that nothing after set-up needs a network.
$(FETCHED): $(INSTALLED)
	@$(BIN)/course fetch
	@touch $@
