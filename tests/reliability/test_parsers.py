"""What clients and users send is read in work that grows with its length, and no faster; work is counted, not timed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from tests.reliability.work import lines_run

from sandtable.core.platform.instance import Instance
from sandtable.core.values.errors import UnreadableBody
from sandtable.library.in_process import WSGIAdapter
from sandtable.oauth.signed.certificates import BadCertificate, read_pem
from sandtable.serving.assembly import create_instance
from sandtable.web.app import create_app
from sandtable.web.plane.loading import file_formats
from sandtable.web.wire.body import parse_json, parse_xml
from sandtable.web.worlds.worlds import Worlds
from sandtable_connector.rules.alert import parse_line
from sandtable_connector.rules.reading import parse_rules
from sandtable_connector.values.invalid_input import InvalidInput
from sandtable_connector.values.yaml_text import MOST_NODES, load_yaml

SHORT, LONG = 40, 320
TOLERATED = 1.3  # times as much as the length has grown


def _cut_json(size: int) -> Callable[[], Any]:
    whole = json.dumps({"a": json.dumps({f"name{number}": "value" for number in range(size)})})
    return lambda: parse_json(whole[:-2])


READERS: dict[str, Callable[[int], Callable[[], Any]]] = {
    "JSON cut inside a JSON text": _cut_json,
    "single quotes": lambda size: (
        lambda: parse_json("{" + ",".join(f"'a{n}':'it\\'s \"b\"'" for n in range(size)) + "}")
    ),
    "XML": lambda size: lambda: parse_xml(b"<request>" + b"<a>1</a>" * size + b"</request>"),
    "CSV columns": lambda size: (
        lambda: list(file_formats.rows_of(",".join(f"c{n}" for n in range(size)).encode() + b"\n", "csv", "incident"))
    ),
    "PEM": lambda size: lambda: read_pem("-----BEGIN A-----\n" * size),
    "YAML": lambda size: lambda: load_yaml("\n".join(f"a{n}: [1, 2]" for n in range(size))),
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.ours("every reader's work grows with the length of what it reads, and no faster")
def test_a_reader_is_linear(name: str) -> None:
    make = READERS[name]
    lines_run(make(SHORT))  # what is imported late is imported now
    short, long = lines_run(make(SHORT)), lines_run(make(LONG))
    assert long <= TOLERATED * LONG / SHORT * max(short, 50), (name, short, long)


@pytest.mark.ours("a cut JSON text is refused, whatever its strings hold")
def test_a_cut_text_is_refused() -> None:
    with pytest.raises(UnreadableBody):
        _cut_json(3)()
    with pytest.raises(BadCertificate):
        read_pem("-----BEGIN CERTIFICATE-----\n" * 3)


@pytest.fixture(scope="module")
def instance() -> Instance:
    return create_instance(random_seed=1)


@pytest.mark.ours("a query with many conditions is explained in a bounded number of questions to the store")
def test_an_explanation_is_bounded(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    count = type(instance.store).count

    def counting(self: Any, selection: Any) -> int:
        nonlocal asked
        asked += 1
        return count(self, selection)

    monkeypatch.setattr(type(instance.store), "count", counting)
    session = _client(instance)
    query = "^".join(["state!=9"] * 120)
    answer = session.post(f"{HERE}/_sandtable/explain/query", json={"table": "incident", "query": query}).json()
    assert sum(len(parts) for parts in answer["alternatives"]) == 50
    assert answer["parts_left_out"] == 70
    assert asked <= 102, asked


HERE = "http://dev00000.example.com"


def _client(instance: Instance) -> Any:
    import requests

    session = requests.Session()
    session.mount("http://", WSGIAdapter(create_app(Worlds(instance))))
    return session


@pytest.mark.ours("a body is read before the lock of its world is taken")
@pytest.mark.parametrize(
    "path, kind, body",
    [
        ("/api/now/table/incident", "application/json", b"{'short_description': 'x'}"),
        ("/api/now/table/incident", "application/xml", b"<request><short_description>x</short_description></request>"),
        (
            "/incident.do?SOAP",
            "text/xml",
            b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><getKeys/></s:Body></s:Envelope>',
        ),
    ],
)
def test_nothing_is_read_under_the_lock(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, path: str, kind: str, body: bytes
) -> None:
    import sandtable.web.wire.body as bodies

    held: list[bool] = []
    for name in ("parse_json", "_root"):
        before = getattr(bodies, name)

        def watched(data: Any, before: Callable[[Any], Any] = before) -> Any:
            held.append(instance.level > 0)
            return before(data)

        monkeypatch.setattr(bodies, name, watched)
    answer = _client(instance).post(HERE + path, data=body, headers={"Content-Type": kind}, auth=("admin", "admin"))
    assert answer.ok, answer.text
    assert held == [False]


@pytest.mark.ours("a YAML text whose aliases stand for more than anybody would write is refused in one line")
def test_aliases_are_bounded() -> None:
    ten = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 6))
    text = f"a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n{ten}\n"
    with pytest.raises(yaml.YAMLError, match=str(MOST_NODES)):
        load_yaml(text)
    with pytest.raises(InvalidInput, match="not YAML"):
        parse_rules(text)
    with pytest.raises(yaml.YAMLError, match="contains itself"):
        load_yaml("a: &a [*a]")
    shared = "a: &a {b: 1}\nc: [*a, *a]\n"
    assert load_yaml(shared)[1] == {"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}]}


@pytest.mark.ours("a line of alerts that is nested too deeply is refused in one line, which names it")
@pytest.mark.parametrize("depth", [900, 100_000])
def test_deep_alert_lines(depth: int) -> None:
    line = '{"a":' * depth + "1" + "}" * depth
    with pytest.raises(InvalidInput, match="alerts line 7") as refusal:
        parse_line(line, source="alerts", position=7)
    assert "\n" not in str(refusal.value)
