#!/usr/bin/env bash
# Package: service_now_api_sdk 0.0.29 (PyPI), table.Records.all, with requests 2.34.2; responses 0.26.3 (PyPI) answers for the instance.
# Behaviour: without Link headers it goes on in steps of its limit of 500, but never sends that limit, since it takes 500 for what an
# instance does by itself. That is 10,000, so each page begins 500 later and goes to the end: records come two and three times.
# Seen (2026-12-01): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check requests==2.34.2 six==1.17.0 responses==0.26.3 service_now_api_sdk==0.0.29 || exit 2
cat >"$folder/run.py" <<'PY'
import json
import os
import re

import responses

os.environ.update(SERVICENOW_URL="https://dev00000.service-now.com", SERVICENOW_API_USER="u", SERVICENOW_API_PASSWORD="p")
from service_now_api_sdk.sdk.servicenow.table.client import Records

records = [{"number": f"INC{i:07}"} for i in range(1200)]
asked = []


def page(request):
    limit, offset = request.params.get("sysparm_limit"), int(request.params.get("sysparm_offset", 0))
    asked.append(int(limit) if limit else None)
    found = records[offset : offset + int(limit or 10000)]
    return 200, {"Content-Type": "application/json", "X-Total-Count": "1200"}, json.dumps({"result": found})


with responses.RequestsMock() as web:
    web.add_callback("GET", re.compile(".*"), page)
    for limit in (500, 400):
        asked.clear()
        found = Records("incident").limit(limit).suppress_pagination_header(True).all()
        print(f"limit {limit}: asked for {asked}, {len(found)} records of {len(records)}")
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='limit 500: asked for [None, None, None], 2100 records of 1200
limit 400: asked for [400, 400, 400], 1200 records of 1200'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
