#!/usr/bin/env bash
# Package: aiosnow 0.6.0 (PyPI), Condition.
# Behaviour: "&" changes its left side and returns it, so a condition kept for two queries carries the first query's
# addition into the second, and both names are the same object.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check aiosnow==0.6.0 'marshmallow<4' || exit 2
cat >"$folder/run.py" <<'PY'
from aiosnow import fields
from aiosnow.models import TableModel


class Incident(TableModel):
    active = fields.Boolean()
    priority = fields.Integer()
    state = fields.Integer()
    short_description = fields.String()


unresolved = Incident.active.is_true()
critical = unresolved & (Incident.priority == 1)
on_hold = unresolved & (Incident.state == 3)
print(on_hold.serialize_registry())
print(critical is unresolved, on_hold is unresolved)
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='active=true^priority=1^state=3
True True'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
