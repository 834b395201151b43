"""The old mode of the language beside the engine that the platform's is made of: values and texts of errors are the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.scripting.conftest import Bench

JARS = ("/usr/share/java/rhino.jar", "/usr/share/java/js.jar")
PROGRAMS = (
    "1 / 3", "0.1 + 0.2", "1e21 + ''", "(25).toString(36)", "(1.005).toFixed(2)", "parseInt('08')", "'' + [1, [2, 3]]", "typeof null",
    "[3, 20, 100].sort()", "'a-b-c'.split('-', 2)", "'abc'.substr(-2, 1)", "'x'.concat(1, true)", "'aXbX'.replace(/X/g, '$&!')",
    "/(\\d+)-(\\d+)/.exec('tel 12-34').slice(1)", "[1, 2, 3].map(function (n) { return n * 2; })", "[].concat([1], 2).length",
    "JSON.stringify({a: undefined, b: [undefined], c: null, d: new Date(0)})", "Object.keys({b: 1, a: 2, 1: 0})", "'  x '.trim().length",
    "(function () { return arguments.length; })(1, 2)", "[1, 2, 3].indexOf(4)", "var o = {get x() { return 7; }}; o.x",
    "try { null.x } catch (e) { e.message }", "try { undefinedName } catch (e) { e.message }", "try { var u; u.x } catch (e) { e.message }",
    "try { var n = null; n.x = 1 } catch (e) { e.message }", "try { JSON.parse('{') } catch (e) { e.name }", "try { throw 'text' } catch (e) { e }",
    "try { new Array(-1) } catch (e) { e.name }", "try { decodeURIComponent('%') } catch (e) { e.name }", "label: for (;;) { break label; } 5",
    "with ({w: 3}) { w + 1 }", "010 + 1", "escape('\u00fc b')", "encodeURIComponent('\u00fc b')", "new Date(2020, 0, 31, 12).getMonth()",
    "isNaN('x')", "!!'0'", "'10' > '9'", "[1, 2] == '1,2'", "null == undefined", "NaN === NaN", "'b' in {b: 1}", "delete {}.x",
    "(function f(n) { return n < 2 ? 1 : n * f(n - 1); })(10)", "Math.max.apply(null, [1, 9, 3])", "Math.round(-2.5)",
    "[1, 2, 3].reduce(function (a, b) { return a + b; })", "'abc'.charAt(9) === ''", "String(function () {}).indexOf('function')",
)  # fmt: skip

# What is different, Rhino's first: names that are numbers come first here, a function's text begins with no new line,
# and the engine does not tell what was to be set.
KNOWN = {
    "Object.keys({b: 1, a: 2, 1: 0})": (["b", "a", "1"], ["1", "b", "a"]),
    "String(function () {}).indexOf('function')": (1, 0),
    "try { var n = null; n.x = 1 } catch (e) { e.message }": (
        'Cannot set property "x" of null to "1"',
        'Cannot set property "x" of null',
    ),
}


def jar() -> str:
    """Return where stock Rhino is, or skip the test visibly."""
    named = os.environ.get("SANDTABLE_RHINO", "")
    found = next((each for each in (named, *JARS) if each and Path(each).is_file()), "")
    if not found or not shutil.which("java"):
        pytest.skip(
            "stock Rhino is not on this machine: apt-get install librhino-java, or name its jar in SANDTABLE_RHINO"
        )
    return found


def of_rhino(path: str, folder: Path) -> list[Any]:
    """Return what Rhino makes of the programs."""
    lines = [
        f"print(JSON.stringify([(function () {{ try {{ return eval({json.dumps(each)}); }} catch (e) {{ return 'THROWN ' + e; }} }})()]));"
        for each in PROGRAMS
    ]
    script = folder / "programs.js"
    script.write_text("\n".join(lines), "utf-8")
    command = ["java", "-cp", path, "org.mozilla.javascript.tools.shell.Main", "-version", "180", "-encoding", "UTF-8"]
    answer = subprocess.run([*command, str(script)], capture_output=True, text=True, check=True)
    return [json.loads(line)[0] for line in answer.stdout.splitlines()]


@pytest.mark.recorded("stock Rhino 1.7.14: values of expressions and texts of errors in the old mode of the language")
def test_the_old_mode_beside_rhino(bench: Bench, tmp_path: Path) -> None:
    theirs = of_rhino(jar(), tmp_path)
    bench.instance.set_property("sandtable.script.mode", "es5")
    ours = [bench.value(each) for each in PROGRAMS]
    differences = {each: (one, two) for each, one, two in zip(PROGRAMS, theirs, ours, strict=True) if one != two}
    assert differences == KNOWN
