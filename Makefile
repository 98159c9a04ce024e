# Everything a person or CI runs. Needs Python 3.11+, make and the package index.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FEEDS ?= feeds
# One more than cores: a sixth of a test's time is spent waiting for other processes. Each takes about 1 GB, so six at most.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
WORKERS ?= $(shell echo $$(($(CORES) < 6 ? $(CORES) + 1 : 6)))
STAMP := $(VENV)/.installed
SPARK := .venv-spark
AUDIT := .venv-audit
BENCH := .venv-bench
READERS := .venv-readers
# The tests on Spark need Java and Maven; where these are missing, the tests say so in one line.
SPARK_WHERE_IT_RUNS := $(if $(and $(shell command -v java),$(shell command -v mvn)),spark)

INSTALL := -m pip install --quiet --disable-pip-version-check
# $(call environment,FOLDER,WHAT,OPTIONS): an environment with the packages of requirements/WHAT.txt, by a newer pip than
# Python 3.11 brings, which takes a third less. With --no-compile a module is compiled when it is first imported: for the
# environments of which most is never imported.
define environment
@test -x $(1)/bin/python || $(PYTHON) -m venv $(1)
@echo "installing the packages of requirements/$(2).txt into $(1) ..."
@$(1)/bin/python $(INSTALL) --require-hashes -r requirements/pip.txt
@$(1)/bin/python $(INSTALL) $(3) --require-hashes -r requirements/$(2).txt
endef

# Of every file in the wheel: its bytes follow from its content alone, so that a deployment changes with it alone.
WHEEL_EPOCH := 1767225600

.PHONY: help setup demo up test invariants check unit mutants fuzz bench format spark readers wheel package plan audit checkov lock clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(STAMP) ## make the environment in .venv, with pinned and hashed packages

$(STAMP): requirements.txt requirements/pip.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or later is needed; this is {sys.version.split()[0]}. Say which to use: make PYTHON=python3.12 setup")'
	$(call environment,$(VENV),dev)
	@$(BIN)/python $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## drop real files into a local bucket and watch them become rows
	@$(BIN)/python -m local demo

up: setup ## keep the local stack running (Ctrl-C ends it)
	@$(BIN)/python -m local up

# Compiled modules are kept, whatever the shell says: some processes collect the tests, and many import the product.
test: export PYTHONDONTWRITEBYTECODE =
test: check $(SPARK_WHERE_IT_RUNS) ## linter, types and every test
	$(BIN)/python -m pytest --numprocesses $(WORKERS)

# How many random histories and rounds of races, which engine, and from which seed they are drawn.
N ?= 2000
RACES ?= 20
ENGINE ?= sail
SEED ?= 0

invariants: setup ## the proof: every operation struck, orders of events, N random histories, races (N=2000 RACES=20 ENGINE=sail SEED=0)
	$(BIN)/python -m tests.invariants.proof.command --histories $(N) --races $(RACES) --engine $(ENGINE) --seed $(SEED) --workers $(WORKERS)

unit: setup ## the fast tests alone
	$(BIN)/python -m pytest tests/unit

mutants: setup readers $(SPARK_WHERE_IT_RUNS) ## put wrong variants of the product, one at a time, before the tests that must fail (ONLY="NAME …": these)
	@$(BIN)/python -m tests.mutants --workers $(WORKERS) $(ONLY)

# How long, and which of contracts, names, cells, storage and workspace (all).
MINUTES ?= 5
TARGETS ?=

fuzz: setup ## draw contracts, names, files and requests that nobody would write (MINUTES=5 TARGETS="cells …": these)
	@$(BIN)/python -m tests.fuzz --minutes $(MINUTES) $(TARGETS)

# Which parts (`python -m bench.parts --help` lists them), a quick look instead of the whole, and a part's own options.
PART ?= loading
QUICK ?=
BENCH_OPTIONS ?=

bench: $(BENCH)/.installed $(if $(filter notebook,$(PART)),spark,$(if $(filter all,$(PART)),$(SPARK_WHERE_IT_RUNS))) ## put what loading costs beside polars, DuckDB, dlt (PART="shapes …" or all; QUICK=1: nothing kept)
	@$(BENCH)/bin/python -m bench.parts $(if $(QUICK),--quick) $(PART) $(if $(BENCH_OPTIONS),-- $(BENCH_OPTIONS))

$(BENCH)/.installed: requirements/dev.txt requirements/bench.txt
	$(call environment,$(BENCH),dev)
	$(call environment,$(BENCH),bench)
	@$(BENCH)/bin/python $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

check: setup ## formatter, linter, types, contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/bandit -q -ll -s B506,B608 -r main.py function contracts ingest pipeline_jobs infra local
	$(BIN)/ingest check

format: setup ## format and fix what a machine can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

spark: $(SPARK)/.installed ## get Apache Spark with Delta Lake into .venv-spark (needs Java 17 and Maven; 900 MB)

$(SPARK)/.installed: requirements/spark.txt requirements/delta.xml
	@command -v java >/dev/null || { echo "Java 17 is needed, for instance: apt-get install openjdk-17-jre-headless" >&2; exit 1; }
	@command -v mvn >/dev/null || { echo "Maven is needed, for instance: apt-get install maven" >&2; exit 1; }
	$(call environment,$(SPARK),spark,--no-compile)
	@mvn -B -q -f requirements/delta.xml dependency:copy-dependencies \
	  -DoutputDirectory="$$($(SPARK)/bin/python -c 'import pyspark; print(pyspark.__path__[0])')/jars"
	@touch $@

readers: $(READERS)/.installed ## get polars, DuckDB and delta-rs into .venv-readers, for the tests of docs/readers.md (650 MB)

$(READERS)/.installed: requirements/readers.txt
	$(call environment,$(READERS),readers,--no-compile)
	@touch $@

# The wheel names the commit that last changed what it is made of: the same for the same sources, whatever came since.
WHEEL_OF := pyproject.toml LICENSE contracts ingest pipeline_jobs $(FEEDS)

# One that is there already is left, with its time: a bundle takes another time for another wheel.
wheel: setup ## build the job's wheel into dist/, the same bytes from the same sources
	@rm -rf build/wheel build/wheels
	@umask 022 && mkdir -p build/wheel && cp -R pyproject.toml LICENSE contracts ingest pipeline_jobs build/wheel && \
	mkdir build/wheel/feeds && cp $(FEEDS)/*.odcs.yaml build/wheel/feeds/ && rm -f build/wheel/ingest/commit && \
	{ commit=$$(git log -1 --format=%H -- $(WHEEL_OF) 2>/dev/null) && test -n "$$commit" && \
	  changes=$$(git status --porcelain -- $(WHEEL_OF)) && \
	  echo "$$commit$${changes:+ with changes}" > build/wheel/ingest/commit || true; } && chmod -R u=rwX,go=rX build/wheel && \
	SOURCE_DATE_EPOCH=$(WHEEL_EPOCH) $(BIN)/python -m pip wheel --quiet --disable-pip-version-check \
	  --no-index --no-deps --no-build-isolation --wheel-dir build/wheels build/wheel
	@mkdir -p dist && cmp -s build/wheels/*.whl dist/*.whl || { rm -f dist/*.whl && cp build/wheels/*.whl dist/; }
	@ls dist/*.whl

package: wheel ## build what a deployment puts in place: the job's wheel and the functions' zip (FEEDS=DIR: other contracts)
	@$(BIN)/python -m infra.package --feeds $(FEEDS)

plan: setup ## plan the Terraform offline and hold it to its intent (PROVIDERS=DIR: with the real providers)
	PROVIDERS=$(PROVIDERS) $(BIN)/python -m pytest tests/infra

audit: setup checkov ## checkov over the planned deployments
	$(BIN)/python -m pytest tests/infra/test_infra_checkov.py

checkov: $(AUDIT)/.installed ## get checkov into .venv-audit, an environment of its own (300 MB)

$(AUDIT)/.installed: requirements/audit.txt
	$(call environment,$(AUDIT),audit,--no-compile)
	@touch $@

COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q $(UPGRADE)

lock: ## pin the packages of every .in file anew (needs uv; UPGRADE=--upgrade for the newest)
	$(COMPILE) requirements/function.in -o requirements.txt
	$(COMPILE) requirements/pip.in -o requirements/pip.txt
	$(COMPILE) requirements/dev.in -o requirements/dev.txt
	$(COMPILE) requirements/notebooks.in -o requirements/notebooks.txt
	$(COMPILE) requirements/spark.in -o requirements/spark.txt
	$(COMPILE) requirements/audit.in -o requirements/audit.txt
	$(COMPILE) requirements/bench.in -o requirements/bench.txt
	$(COMPILE) requirements/readers.in -o requirements/readers.txt
	$(COMPILE) tests/integration/wheel/serverless-4.in -o tests/integration/wheel/serverless-4.txt

clean: ## remove the environments and what the local stack keeps
	rm -rf $(VENV) $(SPARK) $(AUDIT) $(BENCH) $(READERS) .local-stack build dist *.egg-info
