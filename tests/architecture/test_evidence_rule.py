"""The rule that each test says how we know what it asserts is itself tested."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.ours("a test without exactly one piece of evidence does not run")
pytest_plugins = ("pytester",)

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
MARKS = "\n".join(f"    {name}(text): evidence" for name in ("recorded", "documented", "assumed", "ours"))


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makeini(f"[pytest]\nmarkers =\n{MARKS}\n")
    return pytester


@pytest.mark.parametrize(
    "source, accepted",
    [
        ("@pytest.mark.documented('a page')\ndef test(): pass", True),
        ("def test(): pass", False),
        ("@pytest.mark.documented\ndef test(): pass", False),
        ("@pytest.mark.documented('  ')\ndef test(): pass", False),
        ("@pytest.mark.documented('a page')\n@pytest.mark.assumed('b')\ndef test(): pass", False),
        ("pytestmark = pytest.mark.assumed('why')\ndef test(): pass", True),
        ("pytestmark = pytest.mark.assumed('why')\n@pytest.mark.recorded('there')\ndef test(): pass", True),
        ("@pytest.mark.parametrize('n', [pytest.param(1, marks=pytest.mark.ours('x')), 2])\ndef test(n): pass", False),
    ],
)
def test_collection_wants_exactly_one(suite: pytest.Pytester, source: str, accepted: bool) -> None:
    suite.makepyfile("import pytest\n" + source)
    result = suite.runpytest_inprocess("-p", "no:cacheprovider")
    assert (result.ret == 0) is accepted, result.stdout.str()
