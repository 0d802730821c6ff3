# Builds, runs and deploys the functions with SAM. Included by the Makefile.

# aws-sam-cli pins many of its dependencies, so the AWS tools have their own virtual environment.
AWS_VENV := .venv-aws
SAM      := SAM_CLI_TELEMETRY=0 $(AWS_VENV)/bin/sam

# The AWS emulator pins its dependencies, too. It runs the functions, so it needs their Python version.
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

# `sam build --cached` detects changes in a layer's folder, but not in files that its recipe includes.
.aws-sam/.recipe: make/package.mk .python-version functions/chatkit/lean_imports.py
	@rm -rf .aws-sam && mkdir -p .aws-sam && touch $@

BUILD_INPUTS := template.yaml $(shell find functions layers -type f -not -path '*/__pycache__/*' -not -path '*.egg-info/*')

# The inputs' names, so that removing a file counts as a change, too. The folders' modification times
# would not work, because byte code changes them as well.
.aws-sam/.inputs: FORCE | .aws-sam/.recipe
	@printf '%s\n' $(BUILD_INPUTS) | sort | cmp -s - $@ || printf '%s\n' $(BUILD_INPUTS) | sort >$@

.PHONY: FORCE
FORCE:

# Each architecture has its own build and cache, so that one does not replace the other.
.aws-sam/%/build/template.json: $(BUILD_INPUTS) .aws-sam/.inputs make/build_output.py $(AWS_VENV)/.installed .aws-sam/.recipe | $(UV)
	@echo "Building for $* ..."
	@mkdir -p .aws-sam/$* && touch .aws-sam/$*/started
	@$(SAM) build --cached --parallel --parameter-overrides Architecture=$* \
	  --build-dir .aws-sam/$*/build --cache-dir .aws-sam/$*/cache >.aws-sam/$*/log 2>&1 \
	  || { cat .aws-sam/$*/log; exit 1; }
	@$(AWS_VENV)/bin/python make/build_output.py complete .aws-sam/$*/build $*
	@touch -r .aws-sam/$*/started $@ # so that files changed during the build count as newer

.PHONY: build
build: .aws-sam/$(ARCH)/build/template.json ## build functions and layers for Lambda, for ARCH (arm64 or x86_64)
	@$(AWS_VENV)/bin/python make/build_output.py publish .aws-sam/$(ARCH)/build .aws-sam/build

# Prepares everything that the tests need, so that no test installs or builds anything.
.PHONY: prepare-tests
prepare-tests: .aws-sam/arm64/build/template.json .aws-sam/x86_64/build/template.json $(MINISTACK_VENV)/.installed \
  frontend-build install-packages

# `make emulate` and `make invoke` run the build for this machine's architecture.
HOST_BUILD := .aws-sam/$(HOST_ARCH)/build

.PHONY: emulate
emulate: $(VENV)/.installed $(HOST_BUILD)/template.json ## serve the built functions as Lambda does, at http://127.0.0.1:$PORT
	@PORT=$(PORT) exec $(BIN)/python -m local.emulator --build $(HOST_BUILD)

.PHONY: invoke
invoke: $(VENV)/.installed $(HOST_BUILD)/template.json ## run a built function once, on EVENT=events/x.json
	@[ -n "$(EVENT)" ] || { echo "which event? make invoke EVENT=events/api-healthz.json"; exit 2; }
	@exec $(BIN)/python -m local.emulator.invoke --build $(HOST_BUILD) \
	  --rie $(AWS_VENV)/lib/python3.13/site-packages/samcli/local/rapid/aws-lambda-rie-$(HOST_ARCH) $(EVENT)

# The program asks for missing input, checks the account before it builds, and reports its progress.
# PARAMETERS="Key=Value …" win over ENV's parameters in samconfig.toml.
DEPLOY := $(AWS_VENV)/bin/python -m infra.deploy

.PHONY: deploy
deploy: $(AWS_VENV)/.installed ## deploy everything to your AWS account, with the parameters of ENV (dev or prod)
	@exec $(DEPLOY) up $(ENV) --architecture $(ARCH)

.PHONY: destroy
destroy: $(AWS_VENV)/.installed ## delete the deployment of ENV; YES=1 skips the question
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
deploy-emulated: $(VENV)/.installed $(HOST_BUILD)/template.json $(MINISTACK_VENV)/.installed frontend-build ## deploy to an AWS emulator on this machine, update, roll back and delete
	@$(BIN)/pytest -v -x tests/deploy/test_emulated.py
