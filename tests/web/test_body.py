"""Request bodies, without a server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable.core.values.errors import UnreadableBody
from sandtable.web.wire.body import decode, flat, parse_json, parse_xml

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "text, value",
    [
        ("{'short_description':'x'}", {"short_description": "x"}),
        ('{\'a\': "it\'s", "b": \'say "no"\'}', {"a": "it's", "b": 'say "no"'}),
        ("{'a': 'it\\'s'}", {"a": "it's"}),
        ("{'a': 1, 'b': [true, null, 'c']}", {"a": 1, "b": [True, None, "c"]}),
        ("{'a': ''}", {"a": ""}),
    ],
)
@pytest.mark.documented("ServiceNow docs, Table API: the curl samples send single-quoted bodies and succeed")
def test_single_quotes_are_read(text: str, value: Any) -> None:
    assert parse_json(text) == value


@pytest.mark.ours("a strict JSON text means what JSON says, quotes of either kind inside included")
@given(value=JSON_VALUES)
def test_strict_json_is_read_as_json(value: Any) -> None:
    assert parse_json(json.dumps(value)) == value
    assert parse_json(json.dumps(value, ensure_ascii=False)) == value


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"a":}',
        "{'a'}",
        '{"a":1,}',
        '{"a":NaN}',
        '{"a":Infinity}',
        "x",
        '{"a":"b" "c"}',
        "[" * 100_000,
        '{"a":' * 50_000,
        '{"a":' + "9" * 5000 + "}",
        "'",
        '"\n"',
    ],
    ids=lambda text: text[:12],
)
@pytest.mark.recorded("fragment of a captured answer to malformed JSON")
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(UnreadableBody) as refusal:
        parse_json(text)
    assert refusal.value.message == "Exception while reading request"
    assert refusal.value.detail


@pytest.mark.ours("no text makes the reader fail in any other way than by refusing")
@given(text=st.text(alphabet="{}[]'\"\\:,ab1 \n", max_size=40))
def test_the_reader_reads_or_refuses(text: str) -> None:
    try:
        refused = None
        value = parse_json(text)
    except UnreadableBody as refusal:
        refused = refusal
    if refused is None:
        assert parse_json(json.dumps(value)) == value
    else:
        assert refused.detail


@pytest.mark.parametrize(
    "data, values",
    [
        (b"<request><entry><a>x</a><b>1 &lt; 2</b></entry></request>", {"a": "x", "b": "1 < 2"}),
        (b"<request><a>x</a></request>", {"a": "x"}),
        (b'<?xml version="1.0" encoding="UTF-8"?><request><entry><a/></entry></request>', {"a": ""}),
        ("<request><entry><a>\u00e4</a></entry></request>".encode("utf-16"), {"a": "\u00e4"}),
        (b"<request><entry>" + b"<a/>" * 500 + b"</entry></request>", {"a": ""}),
    ],
)
@pytest.mark.documented("ServiceNow docs, scripted REST: the XML form of a request")
def test_xml_requests(data: bytes, values: dict[str, str]) -> None:
    assert parse_xml(data) == values


@pytest.mark.parametrize(
    "data",
    [
        b"<request><a></request>",
        b"<",
        b"\x00",
        b'<!DOCTYPE r [<!ENTITY a "b">]><request><entry><a>&a;</a></entry></request>',
        b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><request/>',
        b'<?xml version="1.0" encoding="no-such"?><request/>',
        b"<request><entry>" + b"<a>" * 101 + b"</a>" * 101 + b"</entry></request>",
        b"<request><entry>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</entry></request>",
    ],
)
@pytest.mark.ours("XML that is broken, or that declares entities, is refused")
def test_refused_xml(data: bytes) -> None:
    with pytest.raises(UnreadableBody):
        parse_xml(data)


@pytest.mark.parametrize(
    "data, charset", [(b"\xff\xfe\xfa", "utf-8"), (b"a", "no-such"), (b"a", "zip"), (b"a", "\x00")]
)
@pytest.mark.assumed("bytes that are not in the declared encoding cannot be read")
def test_undecodable_bytes_are_refused(data: bytes, charset: str) -> None:
    with pytest.raises(UnreadableBody):
        decode(data, charset)


@pytest.mark.assumed("a byte order mark is no part of the text")
def test_a_byte_order_mark_is_dropped() -> None:
    assert decode(b"\xef\xbb\xbf{}", "UTF-8") == "{}"


@pytest.mark.documented("ServiceNow docs, Import Set API: nested JSON is flattened to text in which ':' became '='")
def test_nested_values_become_the_text_of_a_map() -> None:
    given_values = {"a": {"b": 1, "c": ["x", None, True]}, "d": "e", "f": 2, "g": None}
    assert flat(given_values) == {"a": "{b=1, c=[x, null, true]}", "d": "e", "f": 2, "g": None}
