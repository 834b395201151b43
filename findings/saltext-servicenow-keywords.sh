#!/usr/bin/env bash
# Packages: salt 3008.4 with saltext-servicenow 1.0.0 and servicenow-rest 0.2.3 (PyPI); responses 0.26.3 answers for the instance.
# Behaviour: a query given as keywords on the command line gets conditions on columns that no table has: the keywords that
# Salt itself adds to every call (__pub_fun, __pub_jid, ...) go into the encoded query, each as a condition.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check salt==3008.4 saltext.servicenow==1.0.0 servicenow-rest==0.2.3 responses==0.26.3 || exit 2
cat >"$folder/run.py" <<'PY'
import re
import sys

import responses
from salt.scripts import salt_call

asked = []


def answer(request):
    asked.extend(request.params["sysparm_query"].split("^"))
    return 200, {}, '{"result": []}'


call = ["--out-file=/dev/null", "servicenow.non_structured_query", "sys_computer", "role=web", "type=computer"]
sys.argv = ["salt-call", "--local", "--config-dir", sys.argv[1], *call]
with responses.RequestsMock() as web:
    web.add_callback("GET", re.compile("https://dev00000.*"), answer)
    salt_call()
print("^".join(asked[:2] + sorted(re.sub("=.*", "=...", part) for part in asked[2:])))
PY
cat >"$folder/minion" <<'TEXT'
id: minion
servicenow: {instance_name: dev00000, username: user, password: password}
TEXT
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py" "$folder")
echo "$seen"
expected='role=web^type=computer^__pub_fun=...^__pub_jid=...^__pub_pid=...^__pub_tgt=...'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
