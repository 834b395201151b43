"""Run the measurements named on the command line, or all of them; each figure stands beside one to compare it with."""

from __future__ import annotations

import argparse
import importlib

ALL = ("core", "restore", "start_up", "wire")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(ALL)} (default: all)")
    parser.add_argument("--most", type=int, default=1_000_000, help="incidents in the largest instance (core)")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in ALL]
    if unknown:
        parser.error(f"no measurement {unknown[0]}; there are {', '.join(ALL)}")
    for name in options.names or ALL:
        print(f"== {name}", flush=True)
        importlib.import_module(f"bench.{name}").run(most=options.most)


if __name__ == "__main__":
    main()
