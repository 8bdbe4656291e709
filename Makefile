# Every chore of the project. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROCESSES ?= 3
MEMBERS := -e ./core -e ./api -e ./worker -e './plugins/royalroad[lookalike]' -e './plugins/ao3[lookalike]' \
  -e './plugins/wordpress[lookalike]' -e './plugins/xenforo[lookalike]' \
  -e ./plugins/royalroad/lookalike -e ./plugins/ao3/lookalike -e ./plugins/wordpress/lookalike -e ./plugins/xenforo/lookalike
CODE := core api worker plugins tests bench tools docs conftest.py

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-kit test-growth test-system test-browser test-oldest chaos check fix bench clean

help: ## list the chores
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## create .venv with everything the project needs

$(VENV)/.ready: pyproject.toml constraints.txt $(wildcard */pyproject.toml plugins/*/pyproject.toml plugins/*/lookalike/pyproject.toml)
	@echo "Installing into $(VENV): half a minute with uv, some minutes with pip."
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python -c constraints.txt $(MEMBERS) --group dev; \
	else \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --upgrade -c constraints.txt pip && \
	  $(BIN)/python -m pip install --quiet -c constraints.txt $(MEMBERS) --group dev; \
	fi
	@touch $@
	@echo "Ready: $(BIN)/novel --help"

demo: setup ## ingest a fiction from the bundled look-alike site, end to end
	@$(BIN)/python tools/demo.py

test: setup ## the whole test suite, against real servers; tells the 30 slowest tests; PROCESSES=2 runs two at once
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist worksteal -m "not system and not growth and not kit" --durations=30

test-kit: setup ## the author kit: projects made by `novel new`, the tutorial, the contract suites with planted faults
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist worksteal -m kit --durations=10

test-growth: setup ## every pattern and every parser over long hostile texts: nothing costs the square of a page
	@$(BIN)/python -m pytest -n 2 -m growth

test-system: setup ## the tests that need programs of the system (systemd, curl, PgBouncer); installs them on Debian
	@bash tools/system_package.sh systemd-analyze systemd
	@bash tools/system_package.sh curl curl
	@PATH=$$PATH:/usr/sbin bash tools/system_package.sh pgbouncer pgbouncer
	@$(BIN)/python -m pytest -m system

test-browser: setup ## the web page in Debian's Chromium; NOVEL_SCREENSHOTS names another folder for its pictures; installs it on Debian
	@bash tools/system_package.sh chromium chromium fonts-liberation fonts-urw-base35
	@$(BIN)/python -m pytest tests/browser

test-oldest: setup ## the queue's tests with the oldest RQ that is supported
	@if command -v uv >/dev/null 2>&1; then pip="uv pip install --python $(BIN)/python"; 	else pip="$(BIN)/python -m pip install"; fi; 	$$pip --quiet --upgrade --no-deps --target .oldest rq==2.12.0
	@PYTHONPATH=.oldest $(BIN)/python -c 'import rq; assert rq.VERSION == "2.12.0", rq.VERSION'
	@PYTHONPATH=$(CURDIR)/.oldest $(BIN)/python -m pytest -n 2 tests/test_worker_jobs.py tests/deploy/test_stock_rq_worker.py

chaos: setup ## the long chaos run: 1,000 jobs under every misfortune, and through PgBouncer; CHAOS_JOBS and CHAOS_SEED choose another
	@PATH=$$PATH:/usr/sbin bash tools/system_package.sh pgbouncer pgbouncer
	@CHAOS_JOBS=$${CHAOS_JOBS:-1000} $(BIN)/python -m pytest tests/chaos -s

check: setup ## format, lint, types, import rules, dead code, docs and their examples: changes nothing
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture || { echo 'Remove the dead code above, or name what a framework calls in [tool.vulture] of pyproject.toml.'; exit 1; }
	$(BIN)/python tools/check_docs.py
	$(BIN)/python -m pytest -q core/tests/test_docstrings.py

fix: setup ## format, fix lint findings, regenerate docs/configuration.md and docs/plugins/reference.md
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/python tools/settings_page.py
	$(BIN)/python tools/reference_page.py

bench: setup ## print every claim about speed and memory as a ratio
	@for script in ingest page_cost memory update startup registry submit job pace many_sites fair library export content families; do $(BIN)/python bench/$$script.py || exit 1; done

clean: ## remove what the chores created in this folder
	rm -rf $(VENV) .oldest .mypy_cache .ruff_cache .import_linter_cache
