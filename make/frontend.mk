# The page. `make dev` builds it if Node is installed, and prints a notice otherwise. Checks and tests
# install their own Node (from a wheel) and browser.

FRONTEND := frontend
FRONTEND_SOURCES := $(shell find $(FRONTEND)/src $(FRONTEND)/public -type f 2>/dev/null) \
  $(FRONTEND)/index.html $(FRONTEND)/vite.config.ts $(FRONTEND)/budgets.ts $(FRONTEND)/tsconfig.json

ifeq ($(shell command -v npm 2>/dev/null),)
NODE := .cache/node/bin/npm
export PATH := $(CURDIR)/.cache/node/bin:$(PATH)
endif

.PHONY: frontend-build
frontend-build:
	@if [ -z "$(NODE)" ] || [ -x "$(NODE)" ]; then $(MAKE) --silent $(FRONTEND)/dist/.built; \
	else echo "No Node here: the page is not built. Install Node 20.19 or later, and run this again."; fi

.PHONY: frontend-check
frontend-check: $(FRONTEND)/node_modules/.installed
	@cd $(FRONTEND) && npm run --silent check

.PHONY: frontend-test
frontend-test: $(FRONTEND)/node_modules/.installed
	@cd $(FRONTEND) && npm run --silent test

.PHONY: frontend-e2e
frontend-e2e: $(FRONTEND)/dist/.built $(VENV)/.installed | chromium
	@cd $(FRONTEND) && npm run --silent e2e

# The user stories with both elements. CHATKIT_BUNDLE names a folder with OpenAI's element, laid out
# as on its CDN.
.PHONY: e2e-chatkit
e2e-chatkit: $(FRONTEND)/dist/.built $(VENV)/.installed | chromium ## run the user stories with OpenAI's chat element and with the fallback
	@cd $(FRONTEND) && E2E_ELEMENT=chatkit npm run --silent e2e -- story element
	@cd $(FRONTEND) && E2E_ELEMENT=fallback npm run --silent e2e -- story

.PHONY: screenshots
screenshots: ## retake the documentation's screenshots
	@SCREENSHOTS=1 $(MAKE) --no-print-directory frontend-e2e

.PHONY: chromium
chromium:
	@[ -x "$${CHROMIUM:-/usr/bin/chromium}" ] || { echo "Installing Chromium ..."; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-inter >/dev/null; }

.cache/node/bin/npm: make/requirements-node.txt
	@echo "Installing Node ..."
	@python3 -m venv .cache/node && .cache/node/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $< && touch $@

$(FRONTEND)/node_modules/.installed: $(FRONTEND)/package.json $(FRONTEND)/package-lock.json | $(NODE)
	@echo "Installing the page's packages ..."
	@cd $(FRONTEND) && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

$(FRONTEND)/dist/.built: $(FRONTEND_SOURCES) $(FRONTEND)/node_modules/.installed
	@echo "Building the page ..."
	@cd $(FRONTEND) && npm run --silent build -- --logLevel warn
	@touch $@
