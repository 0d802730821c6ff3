# The levels of tests. Each is a separate target, and `make test` runs them all.

LEVELS := $(BIN)/python make/levels.py

# The tools of all levels, installed before they start, so that no two levels install the same tool.
TOOLS := $(VENV)/.installed $(AWS_VENV)/.installed $(CHECKOV_VENV)/.installed $(MINISTACK_VENV)/.installed \
  $(FRONTEND)/node_modules/.installed

# Tests start hundreds of Python processes, and on some machines Python writes no byte code.
ENVIRONMENTS := $(VENV) $(AWS_VENV) $(MINISTACK_VENV)
COMPILED     := $(ENVIRONMENTS:=/.compiled)
$(COMPILED): %/.compiled: %/.installed
	@$*/bin/python -m compileall -qq -j 0 $*/lib || true # templates of code are no Python yet
	@touch $@

# Two levels run at once, each in up to three processes, because most tests wait for clocks and other
# processes. The fault tests run alone, because their crowds and kills use the whole machine.
.PHONY: test
test: $(TOOLS) $(COMPILED) chromium postgres ## run every test that needs no cloud account
	@rm -rf .coverage
	@COVERED=1 $(LEVELS) --at-once 2 prepare-tests frontend-test frontend-e2e:prepare-tests test-deploy:prepare-tests \
	  test-system test-lambda:prepare-tests test-postgres test-units --alone test-faults test-coverage

# Coverage is measured in three levels and their child processes. The minimum is what they reach now.
PYTEST := $(if $(COVERED),$(BIN)/coverage run -m pytest,$(BIN)/pytest)

.PHONY: test-coverage
test-coverage: $(VENV)/.installed
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --fail-under 80

.PHONY: test-quick
test-quick: $(VENV)/.compiled $(FRONTEND)/node_modules/.installed ## run unit tests and type checks, in less than a minute
	@$(LEVELS) --at-once 2 test-units check-types frontend-test

.PHONY: check-types
check-types: $(VENV)/.installed $(FRONTEND)/node_modules/.installed
	@$(BIN)/mypy
	@cd $(FRONTEND) && npm exec --no -- tsc --noEmit

.PHONY: test-units
test-units: $(VENV)/.installed
	@$(PYTEST) -n 2 tests/unit

# The longest tests first; a process that is done with its share takes from the others'.
.PHONY: test-system
test-system: $(VENV)/.installed
	@$(PYTEST) -n 3 --dist worksteal tests/fuzz tests/integration tests/conformance

.PHONY: test-lambda
test-lambda: $(VENV)/.installed prepare-tests
	@$(PYTEST) -n 3 --dist worksteal tests/protocol tests/infrastructure tests/packages

# The oldest supported PostgreSQL, or the distribution's version. Without the configuration below, its
# packages would start their own server.
DATABASE_TESTS := $(addprefix tests/integration/,database tasks store runs limits) tests/conformance
OLDER_POSTGRES  = $(firstword $(wildcard /usr/lib/postgresql/1[5-7]/bin))

.PHONY: postgres
postgres:
	@[ -n "$(OLDER_POSTGRES)" ] || { echo "Installing the distribution's Postgres ..."; mkdir -p /etc/postgresql-common; \
	  echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  -o Dpkg::Options::=--force-confold postgresql >/dev/null; }

.PHONY: test-postgres
test-postgres: $(VENV)/.installed postgres
	@POSTGRES_BINARIES=$$(ls -d /usr/lib/postgresql/1[5-7]/bin | head -1) $(BIN)/pytest -n 2 --dist worksteal $(DATABASE_TESTS) \
	  --ignore tests/integration/database/test_embedded_postgres.py \
	  --ignore tests/integration/database/test_network_guard.py

# These two run in one process, because an operator's steps build on each other.
.PHONY: test-faults
test-faults: $(VENV)/.installed prepare-tests
	@$(BIN)/pytest tests/faults

.PHONY: test-deploy
test-deploy: $(VENV)/.installed prepare-tests
	@$(BIN)/pytest tests/deploy
