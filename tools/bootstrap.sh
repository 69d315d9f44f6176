#!/usr/bin/env bash
# Puts what a make target needs into .venv (and node_modules), once for each state of the lock files.
#
#   tools/bootstrap.sh run      what `jumpseat` needs to run
#   tools/bootstrap.sh dev      that, and what tests and checks need
#   tools/bootstrap.sh lock     what writes the lock files
#   tools/bootstrap.sh fuzz     what thinks up inputs for the readers of files, beside what dev brings
#   tools/bootstrap.sh node     Node.js and the packages of the Node client's journey
#   tools/bootstrap.sh browser  a Chromium for the tests of sign-ins, after dev
#
# Packages come from wherever your pip and npm are set to look; no index is named here. PYTHON chooses the interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
VENV=.venv
NODE=tests/journeys/node
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf '%s\n' "$*" >&2; }

# Keep what a command says to itself, unless it fails.
quietly() {
    local said
    if ! said=$("$@" 2>&1 </dev/null); then
        say "$said"
        return 1
    fi
}

# Install Debian packages: as root, else with sudo if that asks for no password, else say what to type.
from_debian() {
    local as_root=()
    if ! command -v apt-get >/dev/null; then
        say "Missing: $*. Install them with your system's package manager, then run make again."
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            say "Missing: $*. Please type: sudo apt-get install $*"
            return 1
        fi
        as_root=(sudo -n)
    fi
    say "Installing Debian packages: $*"
    quietly "${as_root[@]}" apt-get update -qq
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

check_python() {
    if ! command -v "$PYTHON" >/dev/null; then
        say "There is no $PYTHON. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3"
        return 1
    fi
    if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        say "$PYTHON is $("$PYTHON" --version), and jumpseat needs 3.11 or newer: make PYTHON=/path/to/python3"
        return 1
    fi
}

# Debian's python3 comes without ensurepip, which fills a new venv with pip; python3-venv brings it.
make_venv() {
    if "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then return; fi
    check_python
    if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        from_debian python3-venv
    fi
    say "Making $VENV with $("$PYTHON" --version)"
    "$PYTHON" -m venv --clear "$VENV"
}

stamp() { printf '%s/.%s-%s' "$VENV" "$1" "$(cat "${@:2}" | sha256sum | cut -c1-16)"; }

# install NAME LOCK...: what the locks pin, each file with a hash that was written down before.
install() {
    local name=$1 locks=() lock
    for lock in "${@:2}"; do locks+=(-r "$lock"); done
    say "Installing $name requirements into $VENV (a minute or two, once)"
    "$VENV/bin/python" -m pip install -q --require-hashes "${locks[@]}"
}

# The package itself, editable, built by the locked backend and nothing fetched on the way.
install_jumpseat() {
    "$VENV/bin/python" -m pip install -q --no-build-isolation --no-deps --no-index -e .
}

run() {
    local run dev
    run=$(stamp run requirements/all.txt requirements/build.txt pyproject.toml)
    dev=$(stamp dev requirements/dev.txt pyproject.toml)
    make_venv
    if [ -e "$run" ] || [ -e "$dev" ]; then return; fi
    install run requirements/all.txt requirements/build.txt
    install_jumpseat
    rm -f "$VENV"/.run-*
    touch "$run"
}

dev() {
    local dev
    dev=$(stamp dev requirements/dev.txt pyproject.toml)
    make_venv
    if [ -e "$dev" ]; then return; fi
    install dev requirements/dev.txt
    install_jumpseat
    rm -f "$VENV"/.dev-*
    touch "$dev"
}

lock() {
    local lock
    lock=$(stamp lock requirements/lock.txt)
    make_venv
    if [ -e "$lock" ]; then return; fi
    install lock requirements/lock.txt
    rm -f "$VENV"/.lock-*
    touch "$lock"
}

fuzz() {
    local fuzz
    fuzz=$(stamp fuzz requirements/fuzz.txt)
    make_venv
    if [ -e "$fuzz" ]; then return; fi
    install fuzz requirements/fuzz.txt
    rm -f "$VENV"/.fuzz-*
    touch "$fuzz"
}

# Without Node.js its journey is skipped, and says so; under CI it has to be there.
node() {
    local wanted=$NODE/node_modules/.stamp key
    [ -e "$NODE/package-lock.json" ] || return 0
    key=$(sha256sum < "$NODE/package-lock.json")
    if [ -e "$wanted" ] && [ "$(cat "$wanted")" = "$key" ]; then return; fi
    if ! { command -v node && command -v npm; } >/dev/null; then
        if ! from_debian nodejs npm; then
            [ -z "${CI:-}" ] || return 1
            say "Until then the journey of the Node client is skipped."
            return 0
        fi
    fi
    say "Installing the Node client into $NODE/node_modules"
    (cd "$NODE" && npm ci --silent --ignore-scripts --no-audit --no-fund --no-update-notifier >&2)
    printf '%s\n' "$key" > "$wanted"
}

# Without a Chromium the tests that open one are skipped, and say so; under CI it has to be there.
browser() {
    local find='import os; from jumpseat.browser.finding import find_browser as find
from jumpseat.settings import Settings; find(Settings(), os.environ)'
    local missing=()
    "$VENV/bin/python" -c "$find" 2>/dev/null || missing=(chromium chromium-sandbox)
    # The Node.js inside Playwright wants a library that a bare Debian has not.
    "$VENV"/lib/python3*/site-packages/playwright/driver/node --version >/dev/null 2>&1 || missing+=(libatomic1)
    if [ ${#missing[@]} -eq 0 ]; then return; fi
    if ! from_debian "${missing[@]}"; then
        [ -z "${CI:-}" ] || return 1
        say "Until then the tests of sign-ins in a browser are skipped."
    fi
}

case "${1:-}" in
    run | dev | lock | fuzz | node | browser) "$1" ;;
    *)
        say "usage: tools/bootstrap.sh run | dev | lock | fuzz | node | browser"
        exit 2
        ;;
esac
