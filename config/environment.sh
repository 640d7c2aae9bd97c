#!/bin/sh
# Make the virtual environment and install the locked packages. Argument: the version of uv.
set -eu
suits() { # new enough, and able to make an environment (Debian ships ensurepip apart)
    "$1" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    for name in python3.13 python3.12 python3.11 python3 ""; do
        if [ -z "$name" ]; then
            echo "Needed: Python 3.11 or newer with venv (Debian, Ubuntu: apt install python3 python3-venv)." >&2
            exit 1
        fi
        if suits "$name"; then break; fi
    done
    echo "making the environment with $name"
    "$name" -m venv --clear .venv
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check --root-user-action=ignore "uv==$1"
echo "installing the locked packages"
.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements-dev.lock
