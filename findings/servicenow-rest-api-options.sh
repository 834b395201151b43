#!/usr/bin/env bash
# Package: servicenow-rest-api 1.2.2 (npm), setNetworkOptions.
# Behaviour: network options (a proxy, certificates, a time-out) that are set on one client apply to every client of the
# process, one made earlier for another instance included. The option used here is axios's adapter, which answers
# without a network.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" servicenow-rest-api@1.2.2 >/dev/null 2>&1 || exit 2
cat >"$folder/run.js" <<'JS'
const ServiceNow = require("servicenow-rest-api");
const production = new ServiceNow("production", "user", "password");
const test = new ServiceNow("test", "user", "password");
test.setNetworkOptions({
  adapter: async (config) => {
    console.log("through the options of test:", new URL(config.url).host);
    return { data: { result: [] }, status: 200, statusText: "OK", headers: {}, config };
  },
});
production.getSampleData("incident", () => {});
JS
seen=$(node "$folder/run.js")
echo "$seen"
expected='through the options of test: production.service-now.com'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
