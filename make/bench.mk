# Each benchmark prints its figures beside a peer's, and fails where a target is missed.

BENCHMARKS := $(patsubst tests/benchmarks/%/__main__.py,%,$(wildcard tests/benchmarks/*/__main__.py))

.PHONY: bench
bench: $(VENV)/.installed ## benchmarks, each against its peer in the same run
	@missed=0; \
	for name in $(BENCHMARKS); do $(BIN)/python -m tests.benchmarks.$$name || missed=1; done; \
	exit $$missed
