"""Makes a virtual environment for this project, saying what it does: `python tools/environment.py FOLDER [EXTRA ...]`.

With extras the project is installed as its developers do, with its commands; without any only what it needs at run time
is, and its sources are found where they are. Run by the Makefile with any Python; needs none of the project's packages.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("simulator", "connector", "scenarios")
OLDEST = (3, 11)


def main(folder: str, *extras: str) -> int:
    """Make the environment and return the exit code."""
    if sys.version_info < OLDEST:
        print("Sandtable needs Python 3.11 or newer; set PYTHON=/path/to/python3.11", file=sys.stderr)
        return 1
    place = Path(folder)
    began = time.monotonic()
    purpose = f"for development, with {' and '.join(extras)}" if extras else "for what runs here, without test tools"
    print(f"Setting up {place} {purpose}. This is done once.", flush=True)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        print("  1/2 a virtual environment", flush=True)
        venv.create(place, with_pip=False)
    installer = _installer(place, python)
    print("  2/2 its packages", flush=True)
    code = _install(installer, place, extras)
    if code:
        return code
    if not extras:
        (found,) = [*place.glob("lib/python*/site-packages"), *place.glob("Lib/site-packages")]
        (found / "sandtable-sources.pth").write_text("".join(f"{ROOT / name}\n" for name in SOURCES), encoding="utf-8")
    print(f"Set up in {time.monotonic() - began:.0f} s; from now on this starts at once.", flush=True)
    return 0


def _installer(place: Path, python: Path) -> list[str]:
    """Return the command that installs packages into the environment, now and when what it needs has changed."""
    own = [sys.executable, "-m", "pip", "--python", str(python)]
    if subprocess.run([*own, "--version"], capture_output=True, check=False).returncode == 0:
        # The interpreter's own pip does, and a second one would be the largest package of all.
        return own
    venv.create(place, with_pip=True)
    return [str(python), "-m", "pip"]


def _install(installer: list[str], place: Path, extras: tuple[str, ...]) -> int:
    """Install, name each package as it comes, and return the exit code; what went wrong is shown as pip says it."""
    if extras:
        # The versions that the tests are known to pass with, unless the newest are asked for.
        tested = [] if os.environ.get("SANDTABLE_NEWEST") else ["--constraint", str(ROOT / "constraints.txt")]
        wanted = ["--editable", f"{ROOT}[{','.join(extras)}]", *tested]
        # An environment of before 0.2.0 has the project under its former name, and would load each plugin twice.
        former = [*installer, "uninstall", "--yes", "--quiet", "--disable-pip-version-check", "sandtable"]
        subprocess.run(former, capture_output=True, check=False)
    else:
        import tomllib

        with (ROOT / "pyproject.toml").open("rb") as stream:
            wanted = ["--no-compile", *tomllib.load(stream)["project"]["dependencies"]]
    run = [*installer, "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", *wanted]
    said = []
    with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            said.append(line)
            words = line.split()
            if words[:1] == ["Collecting"]:
                print(f"      {re.split('[<>=!~;[]', words[1])[0]}", flush=True)
            elif line.startswith("Installing collected packages"):
                print(f"      installing {line.count(',') + 1} packages", flush=True)
    if pip.returncode:
        print("".join(said), end="", file=sys.stderr)
        print(f"The packages of {place} could not be installed: see above.", file=sys.stderr)
    return pip.returncode


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(str(__doc__).splitlines()[0])
    sys.exit(main(*sys.argv[1:]))
