# The functions as SAM builds, runs and deploys them. Included by the Makefile.

# aws-sam-cli pins much of what it needs, so the tools have an environment of their own.
AWS_VENV := .venv-aws
SAM      := SAM_CLI_TELEMETRY=0 $(AWS_VENV)/bin/sam

ARCH      ?= arm64
HOST_ARCH := $(subst aarch64,arm64,$(shell uname -m))
ENV       ?= dev

$(AWS_VENV)/.installed: requirements-aws.txt | $(UV)
	@echo "Installing the tools for AWS ..."
	@[ -x $(AWS_VENV)/bin/python ] || $(UV) venv --quiet --python 3.13 $(AWS_VENV)
	@$(UV) pip sync --quiet --python $(AWS_VENV)/bin/python --require-hashes requirements-aws.txt
	@touch $@

.PHONY: lock-aws
lock-aws: | $(UV)
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.13 --no-emit-index-url \
	  --custom-compile-command "make lock-aws" requirements-aws.in -o requirements-aws.txt

.PHONY: check-templates
check-templates: $(AWS_VENV)/.installed
	@$(AWS_VENV)/bin/cfn-lint template.yaml $(wildcard infra/*.yaml)
	@$(SAM) validate --lint

# `sam build --cached` sees changes of a layer's folder, but not of what its recipe includes.
.aws-sam/.recipe: make/package.mk .python-version
	@rm -rf .aws-sam && mkdir -p .aws-sam && touch $@

# Each architecture has a build and cache of its own, so that one does not push out the other.
.PHONY: artifacts
artifacts: $(AWS_VENV)/.installed .aws-sam/.recipe
	@mkdir -p .aws-sam/$(ARCH)
	@$(SAM) build --cached --parallel --parameter-overrides Architecture=$(ARCH) \
	  --build-dir .aws-sam/$(ARCH)/build --cache-dir .aws-sam/$(ARCH)/cache >.aws-sam/$(ARCH)/log 2>&1 \
	  || { cat .aws-sam/$(ARCH)/log; exit 1; }
	@$(AWS_VENV)/bin/python make/build_output.py $(ARCH) .aws-sam/$(ARCH)/build

.PHONY: build
build: artifacts ## build functions and layers for Lambda, for ARCH (arm64 or x86_64)
	@$(AWS_VENV)/bin/python make/build_output.py $(ARCH) .aws-sam/$(ARCH)/build .aws-sam/build

.PHONY: emulate
emulate: $(VENV)/.installed ## the built functions, as Lambda runs them, at http://127.0.0.1:$PORT
	@$(MAKE) --no-print-directory artifacts ARCH=$(HOST_ARCH)
	@PORT=$(PORT) exec $(BIN)/python -m local.emulator --build .aws-sam/$(HOST_ARCH)/build

.PHONY: invoke
invoke: $(VENV)/.installed ## the built function once, on EVENT=events/x.json
	@[ -n "$(EVENT)" ] || { echo "which event? make invoke EVENT=events/api-healthz.json"; exit 2; }
	@$(MAKE) --no-print-directory artifacts ARCH=$(HOST_ARCH)
	@exec $(BIN)/python -m local.emulator.invoke --build .aws-sam/$(HOST_ARCH)/build \
	  --rie $(AWS_VENV)/lib/python3.13/site-packages/samcli/local/rapid/aws-lambda-rie-$(HOST_ARCH) $(EVENT)

.PHONY: deploy
deploy: build ## deploy to AWS with the parameter set of ENV (dev or prod)
	@$(SAM) deploy --config-env $(ENV)
