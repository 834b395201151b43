#!/usr/bin/env bash
# Package: servicenow-api-client 0.1.2 (PyPI), ServiceNowClient.search; responses 0.26.3 (PyPI) answers for the instance.
# Behaviour: the name of the parameter is written twice, so that its value begins with "sysparm_query=^": a condition on a
# column of that name, which no table has, before those that were asked for.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check servicenow-api-client==0.1.2 responses==0.26.3 || exit 2
cat >"$folder/run.py" <<'PY'
import re

import responses
from servicenow_api_client.service_now_client import ServiceNowClient


def answer(request):
    print(request.params["sysparm_query"])
    return 200, {}, '{"result": [{"number": "INC0010001"}]}'


with responses.RequestsMock() as web:
    web.add_callback("GET", re.compile("https://.*"), answer)
    client = ServiceNowClient("dev00000", "user", "password")
    client.search("incident", [["category", "is", "network"], ["active", "is", "true"]], False)
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py" | grep .)
echo "$seen"
expected='sysparm_query=^category=network^active=true'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
