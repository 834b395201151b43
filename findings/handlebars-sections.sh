#!/usr/bin/env bash
# Packages: handlebars 4.7.10 and mustache 4.2.0 (npm); Kibana renders with both, addresses of drilldowns with the one and
# parameters of actions with the other.
# Behaviour: a section over 0 or an empty text is rendered by Handlebars and left out by Mustache; and inside a section
# Handlebars does not see the names outside it.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
command -v npm >/dev/null || { echo "this needs node and npm"; exit 2; }
npm install --silent --no-audit --no-fund --prefix "$folder" handlebars@4.7.10 mustache@4.2.0 >/dev/null 2>&1 || exit 2
cat >"$folder/run.js" <<'JS'
const context = { count: 0, text: "", host: "web1", alerts: [{ id: 1 }] };
const templates = ["{{^count}}none{{/count}}", "{{^text}}none{{/text}}", "{{#alerts}}inside {{host}}{{/alerts}}"];
const { compile } = require("handlebars");
const { render } = require("mustache");
for (const [name, rendered] of [
  ["handlebars", (template) => compile(template)(context)],
  ["mustache", (template) => render(template, context)],
]) {
  const [count, text, host] = templates.map((template) => JSON.stringify(rendered(template)));
  console.log(name, "count", count, "text", text, "host", host);
}
JS
seen=$(node "$folder/run.js")
echo "$seen"
expected='handlebars count "" text "" host "inside "
mustache count "none" text "none" host "inside web1"'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
