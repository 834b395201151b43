#!/usr/bin/env bash
# Packages: chevron 0.14.0 and pystache 0.6.8 (PyPI), two renderers of the same template language.
# Behaviour: None is nothing in chevron and the text "None" in pystache; a single quote is escaped by pystache only, a mapping
# likewise. (mustache.js renders null as nothing, and escapes quotes as well as slashes.)
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check chevron==0.14.0 pystache==0.6.8 || exit 2
cat >"$folder/run.py" <<'PY'
import chevron
import pystache

for value in (None, "it's", {"b": 1}):
    print([render("{{a}}", {"a": value}) for render in (chevron.render, pystache.render)])
PY
seen=$("$folder/env/bin/python" "$folder/run.py")
echo "$seen"
expected="['', 'None']
[\"it's\", 'it&#x27;s']
[\"{'b': 1}\", '{&#x27;b&#x27;: 1}']"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
