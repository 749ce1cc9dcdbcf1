PYTHON ?= python3

.PHONY: check lint types test slow fix bench gate

check: lint types test

lint:
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .

types:
	$(PYTHON) -m mypy --strict dupdetect

test:
	$(PYTHON) -m pytest -q --numprocesses auto --dist worksteal

slow:
	$(PYTHON) -m pytest -q -m slow

fix:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench:
	$(PYTHON) -m benchmarks.startup
	$(PYTHON) -m benchmarks.sketching
	$(PYTHON) -m benchmarks.speed --only dupdetect

gate:
	$(PYTHON) -m benchmarks.gate
