#!/usr/bin/env bash
# Package: Babel 2.19.0 (PyPI), babel.numbers.format_decimal.
# Behaviour: in de_CH, fr_CH and it_CH, 1234.5 is grouped and 1234567.5 is not grouped at all, without a warning. Node's Intl
# groups both in de_CH: 1'234.5 and 1'234'567.5 (with a right single quotation mark).
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check Babel==2.19.0 || exit 2
cat >"$folder/run.py" <<'PY'
from babel.numbers import format_decimal

for locale in ("de_CH", "fr_CH", "it_CH", "de_DE"):
    print(locale, format_decimal(1234.5, locale=locale), format_decimal(1234567.5, locale=locale))
PY
seen=$(PYTHONUTF8=1 "$folder/env/bin/python" "$folder/run.py")
echo "$seen"
expected="de_CH 1'234.5 1234567.5
fr_CH 1'234,5 1234567,5
it_CH 1'234.5 1234567.5
de_DE 1.234,5 1.234.567,5"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
