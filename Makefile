# `make demo` and `make test` do all the set-up. Needs Debian or Ubuntu with Python 3.11.
.PHONY: demo test check setup proto format bench-overhead bench-memory clean

BIN := .venv/bin
INSTALLED := .venv/.installed

demo: $(INSTALLED) ## translate a bundled recording into demo-out/
	$(BIN)/livetranslate translate demo/meeting.flac --source en --target es --speak es --realtime --output-dir demo-out

test: $(INSTALLED) ## run every test
	$(BIN)/python -m pytest

check: $(INSTALLED) ## lint, types, import contracts, protos, generated code
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/buf lint
	tools/generate-stubs --check

bench-overhead: $(INSTALLED) ## CPU of the four services per second of audio
	$(BIN)/python -m bench.overhead

bench-memory: $(INSTALLED) ## memory per open session
	$(BIN)/python -m bench.memory

proto: $(INSTALLED) ## generate livetranslate/v1 from protos/
	tools/generate-stubs

format: $(INSTALLED) ## format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

setup: $(INSTALLED) ## install everything into .venv

$(INSTALLED): pyproject.toml uv.lock tools/set-up
	tools/set-up
	touch $@

clean: ## remove what make made
	rm -rf .venv demo-out .mypy_cache .ruff_cache .pytest_cache
