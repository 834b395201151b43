#!/usr/bin/env bash
# Package: moment-jdateformatparser 1.2.1 with moment 2.31.0 (npm): date formats of Java, as ServiceNow's are, for moment.
# Behaviour: a quoted word in a format is kept as a text only if it is one letter ('T'). The letters of a longer one are read as parts of
# a date, so that "um" becomes the weekday and the minutes. K, the hour from 0 to 11, stays a K.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
command -v npm >/dev/null || { echo "this needs node and npm"; exit 2; }
npm install --silent --no-audit --no-fund --prefix "$folder" moment-jdateformatparser@1.2.1 moment@2.31.0 >/dev/null 2>&1 || exit 2
cat >"$folder/run.js" <<'JS'
const moment = require("moment");
require("moment-jdateformatparser");
const midnight = moment.utc("2026-12-29T00:05:09Z");
for (const format of ["yyyy-MM-dd'T'HH:mm", "dd.MM.yyyy 'um' HH:mm", "h 'o''clock' a", "kk:mm", "K:mm a"]) {
  console.log(format, "->", midnight.formatWithJDF(format));
}
JS
seen=$(node "$folder/run.js")
echo "$seen"
expected="yyyy-MM-dd'T'HH:mm -> 2026-12-29T00:05
dd.MM.yyyy 'um' HH:mm -> 29.12.2026 '25' 00:05
h 'o''clock' a -> 12 o'c12/29/2026oc24' am
kk:mm -> 24:05
K:mm a -> K:05 am"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
