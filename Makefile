# All that is needed is make and Python 3.11 or later; everything else goes into .venv.
VENV := .venv
PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
RUN := $(VENV)/bin/python
# pip compiles what it installs on one processor, and compileall on all.
PIP := $(RUN) -m pip install --quiet --disable-pip-version-check --no-compile
COMPILE := -$(RUN) -W ignore -m compileall -qq -j 0 $(VENV)/lib
# Two processes, and each file in one of them: what a file loads is loaded once.
TESTS := $(RUN) -m pytest -n 2 --dist loadfile
# The long ones wait for the workers and servers they start: a third process fills the time. The
# longest files come first (tests/conftest.py).
LONG_TESTS := $(RUN) -m pytest -n 3 --dist loadfile --no-loadscope-reorder
# Those with a browser run by themselves: it leaves an event loop behind, beside which Django asks
# the database nothing.
QUICK := not browser and not worker and not slow

# pytest keeps each file of tests as it has rewritten it, and saves that half minute next time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-long test-all lint lint-types lint-style hooks audit benchmark benchmark-uploads benchmark-finer-ledger benchmark-commands benchmark-pages benchmark-review benchmark-capital benchmark-scale benchmark-charts benchmark-downloads benchmark-pdf open-data-check benchmark-open-data readers odata-check api-check faults feed-faults load clean

help:  ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile

demo: $(VENV)/installed  ## run the product on this machine (ARGS="--full-year" or ARGS="--pack DIR" for another council)
	$(RUN) manage.py demo $(ARGS)

test: $(VENV)/installed-dev  ## the quick tests
	$(TESTS) -m "$(QUICK)"

test-long: $(VENV)/installed-dev  ## the others, and those that run on both databases
	$(LONG_TESTS) -m "(slow or worker or both) and not browser"
	$(LONG_TESTS) -m browser tests/browser

test-all: test test-long  ## every test, those with a browser and a worker too

lint: lint-types lint-style  ## style, types, imports, words, missing migrations, Django's own checks

lint-types: $(VENV)/installed-dev
	$(RUN) -m mypy

lint-style: $(VENV)/installed-dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) .ci/lint_imports.py
	$(RUN) .ci/lint_words.py
	$(RUN) manage.py makemigrations --check --dry-run
	$(RUN) manage.py check

hooks: $(VENV)/installed-dev  ## check style and types before each commit (.pre-commit-config.yaml)
	$(RUN) -m pre_commit install

audit: $(VENV)/installed-dev  ## known faults of the packages it is made of (needs the internet)
	$(RUN) -m pip_audit --strict --requirement requirements.txt

benchmark: $(VENV)/installed  ## seconds and memory of an upload beside their floor (DATABASE_URL for PostgreSQL)
	$(RUN) -m benchmarks.upload $(ARGS)

benchmark-uploads: $(VENV)/installed  ## processor seconds of uploads by this build, by an earlier one (ARGS="--before COMMIT") and the floor
	$(RUN) -m benchmarks.uploads_beside $(ARGS)

benchmark-finer-ledger: $(VENV)/installed  ## seconds of 1,000,000 rows added up to 100,000 lines
	$(RUN) -m benchmarks.finer_ledger

benchmark-commands: $(VENV)/installed  ## seconds of upload and statement as whole processes, beside an earlier build and LibreOffice
	$(RUN) -m benchmarks.commands $(ARGS)

benchmark-scale: $(VENV)/installed  ## pages and uploads with ten years of 3,000,000 positions beside one, back-up and restore beside PostgreSQL's own (needs its server's programs)
	$(RUN) -m benchmarks.scale $(ARGS)

benchmark-pages: $(VENV)/installed  ## milliseconds of the month's pages with few lines and with many
	$(RUN) -m benchmarks.pages

benchmark-review: $(VENV)/installed  ## milliseconds of the review, the grid and other pages of 100,000 lines, beside an earlier build
	$(RUN) -m benchmarks.review_pages $(ARGS)

benchmark-capital: $(VENV)/installed  ## milliseconds of the capital programme's pages with 50 schemes and with 5,000
	$(RUN) -m benchmarks.capital_pages

benchmark-charts: $(VENV)/installed-dev  ## what a page of charts loads before it can be used, beside an earlier build (needs Chromium)
	$(RUN) -m benchmarks.charts $(ARGS)

benchmark-downloads: $(VENV)/installed  ## seconds of a report's downloads beside their floor
	$(RUN) -m benchmarks.downloads

benchmark-pdf: $(VENV)/installed  ## processor seconds of a whole report as PDF, by this build and by an earlier one
	$(RUN) -m benchmarks.report_pdf $(ARGS)

open-data-check: $(VENV)/installed  ## validate open data of both councils, and add it up by three programs (needs the internet)
	$(RUN) -m benchmarks.open_data

benchmark-open-data: $(VENV)/installed  ## seconds and memory of a table of 1,000,000 rows
	$(RUN) -m benchmarks.open_data_rows $(ARGS)

readers: $(VENV)/installed  ## open every download by six programs and count what they find (docs/downloads.md; needs npm)
	$(RUN) -m benchmarks.readers

odata-check: $(VENV)/installed  ## read everything by two OData clients and compare it with the statements (needs npm)
	$(RUN) -m benchmarks.odata_clients

# In a place of its own: it needs other releases of packages that the tests pin.
API_CHECK := $(VENV)/api-check

$(API_CHECK)/installed: Makefile $(VENV)/bin/pip
	$(RUN) -m venv $(API_CHECK)
	$(API_CHECK)/bin/python -m pip install --quiet --disable-pip-version-check schemathesis==4.32.5
	@touch $@

api-check: $(VENV)/installed $(API_CHECK)/installed  ## ask the API as each role by its OpenAPI document (docs/data-for-programs.md)
	$(RUN) -m benchmarks.api_check --schemathesis $(CURDIR)/$(API_CHECK)/bin/schemathesis $(ARGS)

faults: $(VENV)/installed  ## break a site at random moments and prove that nothing is lost (docs/faults-and-load.md)
	$(RUN) -m benchmarks.faults $(ARGS)

feed-faults: $(VENV)/installed  ## kill what takes the ledger's files, fill its disks, and count what is lost or doubled
	$(RUN) -m benchmarks.feed_faults $(ARGS)

load: $(VENV)/installed  ## how long 60 people wait while a large ledger is stored (docs/faults-and-load.md)
	$(RUN) -m benchmarks.load $(ARGS)

clean:  ## remove .venv and caches (the data stay)
	rm -rf $(VENV) staticfiles .pytest_cache .ruff_cache .mypy_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/pip:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed, and none was found." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; $(PYTHON) is older." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt $(VENV)/bin/pip
	$(PIP) -r requirements.txt
	$(COMPILE)
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt requirements.txt $(VENV)/bin/pip
	$(PIP) -r requirements-dev.txt
	$(COMPILE)
	@touch $@ $(VENV)/installed
