"""The `sandtable` command as a fork of a process that has imported it already: what it costs is what it does.

    python tests/docs/warm.py FOLDER    serves FOLDER/socket until standard input ends

`FOLDER/sandtable` is a program like the installed one: it has the arguments, the folder, the environment, the standard
streams and the signals of whoever starts it, and their exit code. That a command starts from nothing is asserted by
tests/install, with the README's commands, and by tests/cli.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

PROGRAM = """#!{python} -IS
import json, os, signal, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect({address!r})
asked = json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(line, [b"%010d" % len(asked)], [0, 1, 2])
line.sendall(asked)
told = line.makefile()
child = int(told.readline())
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, lambda number, _: os.kill(child, number))
sys.exit(int(told.readline()))
"""


class Warm:
    """A warm process and the folder of the program that asks it; closed, it is gone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"  # what instances start from is made once for all commands
        program = folder / "sandtable"
        program.write_text(PROGRAM.format(python=sys.executable, address=str(folder / "socket")), encoding="utf-8")
        program.chmod(0o755)
        command = [sys.executable, __file__, str(folder)]
        self._process = subprocess.Popen(
            command,
            env={**os.environ, "XDG_CACHE_HOME": str(self.cache)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"warm\n"

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def main(folder: str) -> None:
    """Import, say so, and fork for each program that asks."""
    # A fork has what is imported and read here, and nothing that was set: neither a world nor a configuration.
    import sandtable_connector.cli  # noqa: F401
    import sandtable_scenarios.cli  # noqa: F401
    from sandtable.cli import OWN
    from sandtable.serving.assembly import create_instance

    for place in OWN.values():
        __import__(place.partition(":")[0])
    create_instance(random_seed=1, keep_start_image=True)
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(Path(folder, "socket")))
        door.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        os.write(1, b"warm\n")
        while sys.stdin.fileno() not in (ready := select.select([door, sys.stdin.fileno()], [], [])[0]):
            assert ready
            line, _ = door.accept()
            if os.fork() == 0:
                door.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _answer(line)
                return
            line.close()


def _answer(line: socket.socket) -> None:
    """Be the program that is asked for, in a child, and tell its exit code."""
    length, streams, _, _ = socket.recv_fds(line, 10, 3)
    asked = b""
    while len(asked) < int(length):
        asked += line.recv(int(length) - len(asked))
    child = os.fork()
    if child:
        for stream in streams:
            os.close(stream)
        line.sendall(b"%d\n" % child)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        line.sendall(b"%d\n" % (code if code >= 0 else 128 - code))
        os._exit(0)
    line.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.argv, folder, environment = json.loads(asked)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    from sandtable.cli import main as sandtable

    sandtable()


if __name__ == "__main__":
    main(sys.argv[1])
