#!/usr/bin/env bash
# Package: pysnc 1.2.1 (PyPI), GlideRecord.add_join_query.
# Behaviour: a join query without an ordinary condition before it throws away the encoded query, the order and every
# further join; with one condition all are kept. No request is made here.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check pysnc==1.2.1 || exit 2
cat >"$folder/run.py" <<'PY'
from pysnc import ServiceNowClient

client = ServiceNowClient("https://dev00000.service-now.com", ("user", "password"))

for condition in (False, True):
    record = client.GlideRecord("sys_user")
    if condition:
        record.add_query("active", "true")
    record.add_join_query("sys_user_grmember", join_table_field="user")
    record.add_encoded_query("vip=true")
    record.order_by("name")
    print(record.get_encoded_query())
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='JOINsys_user.sys_id=sys_user_grmember.user!
active=true^JOINsys_user.sys_id=sys_user_grmember.user!^vip=true^ORDERBYname'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
