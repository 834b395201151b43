"""Requests written byte for byte over a socket, as no client library would send them."""

from __future__ import annotations

import base64
import socket
from urllib.parse import urlsplit

BASIC = f"Authorization: Basic {base64.b64encode(b'admin:admin').decode()}\r\n"
INCIDENTS = "/api/now/table/incident"


def connected(url: str, *, timeout: float = 20.0) -> socket.socket:
    """Return a connection to the server at `url`."""
    where = urlsplit(url)
    return socket.create_connection((where.hostname or "", where.port or 0), timeout=timeout)


def exchanged(url: str, data: bytes, *, half_close: bool = False) -> bytes:
    """Send bytes, and return all that comes back until the server closes or nothing comes for a while."""
    with connected(url, timeout=5.0) as sock:
        sock.sendall(data)
        if half_close:
            sock.shutdown(socket.SHUT_WR)
        received = b""
        while True:
            try:
                piece = sock.recv(65536)
            except (TimeoutError, ConnectionResetError):
                return received
            if not piece:
                return received
            received += piece


def statuses(answer: bytes) -> list[int]:
    """Return the status of each answer in what came back."""
    return [int(line.split(b" ")[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.")]


def posted(headers: str, body: str, *, path: str = INCIDENTS, host: str = "Host: localhost\r\n") -> bytes:
    """Return a request that makes an incident, if its headers are accepted, and is the last of its connection."""
    head = f"POST {path} HTTP/1.1\r\n{host}{BASIC}Content-Type: application/json\r\nConnection: close\r\n{headers}\r\n"
    return head.encode("latin-1") + body.encode("latin-1")
