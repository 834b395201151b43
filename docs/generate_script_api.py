"""Writes docs/script-api.md: the platform's classes and calls, and which of them scripts find here.

Run: python docs/generate_script_api.py. With `--types FOLDER`, the folder of the npm package @servicenow/glide, the
names that the platform is known to have are read again first.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from sandtable.scripting.objects.system import known_names
from sandtable.scripting.tools import host_of
from sandtable.serving.assembly import create_instance

PAGE = Path(__file__).parent / "script-api.md"
NAMES = Path(__file__).parents[1] / "simulator" / "sandtable" / "scripting" / "glide" / "known_names.json"
HEAD = """\
# The platform's API, as scripts find it

The names are those of the vendor's type declarations (npm package `@servicenow/glide`, {version}) and of its
documentation. A call in the last column throws `Not simulated by Sandtable: NAME` and is told in the ledger by that
name; a class that is not there is told too, with the platform's own error for an unknown name. What the calls do is on
[scripts](scripts.md).

| class | calls here | refused by name |
|---|---|---|
"""
_CLASS = re.compile(r"declare\s+(?:abstract\s+)?class\s+(\w+)(?:<[^{]*?>)?(?:\s+extends\s+(\w+))?[^{;]*\{")
_CALL = re.compile(r"(?:^|[;\s}])(?:static\s+)?([A-Za-z_]\w*)\s*\(")
_REMARK = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
# Where a class is no global of its own, or its calls are those of one object.
_MADE = {
    "gs": "gs",
    "RESTMessageV2": "sn_ws.RESTMessageV2.prototype",
    "SOAPMessageV2": "sn_ws.SOAPMessageV2.prototype",
    "RESTResponseV2": "new sn_ws.RESTMessageV2().execute()",
    "SOAPResponseV2": "new sn_ws.SOAPMessageV2().execute()",
    "XMLNodeIterator": (
        "(function () { var d = new XMLDocument2(); d.parseXML('<a/>');"
        " return d.getDocumentElement().getChildNodeIterator(); })()"
    ),
}


# Classes whose calls are looked up although nobody asked for them by name before.
_HERE = {
    *("GlideSchedule", "GlideScheduleDateTime", "GlideJsonPath", "GlideChoice", "GlideChoiceList"),
    *("GlideImportSetRun", "GlideImportSetTransformer", "GlideImportSetTransformerWorker", "GlideUpdateManager2"),
    *("GlideTableDescriptor", "GlideCertificateEncryption", "CertificateEncryption", "GlideMultipleUpdate"),
    *("GlideMultipleDelete", "GlideUpdateSet"),
}


def declared(folder: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Return the classes of a folder of type declarations: what each extends, and its own calls."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for path in sorted(folder.glob("*.d.ts")):
        text = _REMARK.sub("", path.read_text("utf-8"))
        for match in _CLASS.finditer(text):
            depth, flat = 1, []
            for letter in text[match.end() :]:
                depth += (letter in "{(<[") - (letter in "})>]")
                if depth == 0:
                    break
                if depth == 1 or (depth == 2 and letter == "("):
                    flat.append(letter)
            calls = frozenset(_CALL.findall("".join(flat))) - {"constructor"}
            found[match.group(1)] = (match.group(2) or "", calls)
    return found


def names_of(package: Path) -> dict[str, list[str]]:
    """Return what is to be known of a package of type declarations: the calls of each class, and all classes."""
    source = package / "src"
    every = declared(source / "types") | declared(source / "sn_ws")
    known = {name: set(calls) for name, calls in known_names().items()}
    for name in sorted((set(known) | _HERE) & set(every)):
        at: str = name
        while at in every:
            at, calls = every[at]
            known[name] = known.get(name, set()) | calls
    for name in ("GlideLocale", "GlideXMLUtil", "GlideSecurityUtils"):
        known[name] = set(every[name][1])
    known["classes"] |= {path.name.removesuffix(".d.ts") for path in (source / "types").glob("*.d.ts")} - {"index"}
    known["version"] = {json.loads((package / "package.json").read_text("utf-8"))["version"]}
    return {name: sorted(calls) for name, calls in sorted(known.items())}


def here() -> tuple[dict[str, tuple[list[str], list[str]]], set[str]]:
    """Return for each class with known calls what scripts find of them and what is refused, and all classes here."""
    asked = {name: sorted(calls) for name, calls in known_names().items() if name not in ("classes", "version")}
    script = """
    var asked = ASKED, made = MADE, found = {};
    Object.keys(asked).forEach(function (name) {
      var objects = [];
      if (made[name]) objects = [eval(made[name])];
      else if (typeof globalThis[name] !== 'undefined') objects = [globalThis[name], globalThis[name].prototype];
      objects = objects.filter(function (each) { return each !== undefined && each !== null; });
      if (objects.length) found[name] = asked[name].filter(function (call) {
        return objects.some(function (each) { return call in each; });
      });
    });
    JSON.stringify([found, CLASSES.filter(function (name) { return typeof globalThis[name] !== 'undefined'; })])
    """
    given = {"CLASSES": sorted(known_names()["classes"]), "ASKED": asked, "MADE": _MADE}
    for word, value in given.items():
        script = script.replace(word, json.dumps(value))
    instance = create_instance(random_seed=1)
    outcome = host_of(instance).background(instance.acting_as("admin"), script)
    if outcome.failed:
        raise SystemExit(outcome.error)
    found, present = json.loads(outcome.value)
    calls = {name: (there, [each for each in asked[name] if each not in there]) for name, there in found.items()}
    return calls, set(present)


def page() -> str:
    """Return the page."""
    known = known_names()
    found, present = here()
    lines = [HEAD.format(version=next(iter(known["version"])))]
    for name, (there, refused) in sorted(found.items(), key=lambda each: each[0].lower()):
        listed = ", ".join(f"`{each}`" for each in refused)
        lines.append(f"| `{name}` | {len(there)} of {len(there) + len(refused)} | {listed} |\n")
    absent = sorted(known["classes"] - set(found) - present)
    lines.append(f"\nClasses that are not here: {', '.join(f'`{each}`' for each in absent)}.\n")
    lines.append("\nOf the namespaces `sn_...` there are `sn_ws`, `sn_ws_err` and `sn_impex`.\n")
    return "".join(lines)


if __name__ == "__main__":
    if "--types" in sys.argv:
        NAMES.write_text(json.dumps(names_of(Path(sys.argv[sys.argv.index("--types") + 1])), indent=0) + "\n", "utf-8")
        known_names.cache_clear()
    PAGE.write_text(page(), "utf-8")
