#!/usr/bin/env bash
# Packages: chevron 0.14.0 (PyPI) and mustache 4.2.0 (npm).
# Behaviour: the same template over the same JSON document is another text: chevron prints values as Python does (True, [1, 2],
# 1.0, {'b': 1}), mustache.js as JavaScript does (true, "1,2", 1, [object Object]), and only the latter knows a text's length.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
command -v npm >/dev/null || { echo "this needs node and npm"; exit 2; }
"$folder/env/bin/pip" install -q --disable-pip-version-check chevron==0.14.0 || exit 2
npm install --silent --no-audit --no-fund --prefix "$folder" mustache@4.2.0 || exit 2
echo '{"flag": true, "list": [1, 2], "number": 1.0, "object": {"b": 1}, "text": "xyz"}' >"$folder/values.json"
echo -n '{{flag}} {{list}} {{number}} {{{object}}} {{text.length}}|' >"$folder/template"
cat >"$folder/run.py" <<'PY'
import json
import chevron

print(chevron.render(open("template").read(), json.load(open("values.json"))))
PY
cat >"$folder/run.js" <<'JS'
const { readFileSync } = require("fs");
console.log(require("mustache").render(readFileSync("template", "utf8"), JSON.parse(readFileSync("values.json", "utf8"))));
JS
seen=$(cd "$folder" && env/bin/python run.py && node run.js)
echo "$seen"
expected="True [1, 2] 1.0 {'b': 1} |
true 1,2 1 [object Object] 3|"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
