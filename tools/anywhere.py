"""Runs the tests on other days, in other places and in other ways than here, and prints which of them pass.

    python tools/anywhere.py             every leg, the whole suite each: hours
    python tools/anywhere.py --marked    every leg, but only tests that read a clock or print data: minutes
    python tools/anywhere.py --clock     these tests on the legs of the dates alone
    python tools/anywhere.py --together  the whole suite on three legs, each in several other ways at once
    python tools/anywhere.py --only PATTERN, --list, --write docs/testing.md

Needs the program `faketime` (Debian: faketime) for the dates. Run by `make test-anywhere` and `.ci/run`. Exit code 1
tells that a leg failed; one that this machine has no means for is told, and fails nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- the table of make test-anywhere -->", "<!-- its end -->"
ANGELES = {"TZ": "America/Los_Angeles"}
NOBODY = 65534
ANOTHER_USER = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
MARK = "reads_clock"
# libfaketime 0.9.10 fails clock_nanosleep, which time.sleep calls, once it leaves the monotonic clock alone.
SLEEP = """
import select, time

def sleep(seconds):
    select.select([], [], [], seconds)

time.sleep = sleep
"""
# What another user may start is not always what they may start from there: the first is opened by root.
STARTS_ITSELF = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import flask'], check=True)"
COUNTS = re.compile(r"(\d+) (passed|failed|error|errors|skipped)")


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One way to run the tests: at a moment, with an environment, by a user, with a Python, beside other work."""

    name: str
    at: str = ""  # as `faketime` takes it
    environment: Mapping[str, str] = field(default_factory=dict)
    workers: int = 2
    busy: bool = False
    as_another_user: bool = False
    python: str = ""


def together() -> list[Leg]:
    """Return legs that are several at once: what passes there passes on each alone, in a sixth of the time."""
    places = {"Los Angeles": ANGELES, "Kathmandu": {"TZ": "Asia/Kathmandu"}, "UTC": {"TZ": "UTC"}}
    plain = {"LANG": "C", "LC_ALL": "C"}

    def order(seed: int, place: str) -> dict[str, str]:
        return {**places[place], "SANDTABLE_TEST_ORDER": str(seed)}

    return [
        Leg(name="random order 1, Los Angeles, LANG=C, 2 workers", environment={**order(1, "Los Angeles"), **plain}),
        Leg(
            name="random order 2, Kathmandu, 4 workers, another user, home read-only",
            environment=order(2, "Kathmandu"),
            workers=4,
            as_another_user=True,
        ),
        Leg(name="random order 3, 1 worker, Python 3.13", environment=order(3, "UTC"), workers=1, python="3.13"),
    ]


def legs() -> list[Leg]:
    """Return every leg, the dates first."""
    today = datetime.datetime.now(datetime.UTC)
    later = [today + datetime.timedelta(days=days) for days in range(1, 7)]
    dates = [Leg(name=f"a {day:%A}", at=f"{day:%Y-%m-%d} 12:00:00") for day in later]
    dates += [
        Leg(name="31 December into 1 January", at=f"{today.year}-12-31 23:59:50"),
        Leg(name="29 February 2028", at="2028-02-29 12:00:00"),
        Leg(name="clocks go forward in Los Angeles", at="2027-03-14 01:59:50", environment=ANGELES),
        Leg(name="clocks go back in Los Angeles", at="2027-11-07 01:59:50", environment=ANGELES),
        Leg(name="in three years", at=f"{today.year + 3}-{today:%m}-15 12:00:00"),
    ]
    zones = ("UTC", "America/Los_Angeles", "Asia/Kathmandu")
    places = [Leg(name=f"time zone {zone}", environment={"TZ": zone}) for zone in zones]
    places += [Leg(name=f"LANG={lang}", environment={"LANG": lang, "LC_ALL": lang}) for lang in ("C", "de_DE.UTF-8")]
    orders = [Leg(name=f"random order {seed}", environment={"SANDTABLE_TEST_ORDER": str(seed)}) for seed in (1, 2, 3)]
    widths = [Leg(name=f"{count} worker{'s' * (count > 1)}", workers=count) for count in (1, 2, 4)]
    others = [
        Leg(name="both cores busy with something else", busy=True),
        Leg(name="another user, home read-only", as_another_user=True),
        Leg(name="every example by both doors", environment={"SANDTABLE_TEST_DOORS": "both"}),
    ]
    pythons = [Leg(name=f"Python 3.{minor}", python=f"3.{minor}") for minor in range(11, 15)]
    return [*dates, *places, *orders, *widths, *others, *pythons]


class NoMeans(Exception):
    """This machine lacks what a leg needs; the text says what."""


@dataclass(frozen=True)
class Outcome:
    """How a leg ended: `passed`, `failed`, or why it was not run; what its tests did, in seconds of a processor."""

    leg: Leg
    ended: str
    counts: str = ""
    seconds: float = 0.0

    def row(self) -> str:
        """Return the row of the table."""
        return f"| {self.leg.name} | {self.ended} | {self.counts} | {self.seconds:.0f} |"


def run(leg: Leg, chosen: list[str]) -> Outcome:
    """Run one leg with more arguments for pytest, and return how it ended; what a failing one printed is shown."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            command, environment = _command(leg, chosen, Path(folder))
        except NoMeans as error:
            return Outcome(leg, f"not run: {error}")
        with _something_else() if leg.busy else contextlib.nullcontext():
            code, seconds, printed, wrong = _ended(command, environment)
    lines = printed.strip().splitlines()
    counts = ", ".join(f"{number} {what}" for number, what in COUNTS.findall(lines[-1] if lines else ""))
    if code:
        print(f"--- {leg.name}\n" + "\n".join(lines[-80:]) + wrong[-2000:], flush=True)
    return Outcome(leg, "failed" if code else "passed", counts, seconds)


def _ended(command: list[str], environment: dict[str, str]) -> tuple[int, float, str, str]:
    """Run a command; return its exit code, the seconds of a processor that it and its own took, and what it wrote."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as wrong:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=wrong)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        told = []
        for file in (out, wrong):
            file.seek(0)
            told.append(file.read().decode(errors="replace"))
    return process.returncode, usage.ru_utime + usage.ru_stime, told[0], told[1]


def _command(leg: Leg, chosen: list[str], folder: Path) -> tuple[list[str], dict[str, str]]:
    python = _interpreter(leg.python) if leg.python else sys.executable
    environment = {**os.environ, **leg.environment, "TMPDIR": str(folder)}
    tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", str(leg.workers), *chosen]
    command = [python, *tests]
    if leg.at:
        if shutil.which("faketime") is None:
            raise NoMeans("there is no faketime")
        # What waits for a while must wait for a real one.
        environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
        environment["TZ"] = leg.environment.get("TZ", "UTC")
        begin = folder / "begin"
        begin.mkdir()
        (begin / "sitecustomize.py").write_text(SLEEP, encoding="utf-8")
        environment["PYTHONPATH"] = str(begin)
        command = ["faketime", "-f", f"@{leg.at}", *command]
    if "LC_ALL" in leg.environment and leg.environment["LC_ALL"] != "C":
        known = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.lower().replace("-", "")
        if leg.environment["LC_ALL"].lower().replace("-", "") not in known:
            raise NoMeans(f"there is no locale {leg.environment['LC_ALL']}")
    if leg.as_another_user:
        if os.geteuid() != 0 or shutil.which("setpriv") is None:
            raise NoMeans("only root can become another user")
        home = folder / "home"
        home.mkdir(mode=0o555)
        folder.chmod(0o777)
        environment |= {"HOME": str(home), "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "examples")}
        if subprocess.run([*ANOTHER_USER, python, "-c", STARTS_ITSELF], capture_output=True, cwd=ROOT).returncode:
            raise NoMeans("another user may not read the interpreter or the sources")
        command = [*ANOTHER_USER, *command]
    return command, environment


def _marked() -> list[str]:
    """Return the files with tests that are marked, so that no leg collects the whole suite for a few."""
    files = (ROOT / "tests").rglob("test_*.py")
    return sorted(str(path.relative_to(ROOT)) for path in files if MARK in path.read_text(encoding="utf-8"))


def _interpreter(version: str) -> str:
    """Return the interpreter of an environment for a version of Python, which is made when there is none."""
    if f"{sys.version_info[0]}.{sys.version_info[1]}" == version:
        return sys.executable
    places = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), reverse=True)
    found = str(places[0]) if places else shutil.which(f"python{version}")
    if not found:
        raise NoMeans("it is not on this machine")
    folder = ROOT / f".venv-{version}"
    if not (folder / ".ready").exists():
        made = subprocess.run([found, str(ROOT / "tools" / "environment.py"), str(folder), "dev", "compat"])
        if made.returncode:
            raise NoMeans("its packages could not be installed")
        (folder / ".ready").touch()
    return str(folder / "bin" / "python")


@contextlib.contextmanager
def _something_else() -> Iterator[None]:
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for each in busy:
            each.kill()
            each.wait()


def table(outcomes: list[Outcome]) -> str:
    """Return the outcomes as a table."""
    return "\n".join(
        [
            "| where and when | | tests | seconds of a processor |",
            "|---|---|---|---:|",
            *(each.row() for each in outcomes),
        ]
    )


def main() -> int:
    """Run what is asked for and return the exit code."""
    given = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    given.add_argument(
        "--clock", action="store_true", help="the dates alone, and only tests that are marked reads_clock"
    )
    given.add_argument("--marked", action="store_true", help="only tests that are marked reads_clock")
    given.add_argument("--together", action="store_true", help="three legs, each in several other ways at once")
    given.add_argument("--only", default="*", help="only legs whose names match this pattern")
    given.add_argument("--list", action="store_true", help="print the legs, and stop")
    given.add_argument("--write", metavar="PAGE", help="put the table into a page, between its two comments")
    given.add_argument("arguments", nargs="*", help="more for pytest, such as tests/demodata (after --)")
    asked = given.parse_args()
    among = together() if asked.together else legs()
    chosen = [leg for leg in among if fnmatch.fnmatch(leg.name, asked.only) and (leg.at or not asked.clock)]
    if asked.list:
        print("\n".join(leg.name for leg in chosen))
        return 0
    few = asked.clock or asked.marked
    arguments = [*(["-m", MARK, *_marked()] if few else []), *asked.arguments]

    def told(leg: Leg) -> Outcome:
        # Few tests a leg: two legs beside each other, of one process each, unless it is about processes.
        alone = ["-n", "0"] if few and leg.workers == Leg.workers else []
        return run(leg, [*alone, *arguments])

    with ThreadPoolExecutor(2 if few else 1) as pool:
        outcomes = list(pool.map(told, chosen))
    print(table(outcomes))
    if asked.write:
        page = Path(asked.write)
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        page.write_text(f"{before}{BEGIN}\n\n{table(outcomes)}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    return int(any(each.ended == "failed" for each in outcomes))


if __name__ == "__main__":
    sys.exit(main())
