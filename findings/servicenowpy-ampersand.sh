#!/usr/bin/env bash
# Package: servicenowpy 0.1.0 (PyPI), Table.
# Behaviour: parameters are put into the address as they are, so "&" ends a query: the instance is asked for a shorter
# one, which may find more records, and gets a parameter that nobody meant. The address is made, no request is sent.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check servicenowpy==0.1.0 || exit 2
cat >"$folder/run.py" <<'PY'
from urllib.parse import parse_qsl, urlsplit

from servicenowpy import Client

table = Client("https://dev00000.service-now.com", "user", "password").table("incident")
address = table.make_url(sysparm_query="short_descriptionLIKER&D printer^active=true", sysparm_limit=5)
print(parse_qsl(urlsplit(address).query, keep_blank_values=True))
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected="[('sysparm_query', 'short_descriptionLIKER'), ('D printer^active', 'true'), ('sysparm_limit', '5')]"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
