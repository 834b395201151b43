#!/usr/bin/env bash
# Package: pysnow 0.7.17 (PyPI), QueryBuilder.
# Behaviour: a value that holds "^" is not escaped (the platform writes it "^^"), so "Disk full ^active=false" becomes two
# conditions of the encoded query; nothing is raised.
# Seen (2026-11-30): the line of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check pysnow==0.7.17 || exit 2
cat >"$folder/run.py" <<'PY'
from pysnow import QueryBuilder

print(QueryBuilder().field("short_description").equals("Disk full ^active=false"))
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected="short_description=Disk full ^active=false"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
