#!/usr/bin/env bash
# Package: aiosnow 0.6.0 (PyPI), Condition.
# Behaviour: parentheses around conditions are lost. (a & b) | c and a & (b | c) become one text; in an encoded query
# ^OR joins the condition before it, so the first of the two asks for something else than what Python says.
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


a, b, c = Incident.priority == 1, Incident.state == 2, Incident.active.is_falsy()
print(((a & b) | c).serialize_registry())
a, b, c = Incident.priority == 1, Incident.state == 2, Incident.active.is_falsy()
print((a & (b | c)).serialize_registry())
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='priority=1^state=2^ORactive!=true
priority=1^state=2^ORactive!=true'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
