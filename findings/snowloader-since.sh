#!/usr/bin/env bash
# Package: snowloader 0.8.1 (PyPI), SnowConnection.get_records.
# Behaviour: `since` with a time zone is written as the clock of that zone shows it, although the instance compares in
# UTC: one moment, given in two zones, asks for two different sets of records. A stand-in answers, no request leaves the
# process.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check snowloader==0.8.1 responses==0.25.8 || exit 2
cat >"$folder/run.py" <<'PY'
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import responses
from snowloader import SnowConnection

moment = datetime(2024, 5, 1, 19, 0, tzinfo=timezone.utc)
connection = SnowConnection("https://dev00000.service-now.com", username="user", password="password")
with responses.RequestsMock(assert_all_requests_are_fired=False) as answers:
    answers.get("https://dev00000.service-now.com/api/now/table/incident", json={"result": []})
    for zone in (timezone.utc, timezone(timedelta(hours=-7))):
        list(connection.get_records("incident", since=moment.astimezone(zone)))
        print(parse_qs(urlsplit(answers.calls[-1].request.url).query)["sysparm_query"][0].split("^")[0])
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='sys_updated_on>2024-05-01 19:00:00
sys_updated_on>2024-05-01 12:00:00'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
