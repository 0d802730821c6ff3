# Each benchmark prints its figures beside a peer's, keeps them as JSON in docs/benchmarks, and fails
# where a target is missed. The page there is made of these.

BENCHMARKS := $(patsubst tests/benchmarks/%/__main__.py,%,$(wildcard tests/benchmarks/*/__main__.py))

# The cold starts are compared with our locked packages as pip installs them, with byte code.
NAIVE := .local/benchmarks/naive

$(NAIVE)/.installed: layers/dependencies/requirements.txt | $(UV)
	@echo "Installing the peer's packages ..."
	@rm -rf $(NAIVE) && mkdir -p $(NAIVE)
	@$(UV) pip install --quiet --no-deps --require-hashes --only-binary :all: --link-mode copy \
	  --python 3.13 --target $(NAIVE) -r $<
	@# Without byte code, starts would measure the compiler. Some packages hold files that do not compile.
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q -j 0 --invalidation-mode unchecked-hash $(NAIVE)
	@touch $@

.PHONY: bench
bench: $(VENV)/.installed $(NAIVE)/.installed $(HOST_BUILD)/template.json frontend-build ## run the benchmarks, each next to a comparable system
	@# Without byte code, starts would measure the compiler. Some packages hold files that do not compile.
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q -j 0 $(VENV)/lib layers/*/src functions local tests >/dev/null || true
	@missed=0; \
	for name in $(BENCHMARKS); do $(BIN)/python -m tests.benchmarks.$$name || missed=1; done; \
	$(BIN)/python -m tests.benchmarks; \
	exit $$missed
