#!/usr/bin/env bash
# Package: service_now_api_sdk 0.0.29 (PyPI), table.Manager, with requests 2.34.2; responses 0.26.3 (PyPI) answers for the instance.
# Behaviour: what a caller sets on a Manager (display values as input, the fields of the answer, no automatic system fields) is never
# sent, for creating, updating and reading alike, while the same calls on Records are. A display name is then stored as if it were a value.
# Seen (2026-12-01): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check requests==2.34.2 six==1.17.0 responses==0.26.3 service_now_api_sdk==0.0.29 || exit 2
cat >"$folder/run.py" <<'PY'
import os
import re

import responses

os.environ.update(SERVICENOW_URL="https://dev00000.service-now.com", SERVICENOW_API_USER="u", SERVICENOW_API_PASSWORD="p")
from service_now_api_sdk.sdk.servicenow.table.client import Manager, Records


def answer(kind, result, status):
    def told(request):
        print(f"{kind}:", "&".join(sorted(request.url.partition("?")[2].split("&"))))
        return status, {"Content-Type": "application/json"}, '{"result": %s}' % result

    return told


with responses.RequestsMock() as web:
    web.add_callback("GET", re.compile(".*incident(\\?|$)"), answer("Records", "[]", 200))
    web.add_callback("POST", re.compile(".*incident(\\?|$)"), answer("Manager", "{}", 201))
    web.add_callback("PATCH", re.compile(".*incident/1"), answer("Manager", "{}", 200))
    Records("incident").only(["number"]).display_value("true").all()
    manager = Manager("incident").only(["number"]).display_value("true")
    manager.input_display_value(True).suppress_auto_sys_field(True)
    manager.create({"caller_id": "Abel Tuter"})
    manager.update("1", {"caller_id": "Abel Tuter"})
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='Records: sysparm_display_value=true&sysparm_fields=number
Manager: 
Manager: '
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
