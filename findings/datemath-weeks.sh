#!/usr/bin/env bash
# Packages: @elastic/datemath 5.0.3 with moment 2.31.0 (npm), which Kibana uses, and python-datemath 3.0.3 (PyPI).
# Behaviour: now/w, the start of this week, is a Sunday in JavaScript and a Monday in Python; on a Sunday the two weeks have that
# one day in common. now-1.5h is undefined in JavaScript, and an hour and a half ago in Python.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
command -v npm >/dev/null || { echo "this needs node and npm"; exit 2; }
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check python-datemath==3.0.3 arrow==1.4.0 || exit 2
npm install --silent --no-audit --no-fund --prefix "$folder" @elastic/datemath@5.0.3 moment@2.31.0 >/dev/null 2>&1 || exit 2
cat >"$folder/run.py" <<'PY'
import arrow
from datemath import dm

now = arrow.get("2026-11-29T15:30:00Z")  # a Sunday
for text in ("now/w", "now/d", "now-1.5h"):
    print("Python", text, dm(text, now=now).strftime("%a %Y-%m-%d %H:%M"))
PY
cat >"$folder/run.js" <<'JS'
process.env.TZ = "UTC";
const datemath = require("@elastic/datemath");
const forceNow = new Date("2026-11-29T15:30:00Z"); // a Sunday
for (const text of ["now/w", "now/d", "now-1.5h"]) {
  console.log("JavaScript", text, datemath.parse(text, { forceNow })?.format("ddd YYYY-MM-DD HH:mm"));
}
JS
seen=$(node "$folder/run.js"
"$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='JavaScript now/w Sun 2026-11-29 00:00
JavaScript now/d Sun 2026-11-29 00:00
JavaScript now-1.5h undefined
Python now/w Mon 2026-11-23 00:00
Python now/d Sun 2026-11-29 00:00
Python now-1.5h Sun 2026-11-29 14:00'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
