#!/usr/bin/env bash
# Packages: Authlib 1.9.10 with requests 2.34.2 (PyPI) and simple-oauth2 5.1.0 (npm), asking for a token by client credentials.
# Behaviour: one client secret is two Authorization headers. simple-oauth2 form-encodes ID and secret before it joins them
# (RFC 6749, 2.3.1), Authlib sends them as they are; where the secret has "+" or "%", a server that takes one refuses the other.
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
command -v npm >/dev/null || { echo "this needs node and npm"; exit 2; }
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check Authlib==1.9.10 requests==2.34.2 || exit 2
npm install --silent --no-audit --no-fund --prefix "$folder" simple-oauth2@5.1.0 >/dev/null 2>&1 || exit 2
cat >"$folder/server.py" <<'PY'
import base64
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class TokenEndpoint(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        print(name, base64.b64decode(self.headers["Authorization"].split()[1]).decode(), flush=True)
        body = b'{"access_token": "x", "token_type": "Bearer", "expires_in": 1799}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), TokenEndpoint)
Thread(target=server.serve_forever, daemon=True).start()
for name, program in (("Python", [sys.executable, "-W", "ignore", "run.py"]), ("JavaScript", ["node", "run.js"])):
    subprocess.run([*program, f"http://127.0.0.1:{server.server_port}"], cwd=sys.argv[1], check=True)
PY
cat >"$folder/run.py" <<'PY'
import sys

from authlib.integrations.requests_client import OAuth2Session

client = OAuth2Session("0123456789", "a+b%25c", token_endpoint_auth_method="client_secret_basic")
client.fetch_token(sys.argv[1] + "/oauth_token.do", grant_type="client_credentials")
PY
cat >"$folder/run.js" <<'JS'
const { ClientCredentials } = require("simple-oauth2");
const client = { id: "0123456789", secret: "a+b%25c" };
new ClientCredentials({ client, auth: { tokenHost: process.argv[2], tokenPath: "/oauth_token.do" } }).getToken({});
JS
seen=$("$folder/env/bin/python" "$folder/server.py" "$folder")
echo "$seen"
expected='Python 0123456789:a+b%25c
JavaScript 0123456789:a%2Bb%2525c'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
