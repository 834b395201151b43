#!/usr/bin/env bash
# Package: pysnc 1.2.1 (PyPI), GlideRecord.add_query.
# Behaviour: a value that Python takes for false (0, an empty text) counts as not given, so the operator becomes the
# value: "more than 0" is sent as "equal to >". No request is made here.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check pysnc==1.2.1 || exit 2
cat >"$folder/run.py" <<'PY'
from pysnc import ServiceNowClient

client = ServiceNowClient("https://dev00000.service-now.com", ("user", "password"))

record = client.GlideRecord("incident")
record.add_query("reassignment_count", ">", 0)
record.add_query("close_notes", "!=", "")
print(record.get_encoded_query())
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='reassignment_count=>^close_notes=!=^ORDERBYsys_id'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
