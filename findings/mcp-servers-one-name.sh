#!/usr/bin/env bash
# Packages: cmdb-compass 1.1.3 and servicenow-mcp-server 0.1.1 (PyPI), two MCP servers for ServiceNow by two authors.
# Behaviour: both install the import package `servicenow_mcp`. pip puts the second over the first without a word and `pip check` finds
# nothing; the first one's `__init__.py` is the other's from then on, and removing the second takes files of the first away.
# Seen (2026-12-01): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
pip() { "$folder/env/bin/pip" -q --disable-pip-version-check "$@"; }
cat >"$folder/run.py" <<'PY'
from importlib.metadata import PackageNotFoundError, files

for name in ("cmdb-compass", "servicenow-mcp-server"):
    try:
        own = [each for each in files(name) if each.parts[0] == "servicenow_mcp" and each.suffix == ".py"]
    except PackageNotFoundError:
        continue
    sizes = [(each, each.locate()) for each in own]
    gone = sum(not path.exists() for _, path in sizes)
    other = sum(path.exists() and path.stat().st_size != each.size for each, path in sizes)
    print(f"{name}: of {len(own)} modules {other} are another's, {gone} are gone")
PY
state() { echo "$1"; "$folder/env/bin/python" "$folder/run.py"; }
pip install --no-deps cmdb-compass==1.1.3 || exit 2
seen=$(state "installed")
pip install --no-deps servicenow-mcp-server==0.1.1 || exit 2
seen+=$'\n'$(state "with the other")
pip uninstall -y servicenow-mcp-server
seen+=$'\n'$(state "without the other")
echo "$seen"
expected='installed
cmdb-compass: of 107 modules 0 are another'"'"'s, 0 are gone
with the other
cmdb-compass: of 107 modules 2 are another'"'"'s, 0 are gone
servicenow-mcp-server: of 6 modules 0 are another'"'"'s, 0 are gone
without the other
cmdb-compass: of 107 modules 0 are another'"'"'s, 2 are gone'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
