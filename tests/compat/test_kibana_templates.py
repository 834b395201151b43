"""The renderer of action parameters against the libraries that Kibana renders them with, under Node.js.

`SANDTABLE_COMPAT_NODE_MODULES` names a folder with mustache, moment-timezone and hjson from npm (`make test` fills
one); without it, or without Node.js, this is visibly skipped. EvalMath is Kibana's own and is compared nowhere here.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandtable_connector.templates import render_params

pytestmark = pytest.mark.recorded("mustache.js 4, moment-timezone 0.6, hjson 3 and Node's Intl, run beside ours")

DRIVER = Path(__file__).parent / "drivers" / "kibana_templates.cjs"
MODULES = Path(os.environ.get("SANDTABLE_COMPAT_NODE_MODULES", Path(__file__).parent / "node_modules"))
NEEDED = ("mustache", "moment-timezone", "hjson")
CASES = 4000

Case = tuple[str, dict[str, Any]]

VARIABLES: dict[str, Any] = {
    "name": "disk",
    "emoji": "a😀b",
    "yes": True,
    "no": False,
    "nothing": None,
    "zero": 0,
    "number": 1234.5,
    "large": 1e21,
    "list": [1, 2, 3],
    "nest": [[1, 2], [3, [4]]],
    "empty": [],
    "bare": {},
    "object": {"a": {"b": [1]}, "é": 1, "2": "two", "1": "one"},
    "rows": [{"id": "x", "host.name": "h1"}, {"id": "y"}, 5, "s", True],
    "context": {
        "hits": [
            {"_source": {"host.name": "web", "message": "m1"}, "_id": "1"},
            {"_source": {"host": {"name": "db"}}},
        ],
        "rule": {"name": "R"},
    },
    "host.name": "dotted",
    "host": {"ip": "1"},
    "hosts": ["a"],
    "hosts.name": "named",
    "odd": {"toString": "no function"},
}
NAMES = (
    *("name", "emoji", "yes", "no", "nothing", "zero", "number", "large", "list", "nest", "empty", "bare", "object"),
    *("rows", "context", "context.hits", "context.hits.0._source.host.name", "context.hits.1._source.host.name"),
    *("_source.host.name", "_source", "host.name", "host", "hosts", "hosts.name", "id", "object.a.b", "object.a"),
    *("list.0", "list.length", "name.length", "emoji.length", "emoji.1", "nest.0.1", "odd", "toString", "constructor"),
    *("__proto__", "list.map", "list.keys", "hasOwnProperty", "list.asJSON", "missing", "missing.x", "name.x", "."),
)
BLANKS = ("", " ", "  ", "\n", "\r\n", "\n\n", "\t", "\u00a0")
ODD_TAGS = (
    *("{{=<% %>=}}", "<%={{ }}=%>", "{{=| |=}}", "|={{ }}=|", "{{=<%=}}", "{{=}}", "{{=<% %>}}", "{{a", "{{{a}}"),
    *("{{{a} }}", "{{/x}}", "{{#x}}", "}}", "{{}}", "{{ }}", "{{", "{{{}}}", "{{!", "<%name%>", "{{> part}}"),
)
HJSON = ("{", "}", "[", "]", ":", ",", "'", '"', "'''", "\n", " ", "a", "b c", "1", "1.", "01", "1e400", "true", "#x")


class Templates:
    """Draws templates: tags of every kind, nested, with blanks and line ends round them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def template(self, most: int = 4) -> str:
        pick = self.random.choice
        return "".join(pick(BLANKS) + self.tag() + pick(BLANKS) for _ in range(self.random.randint(1, most)))

    def tag(self) -> str:
        pick = self.random.choice
        name, blank = pick(NAMES), pick(("", "", " ", "  "))
        kind = self.random.choices(
            ("name", "triple", "&", "#", "^", "!", "odd", "uri", "hjson", "text"), (35, 7, 5, 20, 8, 5, 6, 4, 4, 6)
        )[0]
        match kind:
            case "triple":
                return f"{{{{{{{blank}{name}{blank}}}}}}}"
            case "&":
                return f"{{{{&{blank}{name}}}}}"
            case "#" | "^":
                return f"{{{{{kind}{blank}{name}{blank}}}}}{self.template(2)}{{{{/{blank}{name}{blank}}}}}"
            case "!":
                return f"{{{{!{pick((' a comment ', 'x', chr(10)))}}}}}"
            case "odd":
                return pick(ODD_TAGS)
            case "uri":
                return f"{{{{#EncodeURIComponent}}}}{self.template(2)}{{{{/EncodeURIComponent}}}}"
            case "hjson":
                text = "".join(pick(HJSON) for _ in range(self.random.randint(1, 10)))
                return f"{{{{#ParseHjson}}}}{text}{{{{/ParseHjson}}}}"
            case "text":
                return pick(("é", "😀", "text", "{", "}", "0"))
        return f"{{{{{blank}{name}{blank}}}}}"


DATES = (
    *("2021-10-13T10:51:44.981Z", "2021-01-01", "2020-12-31T23:59:59Z", "2024-02-29T12:00:00+05:30", "1634122304981"),
    *("Oct 13 2021", "10/13/2021", "Wed, 13 Oct 2021 10:51:44 GMT", "2021", "12", "2021-10-13T24:00", "2021-02-30"),
    *("2021-10-13 10:51", "+012345-06-07T08:09:10Z", "202110", "2021-012", "1987-07-20T20:17:40.5Z", "nope", ""),
)
ZONES = ("", "UTC", "Europe/Oslo", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "utc", "Mars/Base")
LETTERS = [
    "M",
    "Mo",
    "MM",
    "MMM",
    "MMMM",
    "D",
    "Do",
    "DD",
    "DDD",
    "DDDo",
    "DDDD",
    "d",
    "do",
    "dd",
    "ddd",
    "dddd",
    "e",
    "E",
    "w",
    "wo",
    "ww",
    "W",
    "Wo",
    "WW",
    "YY",
    "YYYY",
    "YYYYY",
    "YYYYYY",
    "Y",
    "y",
    "yo",
    "yy",
    "gg",
    "gggg",
    "GG",
    "GGGG",
    "Q",
    "Qo",
    "A",
    "a",
    "H",
    "HH",
    "h",
    "hh",
    "k",
    "kk",
    "m",
    "mm",
    "s",
    "ss",
    "S",
    "SS",
    "SSS",
    "SSSS",
    "SSSSSSSSS",
    "z",
    "zz",
    "Z",
    "ZZ",
    "X",
    "x",
    "N",
    "NNNN",
    "L",
    "LT",
    "LTS",
    "LL",
    "LLL",
    "LLLL",
    "l",
    "ll",
    "lll",
    "llll",
    "Hmm",
    "hmmss",
    "[abc]",
    "\\Y",
    "T",
    ",",
    "-",
    ":",
    "/",
    "é",
    "[a[b]",
]
NUMBERS = (
    *("0", "1", "-1", "5", "12.5", "1234", "1234.5", "1234567.891", "-1234.567", "0.256", "-0", "999999", "1e21"),
    *("0.00001", "123456789012", "Infinity", "12abc", "1.005", "2.5", "-2.5", "99.5", "1000000", "5e-7"),
)
LOCALES = (
    *("en-US", "de-DE", "de-CH", "fr-FR", "es-ES", "es-MX", "it-IT", "pt-BR", "pt-PT", "nl-NL", "pl-PL", "sv-SE"),
    *("nb-NO", "fi-FI", "ja-JP", "ko-KR", "zh-CN", "ru-RU", "cs-CZ", "tr-TR", "ar-EG", "hi-IN", "en-IN", "he-IL"),
)
OPTIONS = (
    *("", "style: currency, currency: EUR", "style: currency, currency: USD, currencyDisplay: code", "style: percent"),
    *("notation: compact", "notation: compact, compactDisplay: long", "maximumSignificantDigits: 3"),
    *("signDisplay: always", "useGrouping: false", "style: unit, unit: kilometer-per-hour"),
)
ENGLISH_ONLY = (
    *("notation: scientific", "notation: engineering", "maximumFractionDigits: 2", "minimumIntegerDigits: 3"),
    *("style: currency, currency: JPY", "style: currency, currency: USD, currencySign: accounting"),
    *("style: currency, currency: USD, currencyDisplay: name", "style: unit, unit: day, unitDisplay: long"),
    *("roundingMode: floor", "roundingIncrement: 5, maximumFractionDigits: 2, minimumFractionDigits: 2"),
    *("style: x", "maximumFractionDigits: 200", "bad", "minimumFractionDigits: 5, maximumFractionDigits: 2"),
)


def rendered_by_node(cases: list[Case]) -> list[str]:
    node = shutil.which("node")
    if node is None or not all((MODULES / name).is_dir() for name in NEEDED):
        pytest.skip(f"needs Node.js, and SANDTABLE_COMPAT_NODE_MODULES with {', '.join(NEEDED)} in it")
    environment = {**os.environ, "NODE_PATH": str(MODULES), "TZ": "UTC", "LANG": "en_US.UTF-8"}
    done = subprocess.run(
        [node, str(DRIVER)], input=json.dumps(cases), capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    texts: list[str] = json.loads(done.stdout)["texts"]
    assert len(texts) == len(cases)
    return texts


def differing(cases: list[Case]) -> list[tuple[str, str, str]]:
    """Return template, text of Node and text of ours where the two differ."""
    ours = [render_params(template, variables) for template, variables in cases]
    pairs = zip(cases, rendered_by_node(cases), ours, strict=True)
    return [(template, theirs, own) for (template, _), theirs, own in pairs if theirs != own]


def test_random_templates_are_the_same() -> None:
    templates = Templates(20)
    assert differing([(templates.template(), VARIABLES) for _ in range(CASES)]) == []


def test_random_dates_are_the_same() -> None:
    drawn = random.Random(21)
    cases: list[Case] = []
    for date in DATES:
        for zone in ZONES:
            form = "".join(drawn.choice(LETTERS) + drawn.choice(("", " ")) for _ in range(drawn.randint(0, 5)))
            cases.append((f"{{{{#FormatDate}}}}{date};{zone};{form}{{{{/FormatDate}}}}", {}))
    cases += [(f"{{{{#FormatDate}}}}2021-10-03T04:05:06.078Z;;{each}{{{{/FormatDate}}}}", {}) for each in LETTERS]
    assert differing(cases) == []


def test_numbers_in_english_are_the_same() -> None:
    options = (*OPTIONS, *ENGLISH_ONLY)
    assert differing([(number(each, "en-US", option), {}) for each in NUMBERS for option in options]) == []


def test_numbers_in_other_languages_differ_in_two_of_a_hundred_at_most() -> None:
    # Languages' data differ from release to release of CLDR; Babel and Node seldom have the same one.
    drawn = random.Random(22)
    cases: list[Case] = [
        (number(drawn.choice(NUMBERS), locale, option), {}) for locale in LOCALES for option in OPTIONS
    ]
    found = differing(cases)
    assert len(found) <= len(cases) * 2 // 100, found


def number(value: str, locale: str, options: str) -> str:
    return f"{{{{#FormatNumber}}}}{value};{locale};{options}{{{{/FormatNumber}}}}"
