# Builds the packages that others can install on their own. Included by the Makefile.

PACKAGES := shared streaming

# $(1): folder of the package, $(2): folder for its wheel and source archive.
build_package = $(UV) build --quiet --no-build-isolation --python $(BIN)/python -o $(2) layers/$(1)

.PHONY: packages
packages: $(VENV)/.installed ## build lambda_streaming and taskchat, with the ChatKit store, into dist/
	@rm -rf dist
	@$(foreach package,$(PACKAGES),$(call build_package,$(package),dist);)

# Installs each package as its users do: the wheel and its declared dependencies, in a new environment.
.venv-packages/%/.installed: $(shell find layers/shared layers/streaming -type f -not -path '*/__pycache__/*') \
  layers/dependencies/requirements.txt $(VENV)/.installed | $(UV)
	@rm -rf $(@D)
	@$(UV) venv --quiet --python 3.13 $(@D)
	@$(call build_package,$*,$(@D)/dist)
	@$(UV) pip install --quiet --python $(@D)/bin/python \
	  --only-binary :all: --constraint layers/dependencies/requirements.txt $(@D)/dist/*.whl
	@touch $@

.PHONY: install-packages
install-packages: $(PACKAGES:%=.venv-packages/%/.installed)
