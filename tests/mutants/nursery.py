"""Trials of mutants as forks of processes that have imported all but what a bug is planted in.

    python -m tests.mutants.nursery MODULE...    imports, then tries the mutants that standard input names

What a trial costs is then what it tries: importing and making the first instance take longer than most of them.
"""

from __future__ import annotations

import gc
import importlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from types import TracebackType
from typing import IO

from tests.mutants.planting import FOLDER
from tests.mutants.trial import Verdict, main

ROOT = FOLDER.parents[1]
ASSEMBLY = "sandtable.serving.assembly"
SCENARIOS = ("sandtable_scenarios.catalogue", "sandtable_scenarios.search.engine", "sandtable_scenarios.search.telling")
# By the side that a bug is planted in, what none of its bugs changes.
UNTOUCHED = {
    "connector": (*SCENARIOS, "sandtable.library.in_process", "sandtable.web.app", ASSEMBLY),
    "simulator": (*SCENARIOS, "sandtable_connector.rehearsal", "apsw", "flask", "orjson", "click"),
    "third": (*SCENARIOS, "sandtable.library.in_process", "sandtable.web.app", ASSEMBLY),
}


class Nursery:
    """Warm processes, one for each set of modules, begun when they are first needed; one trial at a time."""

    def __init__(self) -> None:
        self._warm: dict[tuple[str, ...], subprocess.Popen[str]] = {}

    def __enter__(self) -> Nursery:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._warm.values():
            process.communicate()  # without a mutant to try it ends

    def tried(self, name: str, seed: int = 0) -> Verdict:
        """Return the verdict on one mutant, tried in a process of its own."""
        process = self._process(UNTOUCHED.get(name.partition("/")[0], ()))
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([name, str(seed)]) + "\n")
        process.stdin.flush()
        code, lines, wrong = json.loads(process.stdout.readline())
        try:
            return Verdict(**json.loads(lines[-1]))
        except (ValueError, IndexError, TypeError):
            return Verdict(name, trouble=f"the trial ended with code {code}: {(wrong or ['no output'])[-1]}")

    def _process(self, modules: tuple[str, ...]) -> subprocess.Popen[str]:
        if modules not in self._warm:
            self._warm[modules] = subprocess.Popen(
                [sys.executable, "-m", "tests.mutants.nursery", *modules],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._warm[modules]


def serve(modules: list[str]) -> None:
    """Import, and fork for each mutant that is asked for."""
    logging.root.addHandler(logging.NullHandler())
    for module in modules:
        importlib.import_module(module)
    if ASSEMBLY in modules:
        importlib.import_module(ASSEMBLY).create_instance().close()  # makes what every new instance starts from
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as wrong:
            child = os.fork()
            if not child:
                _try(json.loads(line), out, wrong)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            for file in (out, wrong):
                file.seek(0)
            told = [file.read().decode(errors="replace").splitlines() for file in (out, wrong)]
        print(json.dumps([code, *told]), flush=True)  # noqa: T201


def _try(asked: list[str], out: IO[bytes], wrong: IO[bytes]) -> None:
    code = 1
    try:
        for file, number in ((out, 1), (wrong, 2)):
            os.dup2(file.fileno(), number)
        main(asked)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1:])
