# Shared by the build targets of layers and functions. `sam build` runs them in a scratch copy of the
# folder, with ARTIFACTS_DIR set; make reads the makefile itself from its original place.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

ROOT := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/..)
UV   := $(shell command -v uv 2>/dev/null || echo $(ROOT)/.cache/uv/bin/uv)
# Only the minor version that wrote byte code can use it: the one in .python-version.
PYTHON = $(shell $(UV) python find --directory $(ROOT) $(shell cat $(ROOT)/.python-version))

# Zips change the files' times and Lambda's directories are read-only, so the byte code must be
# valid without checking the source. $(1): directory.
compile = $(PYTHON) -m compileall -q -f -j 0 --invalidation-mode unchecked-hash $(1)

# $(1): directory to copy, $(2): directory to copy it into.
copy = mkdir -p $(2) && cp -R $(1) $(2)/ && find $(2) -name __pycache__ -type d -prune -exec rm -rf {} +
