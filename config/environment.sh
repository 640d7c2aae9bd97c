#!/bin/sh
# Make the virtual environment and install the locked packages. Argument: uv's version.
set -eu
if [ ! -x .venv/bin/python ]; then
    for name in python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null 2>&1 && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            python=$name
            break
        fi
    done
    if [ -z "${python:-}" ]; then
        echo "Guichet needs Python 3.11 or newer (Debian: apt install python3 python3-venv)." >&2
        exit 1
    fi
    echo "making the environment with $python"
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "Python's venv is missing (Debian: apt install python3-venv)." >&2
        exit 1
    fi
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$1"
echo "installing the locked packages"
.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements-dev.lock
