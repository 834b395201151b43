"""The pages as a site: each has its place in the contents once, and no link leads nowhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.ours("the site shows every page, once, and all of its links lead somewhere")

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_contents_name_each_page_once() -> None:
    trees = re.findall(r"```\{toctree\}\n(.*?)```", (DOCS / "index.md").read_text(encoding="utf-8"), re.DOTALL)
    named = Counter(line for tree in trees for line in tree.splitlines() if line and not line.startswith(":"))
    assert named == Counter(path.stem for path in DOCS.glob("*.md") if path.stem != "index")


@pytest.mark.skipif(find_spec("sphinx") is None, reason="needs the extra docs: make docs-site installs it")
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-n", "-b", "html", str(DOCS), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "searchindex.js").exists()
