"""This build beside another (`--base`, a worktree with its own .venv) and beside peers, in one run, as ratios.

Each is measured in turns, so that what else the machine does meets all alike, and medians are compared. Peers are
moto's server (`pip install 'moto[server]'`, found by `--moto PYTHON`) and WireMock (its jar is in the npm package
`wiremock`, found by `--wiremock JAR`; needs Java). Without them their columns are left out.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

from bench import over_the_wire
from bench.page import write

PROBE, MANY = (Path(__file__).parent / name for name in ("probe.py", "many.py"))
ROUNDS = 2


def run(*, most: int = 0, base: str = "", moto: str = "", wiremock: str = "", page: str = "") -> None:
    """Print the tables, and write them into the documentation when `page` names the file.

    `most` is how many incidents there are where there are many; 0 leaves that out.
    """
    builds = {"this build": sys.executable}
    if base:
        builds["base"] = str(Path(base) / ".venv" / "bin" / "python")
    lines = _in_process(builds) + _among_many(builds, most)
    lines += over_the_wire.measured(builds, moto=moto, wiremock=wiremock)
    for line in lines:
        print("  ".join(f"{cell:>22}" for cell in line))
    if page:
        write(Path(page), lines)


def _in_process(builds: dict[str, str]) -> list[list[str]]:
    figures: dict[str, list[dict[str, float]]] = {name: [] for name in builds}
    for _ in range(ROUNDS):
        for name, python in builds.items():
            answer = subprocess.run([python, str(PROBE)], capture_output=True, text=True, check=True)
            figures[name].append(json.loads(answer.stdout.splitlines()[-1]))
    lines = [["in process", *builds, "ratio of CPU"]]
    for what in figures["this build"][0]:
        found = {name: statistics.median(each[what] for each in taken) for name, taken in figures.items()}
        counted = what.endswith("statements")
        cells = [f"{found[name]:.0f}" if counted else f"{found[name]:.2f} ms" for name in builds]
        other = found.get("base")
        lines.append([what, *cells, f"x{found['this build'] / other:.2f}" if other else ""])
    return lines


def _among_many(builds: dict[str, str], most: int) -> list[list[str]]:
    """Return what questions cost among `most` incidents, each build once: to load them takes longest."""
    if not most:
        return []
    found = {}
    for name, python in builds.items():
        answer = subprocess.run([python, str(MANY), str(most)], capture_output=True, text=True, check=True)
        found[name] = json.loads(answer.stdout.splitlines()[-1])
    lines = [[f"among {most:,} incidents", *builds, "ratio of CPU"]]
    for what, ours in found["this build"].items():
        other = found["base"].get(what) if "base" in found else None
        ratio = f"x{ours / other:.3g}" if other else ""
        lines.append([what, *[f"{each[what]:,.1f} ms" for each in found.values()], ratio])
    return lines
