"""A reader at a terminal: types what a page says, leaves servers running in the background, and sees what they see."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.pages import ROOT, Command

BIN = Path(sys.executable).parent
OURS = ("SANDTABLE_", "PYTEST", "HYPOTHESIS")
FOREIGN = {"PORT", "CI", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}
LISTENS = re.compile(
    r"^sandtable (?:serve|record|replay|connector serve)\b(?!.*(?:--as-records|--show-settings))", re.S
)
READY = re.compile(r"ready at https?://[\w.]+:(\d+)")
PROXY = re.compile(r"HTTPS_PROXY=http://127\.0\.0\.1:(\d+)")


@dataclass
class Terminal:
    """One terminal in a folder that looks like a clone. Ports that a page shows are replaced by free ones.

    `programs` are the folders with the commands, that of the environment of the tests when left out; `cache` is the
    user's cache folder, one in the home when left out.
    """

    folder: Path
    programs: tuple[Path, ...] = (BIN,)
    cache: Path | None = None
    ports: dict[str, str] = field(default_factory=dict)
    running: dict[str, tuple[subprocess.Popen[str], threading.Thread]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        self.clone = self.folder / "clone"
        self._exported = self.home / "exported"
        for place in (self.home, self.clone):
            place.mkdir()
        for name in ("docs", "examples", "fixtures", "docker"):
            (self.clone / name).symlink_to(ROOT / name)

    def type(self, command: Command) -> tuple[int, str]:
        """Do what a command says and return its exit code and what it printed, in the words of the page.

        A command that listens is left running, and answers when it is ready with what it printed until then.
        """
        text = command.text.removesuffix(" &").strip()
        if LISTENS.match(text):
            return self._listen(text)
        return self._run(text)

    def close(self) -> None:
        """Stop what is still running."""
        for shown in list(self.running):
            self._stop(shown)

    def _known(self) -> str:
        """Return the beginning of a script that knows what commands before it exported or assigned."""
        port = f"export SANDTABLE_PORT={self.ports['8080']}" if "8080" in self.ports else ""
        return f"set -a\n[ ! -f {self._exported} ] || . {self._exported}\n{port}"

    def _run(self, text: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-c", f"{self._known()}\n{self._here(text)}\ncode=$?\nexport -p > {self._exported}\nexit $code"],
            cwd=self.clone,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, self._shown(done.stdout)

    def _listen(self, text: str) -> tuple[int, str]:
        given = re.search(r"--port (\d+)", text)
        shown = given[1] if given else "8080"
        proxy = re.search(r"--proxy (\d+)", text)
        self._stop(shown)
        free = re.sub(r"--(port|proxy) \d+", r"--\1 0", text) + ("" if given else " --port 0")
        process = subprocess.Popen(
            ["bash", "-c", f"{self._known()}\nexec {self._here(free)}"],
            cwd=self.clone,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if proxy and (found := PROXY.search(line)):
                self.ports[proxy[1]] = found[1]
            if ready := READY.match(line):
                self.ports[shown] = ready[1]
                break
        else:
            process.stdout.close()
            return process.wait(), printed
        reading = threading.Thread(target=process.stdout.read, daemon=True)
        reading.start()
        self.running[shown] = (process, reading)
        return 0, self._shown(printed)

    def _stop(self, shown: str) -> None:
        process, reading = self.running.pop(shown, (None, None))
        if process is None or reading is None or process.stdout is None:
            return
        process.terminate()
        process.wait()
        reading.join()
        process.stdout.close()

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(OURS)}
        kept = {name: value for name, value in kept.items() if name.upper() not in FOREIGN | {"XDG_DATA_HOME"}}
        path = os.pathsep.join([*map(str, self.programs), os.environ.get("PATH", "")])
        kept["XDG_CACHE_HOME"] = str(self.cache or self.home / ".cache")
        return kept | {"HOME": str(self.home), "PATH": path, "TERM": "dumb", "COLUMNS": "140"}

    def _here(self, text: str) -> str:
        for shown, real in self.ports.items():
            text = re.sub(rf"(127\.0\.0\.1|localhost):{shown}\b", rf"\1:{real}", text)
        return text

    def _shown(self, text: str) -> str:
        for shown, real in self.ports.items():
            text = re.sub(rf"\b{real}\b", shown, text)
        return text.replace(str(self.home), "/home/you").replace(str(self.clone), "/home/you/sandtable")


def plain(text: str) -> str:
    """Take out what differs from run to run: free ports, sys_ids, blanks at the ends of lines."""
    text = re.sub(r"127\.0\.0\.1:\d{4,5}\b", "127.0.0.1:PORT", text)
    text = re.sub(r"\b[0-9a-f]{32}\b", "ID", text)
    return "\n".join(line.rstrip() for line in text.replace("\r", "").strip().splitlines())


def differs(shown: str, printed: str) -> bool:
    """Whether something was printed that is not what a page shows, where `...` stands for anything."""
    pieces = [re.escape(piece) for piece in plain(shown).split("...")]
    return re.fullmatch(".*?".join(pieces), plain(printed), re.DOTALL) is None
