"""The health check of the image: whether the server in this container is ready.

Not `sandtable health`, which loads a command line: this loads a socket, and a container may be asked every few seconds.
"""

from __future__ import annotations

import os
import socket
import sys

PATH = "/_sandtable/health/ready"
SECONDS = 4


def main() -> int:
    """Return 0 when the server is ready, else 1."""
    port = os.environ.get("SANDTABLE_PORT") or os.environ.get("PORT") or "8080"
    tls = os.environ.get("SANDTABLE_TLS", "").strip().lower() in ("true", "1", "yes", "on")
    try:
        with socket.create_connection(("127.0.0.1", int(port) if port.isdigit() else 8080), SECONDS) as sock:
            if tls or os.environ.get("SANDTABLE_TLS_CERTIFICATE"):
                import ssl

                # Its name may be any, and the question is whether it answers.
                context = ssl.create_default_context()
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                sock = context.wrap_socket(sock)
            sock.sendall(f"GET {PATH} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            status = sock.recv(16).partition(b" ")[2][:3]
            return 0 if status == b"200" else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
