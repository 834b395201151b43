"""Write every generated page again: `make docs`. Each page has a test that fails when it is out of date."""

from __future__ import annotations

import runpy
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> None:
    for script in sorted(FOLDER.glob("generate_*.py")):
        print(script.name)  # noqa: T201 - a command line tool
        runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    main()
