#!/usr/bin/env bash
# Package: service_now_api_sdk 0.0.29 (PyPI), table.Vars, with requests 2.34.2; responses 0.26.3 (PyPI) answers for the instance.
# Behaviour: the variables of a requested item can be read once in a process. The query builder belongs to the class, so the second
# question, of another object too, begins where the first one ended, and is refused for want of an operator between the two.
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
from service_now_api_sdk.sdk.servicenow.table.client import Vars

with responses.RequestsMock() as web:
    web.add("GET", re.compile(".*"), json={"result": []})
    for number in ("RITM0010001", "RITM0010002"):
        try:
            Vars().get_vars("number", number)
            print(f"{number}: asked")
        except Exception as error:
            print(f"{number}: {type(error).__name__}: {error}")
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='RITM0010001: asked
RITM0010002: QueryMultipleExpressions: Expected logical operator after expression'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
