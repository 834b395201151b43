#!/usr/bin/env bash
# Package: hjson 3.1.0 (PyPI) and hjson 3.2.2 (npm).
# Behaviour: when a text in ''' begins on the first line, the last character of the document decides about its
# indentation in Python: without a newline at the very end the lines inside lose theirs, with one they keep it.
# JavaScript keeps it both times.
# Seen (2026-11-30): the lines of `expected` below, Python's first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check hjson==3.1.0 || exit 2
npm install --silent --no-audit --no-fund --prefix "$folder" hjson@3.2.2 >/dev/null 2>&1 || exit 2
cat >"$folder/run.py" <<'PY'
import json

import hjson

text = "text: '''\n      steps:\n        restart\n      '''"
for end in ("", "\n"):
    print("Python", json.dumps(hjson.loads(text + end), separators=(",", ":")))
PY
cat >"$folder/run.js" <<'JS'
const hjson = require("hjson");
const text = "text: '''\n      steps:\n        restart\n      '''";
for (const end of ["", "\n"]) console.log("JavaScript", JSON.stringify(hjson.parse(text + end)));
JS
seen=$("$folder/env/bin/python" "$folder/run.py"; node "$folder/run.js")
echo "$seen"
expected='Python {"text":"steps:\nrestart"}
Python {"text":"steps:\n  restart"}
JavaScript {"text":"steps:\n  restart"}
JavaScript {"text":"steps:\n  restart"}'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
