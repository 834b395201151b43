#!/usr/bin/env bash
# Package: ticketutil 1.8.5 (PyPI), ServiceNowTicket.create, with requests 2.34.2.
# Behaviour: a creation that is answered 504 is sent again, nine times in all, since its session repeats POST as it repeats GET.
# A gateway that gives up waiting has often passed the request on: one ticket may be nine.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check requests==2.34.2 || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps ticketutil==1.8.5 || exit 2
cat >"$folder/run.py" <<'PY'
import json
import logging
import sys
import types
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

logging.disable(logging.CRITICAL)
INCIDENT = {"sys_id": "0" * 32, "number": "INC1", "watch_list": "", "label": "New", "value": "1"}
sent = []


class Instance(BaseHTTPRequestHandler):
    def reply(self, status, result):
        body = json.dumps({"result": result}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(200, [INCIDENT])

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        sent.append(self.command)
        self.reply(504, None)

    def log_message(self, *_):
        pass


for name in ("gssapi", "requests_kerberos"):  # ticketutil imports them; with a password it uses neither
    sys.modules[name] = types.SimpleNamespace(DISABLED=None, HTTPKerberosAuth=None)
from ticketutil.servicenow import ServiceNowTicket

server = ThreadingHTTPServer(("127.0.0.1", 0), Instance)
Thread(target=server.serve_forever, daemon=True).start()

ticket = ServiceNowTicket(f"http://127.0.0.1:{server.server_port}", "incident", ("user", "password"))
made = ticket.create("printer", "it burns", "hardware", "printer")
print(f"{made.status} after {len(sent)} times {sent[0]}")
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='Failure after 9 times POST'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
