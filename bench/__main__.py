"""Run the measurements named on the command line, or all of them; each figure stands beside one to compare it with."""

from __future__ import annotations

import argparse
import importlib

ALL = ("core", "restore", "pages", "start_up", "wire", "scale", "beside")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(ALL)} (default: all)")
    parser.add_argument("--most", type=int, default=1_000_000, help="incidents in the largest instance (core, beside)")
    parser.add_argument("--base", default="", help="a worktree of another build, with its own .venv (beside)")
    parser.add_argument("--moto", default="", help="an interpreter that has moto[server] (beside)")
    parser.add_argument("--wiremock", default="", help="WireMock's jar, as in the npm package wiremock (beside)")
    parser.add_argument("--page", default="", help="the page to write the figures into (beside)")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in ALL]
    if unknown:
        parser.error(f"no measurement {unknown[0]}; there are {', '.join(ALL)}")
    beside = {name: getattr(options, name) for name in ("base", "moto", "wiremock", "page")}
    for name in options.names or ALL:
        print(f"== {name}", flush=True)
        more = beside if name == "beside" else {}
        importlib.import_module(f"bench.{name}").run(most=options.most, **more)


if __name__ == "__main__":
    main()
