#!/usr/bin/env bash
# Packages: parse-link-header 2.0.0 and http-link-header 1.1.4 (npm).
# Behaviour: a Link header of more than 2,000 characters is null for parse-link-header, as a missing one is. ServiceNow repeats
# the whole address in each of four links, so a query of some 400 characters ends the paging after the first page.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
command -v npm >/dev/null || { echo "this needs node and npm"; exit 2; }
npm install --silent --no-audit --no-fund --prefix "$folder" parse-link-header@2.0.0 http-link-header@1.1.4 >/dev/null 2>&1 || exit 2
cat >"$folder/run.js" <<'JS'
const parse = require("parse-link-header");
const LinkHeader = require("http-link-header");
for (const length of [200, 500]) {
  const address = `https://dev00000.service-now.com/api/now/table/incident?sysparm_query=numberIN${"INC0010001,".repeat(60)}`;
  const query = address.slice(0, address.indexOf("IN") + length);
  const header = ["first", "prev", "next", "last"].map((name, i) => `<${query}&sysparm_offset=${i}0>;rel="${name}"`).join(",");
  const links = parse(header);
  const other = LinkHeader.parse(header).rel("next").length === 1 ? "next" : "null";
  console.log(`${length} characters of query: parse-link-header ${links && links.next ? "next" : links}, http-link-header ${other}`);
}
JS
seen=$(node "$folder/run.js")
echo "$seen"
expected='200 characters of query: parse-link-header next, http-link-header next
500 characters of query: parse-link-header null, http-link-header next'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
