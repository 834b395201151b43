#!/usr/bin/env bash
# Package: @elastic/numeral 2.5.1 (npm), the formats of numbers, bytes and durations in Kibana.
# Behaviour: the unit is chosen before the number is rounded, so that 999,999 is a thousand thousands, a byte less than a mebibyte
# is 1,024 kilobytes, and a minute less a moment has sixty seconds.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
command -v npm >/dev/null || { echo "this needs node and npm"; exit 2; }
npm install --silent --no-audit --no-fund --prefix "$folder" @elastic/numeral@2.5.1 >/dev/null 2>&1 || exit 2
cat >"$folder/run.js" <<'JS'
const numeral = require("@elastic/numeral");
for (const [value, format] of [[999999, "0.0a"], [1048575, "0.0b"], [59.9, "00:00:00"], [3599.6, "00:00:00"]]) {
  console.log(value, format, numeral(value).format(format));
}
JS
seen=$(node "$folder/run.js")
echo "$seen"
expected='999999 0.0a 1000.0k
1048575 0.0b 1024.0KB
59.9 00:00:00 0:00:60
3599.6 00:00:00 0:59:60'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
