"""``python -m tests.mutants [NAME ...]``: plant each known bug, and print which rule catches it, and how soon."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from fnmatch import fnmatchcase
from queue import SimpleQueue

from tests.mutants.nursery import Nursery
from tests.mutants.planting import names
from tests.mutants.trial import Verdict


def table(verdicts: Iterable[Verdict]) -> Iterable[str]:
    """Yield the kill table, a line a mutant."""
    for verdict in verdicts:
        mark = "killed  " if verdict.killed else "ESCAPED "
        where = f"{verdict.rule or '-':<28} {verdict.scenario or '-':<18} {verdict.profile or '-':<6}"
        known = f" of {verdict.shortest}" if verdict.shortest else ""
        fewest = "" if verdict.is_shortest else ", perhaps not the fewest"
        found = f"{where} {verdict.examples:>4}  {verdict.suspect:<9} {verdict.steps} steps{known}{fewest}"
        trouble = f"  {verdict.trouble}" if verdict.trouble else ""
        yield f"{mark} {verdict.name:<46} {found}{trouble}"


def main() -> int:
    """Try the mutants that the command line names, all by default; exit code 1 when one escapes."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", default=["*"], help="mutants, such as connector/closes_* (all)")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (2)")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the stories (0)")
    options = parser.parse_args()
    chosen = [name for name in names() if any(fnmatchcase(name, pattern) for pattern in options.names)]
    if not chosen:
        parser.error(f"no mutant matches {' '.join(options.names)}; there are {', '.join(names())}")
    verdicts = []
    free: SimpleQueue[Nursery] = SimpleQueue()

    def tried(name: str) -> Verdict:
        nursery = free.get()
        try:
            return nursery.tried(name, options.seed)
        finally:
            free.put(nursery)

    with ExitStack() as stack:
        for _ in range(options.jobs):
            free.put(stack.enter_context(Nursery()))
        pool = stack.enter_context(ThreadPoolExecutor(options.jobs))
        for verdict in pool.map(tried, chosen):
            verdicts.append(verdict)
            for line in table([verdict]):
                print(line, flush=True)  # noqa: T201
    escaped = [verdict.name for verdict in verdicts if not verdict.killed]
    quick = sum(verdict.killed and verdict.profile == "quick" for verdict in verdicts)
    told = f"{len(verdicts) - len(escaped)} of {len(verdicts)} mutants killed, {quick} of them in quick"
    print(told)  # noqa: T201
    return 1 if escaped else 0


if __name__ == "__main__":
    sys.exit(main())
