"""The README is true beside its commands, which are typed with those of the other pages."""

from __future__ import annotations

import re

import pytest
from tests.docs.pages import ROOT, blocks, commands, read

pytestmark = pytest.mark.ours("the README shows what a newcomer will see")


@pytest.mark.parametrize("name", ["test_client.py", "test_in_process.py"])
def test_the_programs_are_the_examples(name: str) -> None:
    text = (ROOT / "examples" / name).read_text(encoding="utf-8")
    assert text in [block.text for block in blocks("README.md", "python")]


def test_the_targets_of_make_that_it_names_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`(?=[,.])", read("README.md").partition("`make help` lists")[2].partition("\n")[0]))
    named |= {command.text.split()[1] for command in commands("README.md") if command.text.startswith("make ")}
    assert {"demo", "test"} < named
    assert [target for target in named if f"\n{target}:" not in makefile] == []
