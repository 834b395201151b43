"""Connections on their way from one process to another: the socket itself is handed over, with what came through it.

All processes accept on the same port. The one that reads the head of a request for a world of another process passes
the connection on, and has nothing more to do with it: no byte of a body or an answer is copied on the way, and a client
that keeps its connection is led once.
"""

from __future__ import annotations

import array
import contextlib
import errno
import json
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST_LETTER = 32 * 1024  # bytes that go beside the socket; more go through a file
LETTERS_AT_ONCE = 64


class PostError(Exception):
    """A connection that cannot be handed over; the text is for its client."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A connection that another process has handed over: its socket, its client, and what it has sent so far."""

    sock: socket.socket
    address: tuple[str, str]
    data: bytes


class Post:
    """Where one process of several takes connections in and hands them over.

    `place_of(environ)` returns the number of the process that answers a request, None for this one.
    """

    def __init__(self, folder: Path, number: int, place_of: Callable[[dict[str, Any]], int | None]) -> None:
        self.place_of = place_of
        self._folder = folder
        self._path = _address(folder, number)
        self._path.unlink(missing_ok=True)
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self.sock.bind(str(self._path))
        except OSError as error:
            raise PostError(
                f"{self._path} cannot be a socket: {error}; set TMPDIR to a folder with a shorter name"
            ) from None
        self.sock.setblocking(False)
        self._sending = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sending.setblocking(False)

    def hand_over(self, place: int, sock: socket.socket, address: tuple[str, str], data: bytes, *, wait: bool) -> bool:
        """Hand a connection to another process; tell whether it went.

        It does not, without `wait`, while that process has too many letters to open. Raises PostError when it is down.
        """
        envelope = json.dumps(address).encode() + b"\n"
        with contextlib.ExitStack() as open_files:
            files = [sock.fileno()]
            if len(data) > LONGEST_LETTER:
                long = open_files.enter_context(tempfile.TemporaryFile(dir=self._folder))
                long.write(data)
                long.flush()
                files.append(long.fileno())
                data = b""
            sending = self._sending
            if wait:
                sending = open_files.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            to = str(_address(self._folder, place))
            try:
                # Not socket.send_fds, which leaves its address out before Python 3.12.
                sending.sendmsg([envelope, data], [_rights(files)], 0, to)
            except BlockingIOError:
                return False
            except OSError as error:
                if error.errno == errno.ENOBUFS and not wait:
                    return False
                raise PostError(f"process {place + 1}, where this world lives, is starting again") from None
        return True

    def arrived(self) -> Iterator[Arrived]:
        """Yield the connections that were handed over to this process since."""
        for _ in range(LETTERS_AT_ONCE):
            try:
                letter, files, _, _ = socket.recv_fds(self.sock, LONGEST_LETTER + 1024, 2)
            except OSError:
                return
            if not files:
                continue
            head, _, data = letter.partition(b"\n")
            host, port = json.loads(head)
            if len(files) > 1:
                with os.fdopen(files[1], "rb") as long:
                    long.seek(0)
                    data = long.read()
            yield Arrived(socket.socket(fileno=files[0]), (host, port), data)

    def close(self) -> None:
        """Take nothing in any more."""
        self.sock.close()
        self._sending.close()
        self._path.unlink(missing_ok=True)


def _address(folder: Path, number: int) -> Path:
    return folder / f"{number}.post"


def _rights(files: list[int]) -> tuple[int, int, bytes]:
    return socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files).tobytes()
