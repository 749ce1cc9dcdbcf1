PYTHON ?= python3

.PHONY: check lint types test fix bench

check: lint types test

lint:
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .

types:
	$(PYTHON) -m mypy --strict dupdetect

test:
	$(PYTHON) -m pytest -q

fix:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench:
	$(PYTHON) -m benchmarks.startup
	$(PYTHON) -m benchmarks.sketching
