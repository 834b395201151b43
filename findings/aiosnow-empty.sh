#!/usr/bin/env bash
# Package: aiosnow 0.6.0 (PyPI), the queries of a model.
# Behaviour: is_empty() and is_populated() take no value, and the missing one is written as Python's None behind the
# operator of the encoded query.
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


print(Incident.short_description.is_empty().serialize_registry())
print(Incident.short_description.is_populated().serialize_registry())
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='short_descriptionISEMPTYNone
short_descriptionISNOTEMPTYNone'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
