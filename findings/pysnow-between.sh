#!/usr/bin/env bash
# Package: pysnow 0.7.17 (PyPI), QueryBuilder and Table.
# Behaviour: a moment in a time zone is turned to UTC by greater_than_or_equal() of a QueryBuilder and by between() of a Table,
# but not by between() of a QueryBuilder: the same two moments ask for two periods, hours apart.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check pysnow==0.7.17 || exit 2
cat >"$folder/run.py" <<'PY'
from datetime import datetime, timedelta, timezone

from pysnow import QueryBuilder
from pysnow.criterion import Table

summer = timezone(timedelta(hours=2))
start, end = datetime(2026, 7, 1, 9, tzinfo=summer), datetime(2026, 7, 1, 17, tzinfo=summer)
query = QueryBuilder().field("opened_at").greater_than_or_equal(start)
print(query.AND().field("opened_at").less_than_or_equal(end))
print(QueryBuilder().field("opened_at").between(start, end))
print(Table("incident").opened_at.between(start, end))
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='opened_at>=2026-07-01 07:00:00^opened_at<=2026-07-01 15:00:00
opened_atBETWEENjavascript:gs.dateGenerate("2026-07-01 09:00:00")@javascript:gs.dateGenerate("2026-07-01 17:00:00")
opened_atBETWEENjavascript:gs.dateGenerate("2026-07-01 07:00:00")@javascript:gs.dateGenerate("2026-07-01 15:00:00")'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
