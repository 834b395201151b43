#!/usr/bin/env bash
# Package: ticketutil 1.8.5 (PyPI), ServiceNowTicket.add_cc, with requests 2.34.2.
# Behaviour: the first person added to an empty watch list becomes the second: the list begins with an empty name, which is sent
# to the instance. The names are joined with a blank behind the comma, which lists of ServiceNow do not have.
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


class Instance(BaseHTTPRequestHandler):
    def reply(self, status, result):
        body = json.dumps({"result": result}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(200, [INCIDENT])

    def do_PUT(self):
        changed = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        print(json.dumps(changed["watch_list"]), flush=True)
        self.reply(200, {**INCIDENT, **changed})

    def log_message(self, *_):
        pass


for name in ("gssapi", "requests_kerberos"):  # ticketutil imports them; with a password it uses neither
    sys.modules[name] = types.SimpleNamespace(DISABLED=None, HTTPKerberosAuth=None)
from ticketutil.servicenow import ServiceNowTicket

server = ThreadingHTTPServer(("127.0.0.1", 0), Instance)
Thread(target=server.serve_forever, daemon=True).start()

ticket = ServiceNowTicket(f"http://127.0.0.1:{server.server_port}", "incident", ("user", "password"), "INC1")
ticket.add_cc("beth@example.com")
ticket.add_cc("fred@example.com")
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='", beth@example.com"
", beth@example.com, fred@example.com"'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
