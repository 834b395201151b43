#!/usr/bin/env bash
# Packages: pytest-httpserver 1.2.0, responses 0.26.3 and respx 0.23.1 (PyPI), three mocks that take a query as a mapping.
# Behaviour: {"sysparm_limit": 10} matches ?sysparm_limit=10 in responses and respx, and never in pytest-httpserver, which
# compares the number with the text "10" and answers 500. A query given as one text is compared there with the bytes that were
# sent, in which requests has escaped the caret.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check pytest-httpserver==1.2.0 responses==0.26.3 respx==0.23.1 requests==2.34.2 httpx==0.28.1 || exit 2
cat >"$folder/run.py" <<'PY'
import logging

import httpx
import requests
import responses
import respx
from pytest_httpserver import HTTPServer
from responses.matchers import query_param_matcher, query_string_matcher

logging.disable(logging.CRITICAL)
CARET = "active=true^priority=1"
CASES = {
    "number": ({"sysparm_limit": 10}, {"sysparm_limit": 10}),
    "mapping with caret": ({"sysparm_query": CARET}, {"sysparm_query": CARET}),
    "text with caret": (f"sysparm_query={CARET}", {"sysparm_query": CARET}),
}


def with_server(query, sent):
    with HTTPServer() as server:
        server.expect_request("/", query_string=query).respond_with_json({})
        return requests.get(server.url_for("/"), params=sent).status_code


def with_responses(query, sent):
    match = query_param_matcher(query) if isinstance(query, dict) else query_string_matcher(query)
    with responses.RequestsMock() as web:
        web.get("http://example.com/", match=[match])
        return requests.get("http://example.com/", params=sent).status_code


def with_respx(query, sent):
    with respx.mock as web:
        web.get("http://example.com/", params=query).respond(200)
        return httpx.get("http://example.com/", params=sent).status_code


for name, ask in (("pytest-httpserver", with_server), ("responses", with_responses), ("respx", with_respx)):
    print(f"{name}:", ", ".join(f"{case} {ask(*given)}" for case, given in CASES.items()))
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py" 2>"$folder/log")
echo "$seen"
expected='pytest-httpserver: number 500, mapping with caret 200, text with caret 500
responses: number 200, mapping with caret 200, text with caret 200
respx: number 200, mapping with caret 200, text with caret 200'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
