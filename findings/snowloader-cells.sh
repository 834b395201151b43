#!/usr/bin/env bash
# Package: snowloader 0.8.1 (PyPI), clean_html.
# Behaviour: the cells of a table in an article run together without a blank, and the lines of a <pre> lose their
# indentation, in the text that is meant for a search index.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check snowloader==0.8.1 || exit 2
cat >"$folder/run.py" <<'PY'
from snowloader.utils import clean_html

print(repr(clean_html("<table><tr><td>LDAPS</td><td>636</td></tr><tr><td>SMTP</td><td>25</td></tr></table>")))
print(repr(clean_html("<pre>if ready:\n    start()</pre>")))
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected="'LDAPS636\\nSMTP25'
'if ready:\\nstart()'"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
