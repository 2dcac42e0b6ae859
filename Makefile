# `make demo` and `make test` do all their own set-up: a virtual environment in .venv with what
# constraints.txt pins, for `make demo` only what running needs. Nothing outside this folder is
# touched.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUN    := $(VENV)/.installed-to-run
TEST   := $(VENV)/.installed-to-test
FUZZ_SECONDS ?= 60  # for each target
TESTS  ?=  # all; or a selection of make test, test-oldest, test-newest: make test TESTS=tests/works
# two workers, one thread each
PYTEST := -m pytest -q -n 2 --dist worksteal $(TESTS)

# Python may be set up here to keep no bytecode: each process would compile ESPR again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test test-oldest test-newest lint soak bench growth fuzz shell-files docs dist release clean

demo: $(RUN)
	$(BIN)/espr demo --html demo.html

test: lint
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python $(PYTEST)

# The ends of the ranges in pyproject.toml, each in an environment of its own below build/.
test-oldest: build/oldest/.installed
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 build/oldest/bin/python $(PYTEST)

test-newest: build/newest/.installed
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 build/newest/bin/python $(PYTEST)

lint: $(TEST)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --num-workers 2
	$(BIN)/lint-imports --no-logo --no-cache

# Half an hour: the library's accidents, many times over, and twelve hours of music.
soak: $(TEST)
	ESPR_FLIPS=6000 $(BIN)/python -m pytest -q tests/catalog/test_flipped_bytes.py tests/maintenance/test_check.py
	ESPR_SEEDS=5 ESPR_RECORDINGS=50 $(BIN)/python -m pytest -q tests/demo/test_takes.py tests/audio/midlevel/test_onnx.py
	ESPR_CHANGES=1000 $(BIN)/python -m pytest -q tests/catalog/test_affected_recordings.py
	ESPR_SOAK=1 $(BIN)/python -m pytest -q -s tests/indexing/test_hostile_files.py -k twelve_hours
	$(BIN)/python -m tests.soak_kills 200 300

# Half an hour, and 6 GB in TMPDIR: most of it for a library of a million recordings.
bench: $(TEST)
	@$(BIN)/python -m tests.bench

growth: $(TEST)
	@$(BIN)/python -m tests.bench growth $(COUNTS) --vectors $(VECTORS)

# atheris has wheels for Linux; without it the other engine has all of the time
fuzz: $(TEST)
	@$(BIN)/python -m pip install -q -c constraints.txt -e ".[fuzz]" || true
	@$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

shell-files: $(TEST)
	$(BIN)/python -m espr.cli.manual

# The site, in build/site; a warning is an error.
docs: $(TEST)
	@$(BIN)/python -m pip install -q -c constraints.txt -e ".[docs]"
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict --config-file .mkdocs.yml

# Source and wheel, in dist/.
dist: $(TEST)
	@$(BIN)/python -m pip install -q -c constraints.txt -e ".[release]"
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl

# What a release is: checks, packages, a tag. It only says what it would do; make release GO=1 tags.
release: dist docs
	PATH="$(CURDIR)/$(BIN):$$PATH" bash .ci/release $(GO)

# torch comes first, as a CPU build: from a folder that pip knows of (PIP_FIND_LINKS), else from
# PyTorch's CPU index. Any other request fetches gigabytes of CUDA on Linux. pip would compile all
# (for what runs, 73 s of CPU in place of 26); what is imported is compiled then, a first time here.
TORCH := $(shell sed -n 's/^torch==/torch==/p' constraints.txt)
$(RUN): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "ESPR needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "python3 -m venv failed; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV); this takes a minute or two, once" >&2
	@$(BIN)/python -m pip install -q --no-compile --no-index --no-deps $(TORCH) 2>/dev/null || \
	  $(BIN)/python -m pip install -q --no-compile --no-deps --index-url https://download.pytorch.org/whl/cpu $(TORCH)
	@$(BIN)/python -m pip install -q --no-compile -c constraints.txt -e .
	@$(BIN)/python -c 'import av, faiss, jinja2, onnxruntime, scipy.signal, soundfile, tinytag'
	@touch $@

$(TEST): $(RUN)
	@echo "Adding what tests and training need" >&2
	@$(BIN)/python -m pip install -q --no-compile -c constraints.txt -e ".[test,train,lint]"
	@touch $@

build/oldest.txt: pyproject.toml tests/oldest_versions.py
	@mkdir -p build
	$(PYTHON) tests/oldest_versions.py > $@

build/newest.txt:
	@mkdir -p build && touch $@

build/%/.installed: build/%.txt pyproject.toml
	$(PYTHON) -m venv build/$*
	@build/$*/bin/python -m pip install -q --no-compile --no-deps --index-url https://download.pytorch.org/whl/cpu \
	  "$$(sed -n '/^torch==/p' $< | grep . || echo torch)" 2>/dev/null || echo "No CPU build of PyTorch; another one follows" >&2
	@build/$*/bin/python -m pip install -q --no-compile -c $< -e ".[test]"
	@touch $@

clean:
	rm -rf demo.html build dist $(VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache
