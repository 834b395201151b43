#!/usr/bin/env bash
# Package: sn-restapi-wrapper 1.1.4 (PyPI), fetch_data_for_date, with requests 2.34.2; responses 0.26.3 (PyPI) answers for the instance.
# Behaviour: a page that is refused ends the download as one without records does. Whoever is slowed down (429) or whose session ends
# (401) gets the pages until then as the whole table, without an error; refused at once, it is an empty table.
# Seen (2026-12-01): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check requests==2.34.2 responses==0.26.3 setuptools==80.9.0 || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps --no-build-isolation sn_restapi_wrapper==1.1.4 || exit 2
cat >"$folder/run.py" <<'PY'
import json
import re
import sys
import types

import responses

for name in ("pandas", "tqdm"):  # it makes a frame of the pages, and a bar; neither is needed to fetch them
    sys.modules[name] = types.SimpleNamespace(tqdm=None)
from sn_restapi_wrapper import fetch_data_for_date

records = [{"number": f"INC{i:07}"} for i in range(25)]


def instance(refusal, after):
    def page(request):
        limit, offset = int(request.params["sysparm_limit"]), int(request.params["sysparm_offset"])
        if offset >= after:
            return refusal, {}, json.dumps({"error": {"message": "refused"}, "status": "failure"})
        return 200, {}, json.dumps({"result": records[offset : offset + limit]})

    return page


for refusal, after in ((429, 20), (401, 10), (401, 0), (200, 99)):
    with responses.RequestsMock() as web:
        web.add_callback("GET", re.compile(".*"), instance(refusal, after))
        day = "2024-05-01"
        told = ("https://dev00000.service-now.com/api/now/table/incident", "opened_at", day, day, "00:00:00", "23:59:59")
        pages = fetch_data_for_date(*told, "user", "password", ["number"], limit=10)
    print(f"{refusal} after {after}: {sum(map(len, pages))} records of {len(records)}, no error")
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='429 after 20: 20 records of 25, no error
401 after 10: 10 records of 25, no error
401 after 0: 0 records of 25, no error
200 after 99: 25 records of 25, no error'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
