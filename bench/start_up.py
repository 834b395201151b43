"""How long from nothing to the first answer, beside a bare Flask application on the same server."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 5
BARE = """
import sys
from flask import Flask
from sandtable.serving.server import Server
app = Flask("bare")
app.route("/")(lambda: "hello")
with Server(app) as server:
    print(f"ready at {server.url}", flush=True)
    sys.stdin.read()
"""
SANDTABLE = [sys.executable, "-m", "sandtable.cli", "serve", "--port", "0", "--log", "off"]


def run(*, most: int = 0) -> None:
    """Print the median seconds from process start to the first answer, and their ratio."""
    bare = statistics.median(first_answer([sys.executable, "-c", BARE], "/") for _ in range(ROUNDS))
    ours = statistics.median(first_answer(SANDTABLE, "/api/now/table/incident?sysparm_limit=1") for _ in range(ROUNDS))
    print(f"a bare Flask application   {bare:.2f} s  x1.0")
    print(f"sandtable serve            {ours:.2f} s  x{ours / bare:.1f}")


def first_answer(command: list[str], path: str) -> float:
    """Return the seconds until a fresh process has answered one request."""
    import base64
    import urllib.request

    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2]
        request = urllib.request.Request(url + path)
        request.add_header("Authorization", "Basic " + base64.b64encode(b"admin:admin").decode())
        urllib.request.urlopen(request).read()
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.communicate()
