# `make demo` and `make test` do all the set-up. Needs Debian or Ubuntu with Python 3.11.
.PHONY: demo test test-chaos soak check setup proto docs format bench-overhead bench-memory bench-store bench-viewers bench-quality bench-engines bench-gpu bench-capacity bench-ghz clean

BIN := .venv/bin
INSTALLED := .venv/.installed

demo: $(INSTALLED) ## translate a bundled recording into demo-out/
	$(BIN)/livetranslate translate demo/meeting.flac --source en --target es --speak es --realtime --output-dir demo-out

test: $(INSTALLED) ## run every test
	$(BIN)/python -m pytest

test-chaos: $(INSTALLED) ## kill, freeze and cut off every part at random moments, and compare every word
	$(BIN)/python -m tests.chaos

soak: $(INSTALLED) ## an hour of sessions: memory, clock, files
	$(BIN)/python -m bench.soak

check: $(INSTALLED) ## lint, types, import contracts, protos, generated code and pages, the site
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/buf lint
	tools/generate-stubs --check
	tools/generate-licenses --check
	tools/generate-reference --check
	tools/generate-dashboards --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --site-dir .site

bench-overhead: $(INSTALLED) ## CPU of the four services per second of audio
	$(BIN)/python -m bench.overhead

bench-memory: $(INSTALLED) ## memory per open session
	$(BIN)/python -m bench.memory

bench-store: $(INSTALLED) ## how fast finals are durable, beside a bare COPY
	$(BIN)/python -m bench.store

bench-viewers: $(INSTALLED) ## what a hundred viewers cost a session
	$(BIN)/python -m bench.viewers

bench-quality: $(INSTALLED) ## errors, lags and steadiness of captions, with the engines that come with the project
	$(BIN)/python -m bench.quality

bench-engines: $(INSTALLED) ## what the neural models give by themselves, and behind Triton
	$(BIN)/python -m bench.engines

bench-gpu: $(INSTALLED) ## what an NVIDIA GPU carries with Whisper large-v3-turbo
	$(BIN)/python -m bench.gpu

bench-capacity: $(INSTALLED) ## how many sessions this machine carries; 12 minutes on an idle machine
	$(BIN)/python -m bench.capacity

bench-ghz: $(INSTALLED) ## load by ghz: sessions that open, close and speak, and unary translation
	$(BIN)/python -m bench.ghz

proto: $(INSTALLED) ## generate livetranslate/v1 from protos/
	tools/generate-stubs

docs: $(INSTALLED) ## build the documentation as a site, into .site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --site-dir .site

format: $(INSTALLED) ## format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

setup: $(INSTALLED) ## install everything into .venv

$(INSTALLED): pyproject.toml uv.lock tools/set-up
	tools/set-up
	touch $@

clean: ## remove what make made
	rm -rf .venv .site demo-out .mypy_cache .ruff_cache .pytest_cache
