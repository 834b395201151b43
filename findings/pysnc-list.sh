#!/usr/bin/env bash
# Package: pysnc 1.2.1 (PyPI), GlideRecord as an iterable; responses 0.26.3 (PyPI) answers for the instance.
# Behaviour: every turn of a loop gives the same object, moved on. A list of the records is one record as often as there are
# records, the last one, and sorted() returns it thrice. (pop_record() makes copies.)
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check pysnc==1.2.1 responses==0.26.3 || exit 2
cat >"$folder/run.py" <<'PY'
import re

import responses
from pysnc import ServiceNowClient

rows = [{"sys_id": str(i) * 32, "number": f"INC{i}"} for i in (1, 2, 3)]
with responses.RequestsMock() as web:
    web.get(re.compile("https://.*"), json={"result": rows}, headers={"X-Total-Count": "3"})
    records = ServiceNowClient("https://dev00000.service-now.com", ("user", "password")).GlideRecord("incident")
    records.query()
print([record.get_value("number") for record in records])
records.rewind()
print([record.get_value("number") for record in list(records)])
records.rewind()
print([record.get_value("number") for record in sorted(records, key=lambda record: record.get_value("number"))])
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected="['INC1', 'INC2', 'INC3']
['INC3', 'INC3', 'INC3']
['INC3', 'INC3', 'INC3']"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
