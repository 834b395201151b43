"""Builds a release and tries it as a stranger: `python tools/release.py FOLDER`; run by `make release`.

Builds wheel and sdist, lets twine check them, installs each with pip into an empty environment on every Python that is
found, runs the README there, and writes a bill of materials (CycloneDX) of what an installation brings.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# What lies in the wheel and was written by others; the files' own notes say from where.
BUNDLED = (
    {
        "type": "library",
        "name": "htmx.org",
        "version": "2.0.11",
        "purl": "pkg:npm/htmx.org@2.0.11",
        "licenses": [{"license": {"id": "0BSD"}}],
        "description": "sandtable/web/console/static/htmx.min.js",
    },
)


def main(folder: str, *only: str) -> int:
    """Build into a folder and try what was built; return the exit code. `only` names Pythons, such as 3.11."""
    place = Path(folder).resolve()
    shutil.rmtree(place, ignore_errors=True)
    python = sys.executable
    _run(python, "-m", "build", "--outdir", str(place), str(ROOT))
    built = sorted([*place.glob("*.whl"), *place.glob("*.tar.gz")])
    _run(python, "-m", "twine", "check", "--strict", *map(str, built))
    _is_one_version(built)
    pythons = [found for number in PYTHONS if not only or number in only for found in _interpreters(number)]
    if not pythons:
        print("No Python was found to try it with.", file=sys.stderr)
        return 1
    for found in pythons:
        for artefact in built:
            with tempfile.TemporaryDirectory(prefix="sandtable-release-") as name:
                _try(found, artefact, Path(name), place)
    print(f"Tried {len(built)} files on {len(pythons)} Pythons. They are in {place}.")
    return 0


def _is_one_version(built: list[Path]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stem = f"{project['name'].replace('-', '_')}-{project['version']}"
    if {path.name.removeprefix(stem)[0:1] for path in built} - {"-", "."} or len(built) != 2:
        sys.exit(f"Expected the wheel and the sdist of {stem}, and found {[path.name for path in built]}")
    if f"\n## {project['version']} " not in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"):
        sys.exit(f"CHANGELOG.md has no section of {project['version']}")


def _interpreters(number: str) -> list[str]:
    """Return the interpreter of a version, in a list that is empty where there is none that runs."""
    command = shutil.which(f"python{number}")
    if command is None:
        return []
    asked = subprocess.run([command, "-c", "import sys, venv; print(sys.executable)"], capture_output=True, text=True)
    return [asked.stdout.strip()] if asked.returncode == 0 else []


def _try(python: str, artefact: Path, empty: Path, place: Path) -> None:
    print(f"== {artefact.name} on {python}", flush=True)
    _run(python, "-m", "venv", str(empty / "env"))
    bin_folder = empty / "env" / ("Scripts" if os.name == "nt" else "bin")
    own = str(bin_folder / "python")
    install = [own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    _run(*install, str(artefact))
    if artefact.suffix == ".whl":
        _bill(own, place / "sandtable-servicenow.cdx.json")
    _run(*install, "pytest")  # the README's tests of a client are run as well
    environment = {**os.environ, "SANDTABLE_INSTALLED": str(bin_folder)}
    _run(sys.executable, "-m", "pytest", "-q", "-n", "0", "tests/install", environment=environment)


def _bill(python: str, path: Path) -> None:
    """Write the bill of materials of an environment, with what lies in the wheel itself."""
    pyproject = ["--pyproject", str(ROOT / "pyproject.toml")]
    made = ["--output-reproducible", "--of", "JSON", "-o", str(path)]
    _run(sys.executable, "-m", "cyclonedx_py", "environment", *pyproject, *made, python)
    bill = json.loads(path.read_text(encoding="utf-8"))
    tools = {"pip", "setuptools", "wheel"}
    bill["components"] = [*(each for each in bill["components"] if each["name"] not in tools), *BUNDLED]
    path.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")


def _run(*command: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=ROOT, env=environment)
    if done.returncode:
        sys.exit(f"This failed with {done.returncode}: {' '.join(command)}")


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(str(__doc__).splitlines()[0])
    sys.exit(main(*sys.argv[1:]))
