"""Print what the simulator needs of other people's packages, and those of the extras named, one requirement a line."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

if __name__ == "__main__":
    project = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["project"]
    extras = (project["optional-dependencies"][extra] for extra in sys.argv[2:])
    print("\n".join([*project["dependencies"], *(each for extra in extras for each in extra)]))
