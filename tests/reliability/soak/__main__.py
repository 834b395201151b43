"""`python -m tests.reliability.soak`: what takes too long for the suite: kills, requests at random, slow clients, work.

Prints one line a leg, and exits with 1 when one of them found something.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.reliability.soak.growing import grow
from tests.reliability.soak.killing import kill
from tests.reliability.soak.random_requests import ask_at_random
from tests.reliability.soak.slow_clients import crowd


def main(arguments: list[str] | None = None) -> int:
    """Run the legs that were asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=500, help="how often the server is killed while it writes")
    parser.add_argument("--requests", type=int, default=1_000_000, help="how many requests are made up")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long it works")
    parser.add_argument("--slow", type=float, default=10.0, help="for how many minutes slow clients stand in the way")
    parser.add_argument("--random-seed", type=int, default=int(time.time()), help="makes chance repeatable")
    asked = parser.parse_args(arguments)
    sys.stdout.write(f"random seed {asked.random_seed}\n")
    found = 0
    legs = ((asked.kills, kill), (asked.requests, ask_at_random), (asked.slow, crowd), (asked.minutes, grow))
    for times, leg in legs:
        if times:
            line, good = leg(times, asked.random_seed)
            sys.stdout.write(f"{'good' if good else 'BAD '}  {line}\n")
            sys.stdout.flush()
            found += not good
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
