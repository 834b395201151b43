#!/usr/bin/env bash
# Package: pysnc 1.2.1 (PyPI), GlideRecord.add_query.
# Behaviour: values are put into the encoded query by str(): True becomes "True" (the platform stores "true"), None becomes
# "None", and a list for the operator IN becomes Python's "['a', 'b']" in the place of "a,b". Nothing is raised; no request is made.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check pysnc==1.2.1 || exit 2
cat >"$folder/run.py" <<'PY'
from pysnc import ServiceNowClient

client = ServiceNowClient("https://dev00000.service-now.com", ("user", "password"))
for arguments in (("active", True), ("parent", None), ("sys_id", "IN", ["a", "b"])):
    record = client.GlideRecord("incident")
    record.add_query(*arguments)
    print(record.get_encoded_query())
PY
seen=$("$folder/env/bin/python" "$folder/run.py")
echo "$seen"
expected="active=True^ORDERBYsys_id
parent=None^ORDERBYsys_id
sys_idIN['a', 'b']^ORDERBYsys_id"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
