# Sends requests that no client of ours sends, to the whole system. Included by the Makefile.

FUZZ_REQUESTS ?= 10000
FUZZ_SECONDS  ?= 1800

.PHONY: fuzz
fuzz: $(VENV)/.installed ## send 10,000 odd requests each to REST, chat and MCP: FUZZ_REQUESTS=… FUZZ_SECONDS=…
	@FUZZ_REQUESTS=$(FUZZ_REQUESTS) FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_HANG_SECONDS=5 $(BIN)/pytest tests/fuzz
