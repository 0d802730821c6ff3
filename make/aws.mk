# The functions as SAM builds, runs and deploys them. Included by the Makefile.

# aws-sam-cli pins much of what it needs, so the tools have an environment of their own.
AWS_VENV := .venv-aws
SAM      := SAM_CLI_TELEMETRY=0 $(AWS_VENV)/bin/sam

# The emulator of AWS pins what it needs, too. It runs the functions, so its Python is theirs.
MINISTACK_VENV := .venv-ministack
CHECKOV_VENV := .venv-checkov

ARCH      ?= arm64
HOST_ARCH := $(subst aarch64,arm64,$(shell uname -m))
ENV       ?= dev

$(AWS_VENV)/.installed: requirements-aws.txt | $(UV)
	@echo "Installing the tools for AWS ..."
	@[ -x $(AWS_VENV)/bin/python ] || $(UV) venv --quiet --python 3.13 $(AWS_VENV)
	@$(UV) pip sync --quiet --compile-bytecode --python $(AWS_VENV)/bin/python --require-hashes requirements-aws.txt
	@touch $@

.PHONY: lock-aws
lock-aws: | $(UV)
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.13 --no-emit-index-url \
	  --custom-compile-command "make lock-aws" requirements-aws.in -o requirements-aws.txt
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.13 --no-emit-index-url \
	  --custom-compile-command "make lock-aws" requirements-ministack.in -o requirements-ministack.txt
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.13 --no-emit-index-url \
	  --custom-compile-command "make lock-aws" requirements-checkov.in -o requirements-checkov.txt

.PHONY: check-templates
check-templates: $(AWS_VENV)/.installed $(CHECKOV_VENV)/.installed
	@$(AWS_VENV)/bin/cfn-lint template.yaml $(wildcard infra/*.yaml)
	@$(SAM) validate --lint
	@mkdir -p .aws-sam && echo '{}' | AWS_DEFAULT_REGION=us-east-1 \
	  $(AWS_VENV)/bin/python tests/infrastructure/translate.py template.yaml >.aws-sam/translated.json 2>/dev/null
	@$(CHECKOV_VENV)/bin/checkov --config-file .checkov.yaml -f .aws-sam/translated.json $(wildcard infra/*.yaml) 2>/dev/null \
	  >.aws-sam/checkov.log || { cat .aws-sam/checkov.log; exit 1; }

# `sam build --cached` sees changes of a layer's folder, but not of what its recipe includes.
.aws-sam/.recipe: make/package.mk .python-version functions/chatkit/lean_imports.py
	@rm -rf .aws-sam && mkdir -p .aws-sam && touch $@

BUILD_INPUTS := template.yaml $(shell find functions layers -type f -not -path '*/__pycache__/*' -not -path '*.egg-info/*')

# The inputs' names, so that a file's removal counts as a change, too. The folders' times would not
# do: byte code changes them as well.
.aws-sam/.inputs: FORCE | .aws-sam/.recipe
	@printf '%s\n' $(BUILD_INPUTS) | sort | cmp -s - $@ || printf '%s\n' $(BUILD_INPUTS) | sort >$@

.PHONY: FORCE
FORCE:

# Each architecture has a build and cache of its own, so that one does not push out the other.
.aws-sam/%/build/template.json: $(BUILD_INPUTS) .aws-sam/.inputs make/build_output.py $(AWS_VENV)/.installed .aws-sam/.recipe | $(UV)
	@echo "Building for $* ..."
	@mkdir -p .aws-sam/$* && touch .aws-sam/$*/started
	@$(SAM) build --cached --parallel --parameter-overrides Architecture=$* \
	  --build-dir .aws-sam/$*/build --cache-dir .aws-sam/$*/cache >.aws-sam/$*/log 2>&1 \
	  || { cat .aws-sam/$*/log; exit 1; }
	@$(AWS_VENV)/bin/python make/build_output.py complete .aws-sam/$*/build $*
	@touch -r .aws-sam/$*/started $@ # what was changed meanwhile counts as newer

.PHONY: build
build: .aws-sam/$(ARCH)/build/template.json ## build functions and layers for Lambda, for ARCH (arm64 or x86_64)
	@$(AWS_VENV)/bin/python make/build_output.py publish .aws-sam/$(ARCH)/build .aws-sam/build

# What the tests need, so that none of them installs or builds.
.PHONY: prepare-tests
prepare-tests: .aws-sam/arm64/build/template.json .aws-sam/x86_64/build/template.json $(MINISTACK_VENV)/.installed \
  frontend-build install-packages

# On this machine the functions run as they are built for it.
HOST_BUILD := .aws-sam/$(HOST_ARCH)/build

.PHONY: emulate
emulate: $(VENV)/.installed $(HOST_BUILD)/template.json ## the built functions, as Lambda runs them, at http://127.0.0.1:$PORT
	@PORT=$(PORT) exec $(BIN)/python -m local.emulator --build $(HOST_BUILD)

.PHONY: invoke
invoke: $(VENV)/.installed $(HOST_BUILD)/template.json ## the built function once, on EVENT=events/x.json
	@[ -n "$(EVENT)" ] || { echo "which event? make invoke EVENT=events/api-healthz.json"; exit 2; }
	@exec $(BIN)/python -m local.emulator.invoke --build $(HOST_BUILD) \
	  --rie $(AWS_VENV)/lib/python3.13/site-packages/samcli/local/rapid/aws-lambda-rie-$(HOST_ARCH) $(EVENT)

# The program asks for what it lacks, checks the account before it builds, and tells what it does.
# PARAMETERS="Key=Value …" win over those of ENV's set in samconfig.toml.
DEPLOY := $(AWS_VENV)/bin/python -m infra.deploy

.PHONY: deploy
deploy: $(AWS_VENV)/.installed ## everything into the AWS account at hand, with the parameter set of ENV (dev or prod)
	@exec $(DEPLOY) up $(ENV) --architecture $(ARCH)

.PHONY: destroy
destroy: $(AWS_VENV)/.installed ## take the deployment of ENV away again; YES=1 does not ask
	@exec $(DEPLOY) down $(ENV)

$(CHECKOV_VENV)/.installed: requirements-checkov.txt | $(UV)
	@echo "Installing the templates' critic ..."
	@[ -x $(CHECKOV_VENV)/bin/python ] || $(UV) venv --quiet --python 3.13 $(CHECKOV_VENV)
	@$(UV) pip sync --quiet --python $(CHECKOV_VENV)/bin/python --require-hashes requirements-checkov.txt
	@touch $@

$(MINISTACK_VENV)/.installed: requirements-ministack.txt | $(UV)
	@echo "Installing the emulator of AWS ..."
	@[ -x $(MINISTACK_VENV)/bin/python ] || $(UV) venv --quiet --python 3.13 $(MINISTACK_VENV)
	@$(UV) pip sync --quiet --compile-bytecode --python $(MINISTACK_VENV)/bin/python --require-hashes requirements-ministack.txt
	@touch $@

.PHONY: deploy-emulated
deploy-emulated: $(VENV)/.installed $(HOST_BUILD)/template.json $(MINISTACK_VENV)/.installed frontend-build ## the same into an AWS emulated on this machine: from nothing to an answer, and away again
	@$(BIN)/pytest -v -x tests/deploy/test_emulated.py
