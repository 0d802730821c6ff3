# The page. Each target is instant when nothing changed, and says what is missing without Node.

FRONTEND := frontend
FRONTEND_SOURCES := $(shell find $(FRONTEND)/src $(FRONTEND)/public -type f 2>/dev/null) \
  $(FRONTEND)/index.html $(FRONTEND)/vite.config.ts $(FRONTEND)/tsconfig.json
HAS_NPM := $(shell command -v npm 2>/dev/null)

.PHONY: frontend-build
frontend-build:
ifdef HAS_NPM
	@$(MAKE) --silent $(FRONTEND)/dist/.built
else
	@echo "No Node here: the page is not built. Install Node 20.19 or later and run make again."
endif

.PHONY: frontend-check
frontend-check: $(FRONTEND)/node_modules/.installed
	@cd $(FRONTEND) && npm run --silent check

.PHONY: frontend-test
frontend-test: $(FRONTEND)/node_modules/.installed
	@cd $(FRONTEND) && npm run --silent test

.PHONY: frontend-e2e
frontend-e2e: $(FRONTEND)/dist/.built $(VENV)/.installed | chromium
	@cd $(FRONTEND) && npm run --silent e2e

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq chromium)

$(FRONTEND)/node_modules/.installed: $(FRONTEND)/package.json $(FRONTEND)/package-lock.json
	@echo "Installing the page's packages ..."
	@cd $(FRONTEND) && npm ci --silent --no-audit --no-fund
	@touch $@

$(FRONTEND)/dist/.built: $(FRONTEND_SOURCES) $(FRONTEND)/node_modules/.installed
	@echo "Building the page ..."
	@cd $(FRONTEND) && npm run --silent build -- --logLevel warn
	@touch $@
