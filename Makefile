PYTHON ?= python3

.PHONY: check lint types test slow browser picture fix bench gate data families family-gate family-scale passages calibrate

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

# Wants Chromium, the extra "browser", and npm ci --prefix tests/browser; what is missing is said.
browser:
	$(PYTHON) -m pytest -q -m browser tests/browser

# Rewrites docs/*.png; wants what make browser wants, less npm.
picture:
	$(PYTHON) -m docs.picture

fix:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench:
	$(PYTHON) -m benchmarks.startup
	$(PYTHON) -m benchmarks.sketching
	$(PYTHON) -m benchmarks.speed --only dupdetect

gate:
	$(PYTHON) -m benchmarks.gate

# What follows wants the folder of labelled collections: make families DATA=FOLDER
data:
	@test -n "$(DATA)" || { echo "DATA is empty; give the folder of labelled collections: make families DATA=FOLDER" >&2; exit 2; }

families: data
	$(PYTHON) -m benchmarks.families --data "$(DATA)"

family-gate: data
	$(PYTHON) -m benchmarks.family_gate --data "$(DATA)"

family-scale: data
	$(PYTHON) -m benchmarks.family_scale --data "$(DATA)" --detect

passages: data
	$(PYTHON) -m benchmarks.passages --data "$(DATA)"

# Rewrites dupdetect/match/null.json.
calibrate: data
	$(PYTHON) -m benchmarks.calibrate --data "$(DATA)"
