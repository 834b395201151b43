"""Reading `sysparm_*`, content types and XML, without a server."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from sandtable.core.values.errors import NotAcceptable, UnsupportedMediaType
from sandtable.core.values.texts import LARGEST, comma_list, nearest, seconds, whole_number
from sandtable.web.journal.request_log import one_line, redacted
from sandtable.web.wire.negotiation import JSON, XML, answer_format, body_format, error_format
from sandtable.web.wire.parameters import Shape, is_true, list_parameters, shape_of
from sandtable.web.wire.xml_form import to_xml


@pytest.mark.parametrize("text, number", [("5", 5), (" 5 ", 5), ("0", 0), ("00012", 12)])
@pytest.mark.documented("ServiceNow docs, Table API: sysparm_limit and sysparm_offset")
def test_numbers(text: str, number: int) -> None:
    assert whole_number(text, 99) == number


@pytest.mark.parametrize("text", [None, "", "abc", "-1", "1.5", "1e3", "\u0665", "\u00b2", "0x10", "1 2", "'"])
@pytest.mark.assumed("the server itself links to offset -1, so what is no whole number is the default")
def test_garbage_is_the_default(text: str | None) -> None:
    assert whole_number(text, 99) == 99


@pytest.mark.ours("a number too large for the store is as large as the store takes")
def test_huge_numbers() -> None:
    assert whole_number("9" * 5000, 1) == LARGEST
    assert whole_number(str(LARGEST + 1), 1) == LARGEST
    assert (whole_number("0" * 5000 + "7", 1), whole_number("12", 1, most=10), seconds("1e400", 1)) == (7, 10, LARGEST)


@pytest.mark.ours("seconds of a property are a number from 0 on, a list with commas has no empty names")
def test_seconds_and_lists() -> None:
    assert [seconds(text, 3.0) for text in ("1.5", "0", "-1", "nan", "", "soon")] == [1.5, 0.0, 3.0, 3.0, 3.0, 3.0]
    assert comma_list(" a, ,b c,") == ["a", "b c"]
    assert comma_list(None) == []
    assert (nearest("incidnt", ["problem", "incident"]), nearest("zzz", ["incident"])) == ("incident", "")


@pytest.mark.parametrize(
    "text, on", [("true", True), ("True", True), ("TRUE", True), ("false", False), ("1", False), (None, False)]
)
@pytest.mark.recorded("Python clients send True and False")
def test_booleans(text: str | None, on: bool) -> None:
    assert is_true(text) is on


@pytest.mark.parametrize(
    "arguments, shape",
    [
        ([], Shape()),
        ([("sysparm_display_value", "all")], Shape(display="all")),
        ([("sysparm_display_value", "ALL")], Shape(display="all")),
        ([("sysparm_display_value", "maybe")], Shape(display="false")),
        ([("sysparm_fields", "sys_id, label, name")], Shape(fields=("sys_id", "label", "name"))),
        ([("sysparm_fields", ",,a,a,")], Shape(fields=("a",))),
        ([("sysparm_fields", "")], Shape()),
        ([("sysparm_exclude_reference_link", "True")], Shape(exclude_links=True)),
        ([("sysparm_fields", "a"), ("sysparm_fields", "b")], Shape(fields=("a",))),
    ],
)
@pytest.mark.recorded("connectors send blanks between field names")
def test_shapes(arguments: list[tuple[str, str]], shape: Shape) -> None:
    assert shape_of(MultiDict(arguments)) == shape


@pytest.mark.documented("ServiceNow docs, Table API: a parameter named like a column filters by it")
def test_filters_are_columns_only() -> None:
    asked = list_parameters(
        MultiDict([("active", "true"), ("nosuch", "1"), ("active", "false")]), lambda name: name == "active"
    )
    assert asked.filters == {"active": "true"}


@pytest.mark.parametrize(
    "accept, kind",
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        ("application/json, text/plain, */*", JSON),
        ("application/xml", XML),
        ("application/*", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", XML),
        ("application/json;q=0.1,application/xml", XML),
        ("application/json; charset=utf-8", JSON),
    ],
)
@pytest.mark.documented("ServiceNow docs: responses are JSON or XML through Accept")
def test_accept(accept: str | None, kind: str) -> None:
    assert answer_format(accept) == kind


@pytest.mark.parametrize("accept", ["text/html", "image/png, text/csv", "application/json;q=0"])
@pytest.mark.documented("ServiceNow docs: 406 when only other types are named")
def test_unacceptable(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        answer_format(accept)
    assert error_format(accept) == JSON


@pytest.mark.parametrize(
    "content_type, kind",
    [
        (None, JSON),
        ("", JSON),
        ("application/json", JSON),
        ("APPLICATION/JSON; charset=x", JSON),
        ("application/xml", XML),
    ],
)
@pytest.mark.documented("ServiceNow docs: request bodies are JSON or XML")
def test_content_types(content_type: str | None, kind: str) -> None:
    assert body_format(content_type) == kind


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "text/xml", ";", "json"])
@pytest.mark.documented("ServiceNow docs: 415 for another type")
def test_other_content_types(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        body_format(content_type)


@pytest.mark.documented("ServiceNow docs, batch sample: the XML form of an answer")
def test_xml_answers() -> None:
    document = {"result": [{"user_name": "", "email": "a@b.c"}, {"caller_id": {"link": "l", "value": "<&>"}}], "x y": 1}
    assert to_xml(document) == (
        '<?xml version="1.0" encoding="UTF-8"?><response><result><user_name/><email>a@b.c</email></result>'
        "<result><caller_id><link>l</link><value>&lt;&amp;&gt;</value></caller_id></result><x_y>1</x_y></response>"
    )


@pytest.mark.ours("an XML answer is well formed, whatever is in the record")
@given(st.dictionaries(st.text(), st.text() | st.lists(st.text(), max_size=2) | st.none() | st.booleans(), max_size=4))
def test_xml_is_well_formed(content: dict[str, object]) -> None:
    ElementTree.fromstring(to_xml(content).encode("utf-8"))


@pytest.mark.parametrize("name", ["password", "client_secret", "ASSERTION", "refresh%5Ftoken", "x-sn-apikey", "code"])
@pytest.mark.ours("secrets are not written to the log")
def test_secrets_are_redacted(name: str) -> None:
    line = redacted(f"/oauth_token.do?a=1&{name}=s3cret&b=2")
    assert "s3cret" not in line
    assert line.startswith("/oauth_token.do?a=1&")
    assert line.endswith("=********&b=2")


@pytest.mark.ours("a log line is one line")
@given(st.text())
def test_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
