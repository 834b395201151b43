#!/usr/bin/env bash
# Packages: requests 2.34.2, httpx 0.28.1 and LinkHeader 0.4.3 (PyPI), three readers of the Link header.
# Behaviour: a semicolon in an address, which needs no escaping in a query (RFC 3986, 3.4), ends the address for requests and
# httpx. The offset behind it is lost, so that the next page is the first one again. LinkHeader reads the whole address.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check requests==2.34.2 httpx==0.28.1 LinkHeader==0.4.3 || exit 2
cat >"$folder/run.py" <<'PY'
import httpx
import link_header
import requests

HEADER = '<https://example.com/table/incident?sysparm_query=nameINa;b&sysparm_offset=10>;rel="next"'
answer = requests.Response()
answer.headers["Link"] = HEADER
print("requests", answer.links["next"]["url"])
print("httpx", httpx.Response(200, headers={"Link": HEADER}).links["next"]["url"])
print("LinkHeader", *[link.href for link in link_header.parse(HEADER).links if link.rel == "next"])
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='requests https://example.com/table/incident?sysparm_query=nameINa
httpx https://example.com/table/incident?sysparm_query=nameINa
LinkHeader https://example.com/table/incident?sysparm_query=nameINa;b&sysparm_offset=10'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
