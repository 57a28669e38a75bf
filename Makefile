# Everything a newcomer, a developer and CI do. On a bare Debian 12 it needs python3, git and make; the rest each
# target installs for itself, and only what is missing: Python packages into .venv, from locks with hashes, Debian's
# packages through apt-get (scripts/debian). What is in place already costs no time.

INTERNAL ?= 8080
PORT ?= 12345
LOGIN ?=
HTTPS ?= 8443
CONTROL ?= 8444
DNS ?= 8453
ACME ?= 14000
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := build/installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# What the tests start beside Python, and what the bench compares us with (its settings for them are tested, too).
TEST_PACKAGES := aria2 bind9-dnsutils caddy chromium curl haproxy knot-dnsutils libnginx-mod-stream nginx-light pebble prometheus wget
# What compiles the wheel; without it, it is Python only.
COMPILER := gcc libc6-dev python3-dev
BENCH_PACKAGES := caddy haproxy libnginx-mod-stream nginx-light wrk
# First-party policies, each a distribution of its own.
POLICIES := $(patsubst %/setup.cfg,%,$(wildcard policies/*/setup.cfg))
# Most tests wait for something, so four processes share two cores; the tests of a file stay together.
AT_ONCE := -n 4 --dist loadfile
# Side by side, a test may be kept from a processor for longer than it can bear: what failed runs once more, alone.
ALONE := --last-failed --last-failed-no-failures none

# The tests of what is compiled (setup.py) run on that, too. Neither coverage nor pytest puts the source tree before it:
# `-m` and the setting pythonpath would.
ON_INSTALLED := $(INSTALLED)/bin/coverage run $(INSTALLED)/bin/pytest -o pythonpath=
COMPILED_ROOMS := message policy access downstream upstream resources observe websocket
COMPILED_TESTS := $(COMPILED_ROOMS:%=tests/%) tests/integration tests/test_packaging.py policies

# What builds the Debian package.
DEB_PACKAGES := build-essential debhelper dh-virtualenv lintian python3-dev python3-venv
# What the example of a policy's package is built with.
POLICY_PACKAGES := python3-pip python3-setuptools python3-wheel
SYSTEM_PACKAGES := caddy chromium curl debootstrap haproxy iproute2 libnginx-mod-stream libnss3-tools nginx-light pebble sqlite3 systemd-container testssl.sh $(DEB_PACKAGES) $(POLICY_PACKAGES)
PURE_DNS := webproxy/router/dns/labels.py,webproxy/router/dns/query.py,webproxy/router/dns/records.py,webproxy/router/dns/reply.py,webproxy/router/dns/responder.py,webproxy/router/dns/zone.py
PURE := webproxy/address.py,webproxy/errors.py,webproxy/message/*,webproxy/policy/*,webproxy/access/*,policies/*,$(PURE_DNS)

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run run-all test lint format docs lock bench bench-quick figures deb test-system clean test-packages

help:  ## say what there is
	@sed -n 's/^\([a-z-]*\):[^#]*## */\1\t/p' $(MAKEFILE_LIST) | expand -t 16

# --- environments: two stamps, the second on top of the first -------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || scripts/debian python3-venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: requirements/build.txt requirements/runtime.txt setup.cfg setup.py webproxy/message/_scan.c $(POLICIES:=/setup.cfg) | $(BIN)/python
	$(PIP) install --no-deps --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	$(PIP) install --no-deps --no-build-isolation $(patsubst %,--editable ./%,. $(POLICIES))
	@touch $@

$(VENV)/development: $(VENV)/runtime requirements/development.txt
	$(PIP) install --no-deps --require-hashes -r requirements/development.txt
	@touch $@

# What users install, compiled, beside what developers change; tests and bench use both.
$(INSTALLED)/done: $(VENV)/development scripts/installed setup.py setup.cfg $(shell find webproxy policies -path '*webproxy*' -type f ! -path '*.egg-info/*' ! -name '*.pyc' ! -name '*.so')
	@scripts/debian $(COMPILER)
	scripts/installed $(VENV) $(INSTALLED)
	@touch $@

test-packages:
	@scripts/debian $(TEST_PACKAGES)

# --- a newcomer ------------------------------------------------------------------------------------------------------

run: $(VENV)/runtime  ## forward PORT=12345 to INTERNAL=8080, with a demo service if nothing listens there; LOGIN=anna
	@bash scripts/run $(BIN) $(INTERNAL) $(PORT) $(LOGIN)

run-all: $(VENV)/runtime  ## authority, router, proxy and demo service on loopback, and one https URL to open; HTTPS=8443
	@scripts/debian curl pebble
	@bash scripts/run-all $(BIN) $(INTERNAL) $(PORT) $(HTTPS) $(CONTROL) $(DNS) $(ACME)

# --- a developer and CI ----------------------------------------------------------------------------------------------

test: $(VENV)/development test-packages  ## lint, all tests of the source on uvloop, those of what is compiled on epoll, coverage
	@scripts/debian $(COMPILER)
	@$(MAKE) --no-print-directory --jobs=2 lint $(INSTALLED)/done
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(AT_ONCE) || $(BIN)/coverage run -m pytest $(ALONE)
	export WEBPROXY_TEST_REACTOR=epoll WEBPROXY_TEST_COMPILED=1; \
		$(ON_INSTALLED) $(AT_ONCE) $(COMPILED_TESTS) || $(ON_INSTALLED) $(ALONE) $(COMPILED_TESTS)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=95
	$(BIN)/coverage report --fail-under=100 --include='$(PURE)'

lint: $(VENV)/development  ## ruff, mypy, import-linter
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy webproxy tests bench policies docs twisted/plugins/webproxy_plugin.py
	$(BIN)/lint-imports --no-logo

format: $(VENV)/development  ## let ruff format and mend what it can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: $(VENV)/development  ## build the documentation, into build/docs/docs/index.html; a warning is an error
	$(BIN)/python -m docs.written
	$(BIN)/sphinx-build -q -W --keep-going -c docs . build/docs

bench: $(INSTALLED)/done  ## measure us beside nginx, HAProxy, Caddy and Twisted's own proxy
	@scripts/debian $(BENCH_PACKAGES)
	$(INSTALLED)/bin/bench

bench-quick: $(INSTALLED)/done  ## the same in a few minutes, with less to trust
	@scripts/debian $(BENCH_PACKAGES)
	$(INSTALLED)/bin/bench quick

figures: $(INSTALLED)/done  ## measure anew what the documentation shows, in about 25 minutes of a quiet machine
	@scripts/debian $(BENCH_PACKAGES)
	$(INSTALLED)/bin/bench figures

deb:  ## build the Debian package for the release of this machine, into build/deb
	@scripts/debian $(DEB_PACKAGES)
	@scripts/deb

test-system: $(VENV)/development build/scanner/bin/sslyze  ## vanishing peers, ten minutes of fuzzing, a newcomer's first hour, servers with the package (root; slow)
	@scripts/debian $(SYSTEM_PACKAGES)
	$(BIN)/pytest -o faulthandler_timeout=1800 tests/system
	tests/system/newcomer

# uv asks the public index for everything and reads no settings of the machine it runs on, so that a lock made here
# holds everywhere: the hash of every wheel and source archive there is, and no address.
LOCK = cd requirements && UV_NO_CONFIG=1 $(abspath build/uv/bin/uv) pip compile --quiet --universal --python-version 3.10 \
	--generate-hashes --no-annotate --custom-compile-command 'make lock' $(LOCK_FLAGS)

lock: build/uv/bin/uv  ## renew the locks of requirements/ (LOCK_FLAGS=--upgrade for the newest releases)
	$(LOCK) build.in -o build.txt
	$(LOCK) pip.in -o pip.txt
	$(LOCK) clients.in -o clients.txt
	$(LOCK) jupyter.in -o jupyter.txt
	$(LOCK) scanner.in -o scanner.txt
	$(LOCK) ../setup.cfg --extra router -c clients.txt -o runtime.txt
	$(LOCK) compile.in -c runtime.txt -c build.txt -o compile.txt
	$(LOCK) ../setup.cfg development.in --extra test --extra router -c runtime.txt -c build.txt -c compile.txt -c clients.txt -o development.txt

build/uv/bin/uv: | $(BIN)/python
	$(BIN)/python -m venv build/uv
	build/uv/bin/python -m pip --disable-pip-version-check --quiet install 'uv>=0.5'

build/scanner/bin/sslyze: requirements/scanner.txt | $(BIN)/python
	$(BIN)/python -m venv build/scanner
	build/scanner/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes -r requirements/scanner.txt
	@touch $@

clean:  ## remove what these targets made
	rm -rf $(VENV) build dist *.egg-info policies/*/build policies/*/src/*.egg-info .coverage .coverage.* .hypothesis .*_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f twisted/plugins/dropin.cache
