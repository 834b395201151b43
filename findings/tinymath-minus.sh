#!/usr/bin/env bash
# Package: tinymath 1.2.1 (npm), evaluate: the expressions of Elastic's Canvas.
# Behaviour: a minus without blanks belongs to a name, so total-used asks for a variable of that name, and total-1 as
# well; with blanks it subtracts. Digits on both sides subtract without blanks.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" tinymath@1.2.1 >/dev/null 2>&1 || exit 2
cat >"$folder/run.js" <<'JS'
const { evaluate } = require("tinymath");
const values = { total: 9, used: 4, "total-used": "a variable of its own" };
for (const expression of ["9-4", "total - used", "total-used", "total-1"]) {
  try {
    console.log(expression, "=", evaluate(expression, values));
  } catch (error) {
    console.log(expression, "!", error.message);
  }
}
JS
seen=$(node "$folder/run.js")
echo "$seen"
expected='9-4 = 5
total - used = 5
total-used = a variable of its own
total-1 ! Unknown variable: total-1'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
