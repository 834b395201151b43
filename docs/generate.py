"""Write every generated page again: `make docs`. Each page has a test that fails when it is out of date."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> None:
    """Run every script beside this one; one that cannot write its page says why, and the others go on."""
    refusals = []
    for script in sorted(FOLDER.glob("generate_*.py")):
        print(script.name, flush=True)  # noqa: T201 - a command line tool
        try:
            runpy.run_path(str(script), run_name="__main__")
        except SystemExit as refusal:
            if refusal.code:
                refusals.append(f"{script.name}: {refusal.code}")
    if refusals:
        sys.exit("\n".join(refusals))


if __name__ == "__main__":
    main()
