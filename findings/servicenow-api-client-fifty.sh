#!/usr/bin/env bash
# Package: servicenow-api-client 0.1.2 (PyPI), ServiceNowClient.update; responses 0.26.3 (PyPI) answers for the instance.
# Behaviour: an update of all records that match a condition is done for the first fifty, and reports success. The search
# before it asks for no more (sysparm_limit=50), and there is no parameter for it.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check servicenow-api-client==0.1.2 responses==0.26.3 || exit 2
cat >"$folder/run.py" <<'PY'
import json
import re

import responses
from servicenow_api_client.service_now_client import ServiceNowClient

matching = [{"sys_id": f"{i:032x}"} for i in range(120)]
changed = []


def search(request):
    return 200, {}, json.dumps({"result": matching[: int(request.params.get("sysparm_limit", 10000))]})


def change(request):
    changed.append(request.url)
    return 200, {}, '{"result": {}}'


with responses.RequestsMock() as web:
    web.add_callback("GET", re.compile("https://.*"), search)
    web.add_callback("PATCH", re.compile("https://.*"), change)
    client = ServiceNowClient("dev00000", "user", "password")
    reported = client.update("incident", [["category", "is", "network"]], {"state": "7"}, False)
print(f"{len(matching)} match, {len(reported)} reported, {len(changed)} changed")
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py" | grep .)
echo "$seen"
expected='120 match, 50 reported, 50 changed'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
