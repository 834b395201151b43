#!/usr/bin/env bash
# Package: pysnc 1.2.1 (PyPI), GlideElement.
# Behaviour: a field of a record is a str whose own characters are not its value. They are the Python mapping that the field was
# read from, and stay the old ones when a value is set. str(), f-strings and == know the value; json.dumps, "".join, lower() and
# "text" + field take the characters.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check pysnc==1.2.1 || exit 2
cat >"$folder/run.py" <<'PY'
import json

from pysnc.record import GlideElement

# As GlideRecord makes it of an answer with sysparm_display_value=all, which it asks for.
field = GlideElement("short_description", {"display_value": "printer", "value": "printer"})
print(field, "==", field == "printer")
print(json.dumps({"json": field}))
print("It is " + field)
field = GlideElement("short_description", "printer")
field.set_value("scanner")
print(field, json.dumps({"json": field}), field.upper())
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected="printer == True
{\"json\": \"{'display_value': 'printer', 'value': 'printer'}\"}
It is {'display_value': 'printer', 'value': 'printer'}
scanner {\"json\": \"printer\"} PRINTER"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
