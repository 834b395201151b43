"""The bytes of every address: as Node makes them of plain text, or safely encoded."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandtable_connector import Behaviour, errors
from sandtable_connector.transport.urls import Urls, as_node_parses

DOCUMENTED, KIBANA = Behaviour.documented(), Behaviour.kibana_8_13()
BASE = "https://h.example.com"


@pytest.mark.recorded("observed with Node 20 and axios 1")
@pytest.mark.parametrize(
    "text, expected",
    [
        (f"{BASE}/a?q=^{{}}|\\`;,@[]?/=*:%&+", f"{BASE}/a?q=^{{}}|\\`;,@[]?/=*:%&+"),
        (f"{BASE}/a?q= \"'<>é", f"{BASE}/a?q=%20%22%27%3C%3E%C3%A9"),
        (f"{BASE}/a?q=x#y", f"{BASE}/a?q=x"),
        (f"{BASE}/a?q=x\ny\tz\r", f"{BASE}/a?q=xyz"),
        (f"  {BASE}/a?q=x   ", f"{BASE}/a?q=x"),
        (f"{BASE}/a/../b/./c", f"{BASE}/b/c"),
        (f"{BASE}/a/%2e%2E/b", f"{BASE}/b"),
        (f"{BASE}/a/..", f"{BASE}/"),
        (f"{BASE}/a/.", f"{BASE}/a/"),
        (f"{BASE}/../../b", f"{BASE}/b"),
        (f"{BASE}/a\\b", f"{BASE}/a/b"),
        (f"{BASE}/a^b|{{c}}`d", f"{BASE}/a^b|%7Bc%7D%60d"),
        (f"{BASE}//a", f"{BASE}//a"),
        (BASE, f"{BASE}/"),
        ("HTTPS://H.Example.COM:443/a", f"{BASE}/a"),
        ("http://h:80/a", "http://h/a"),
        ("http://h:8080/a", "http://h:8080/a"),
        ("https://u:p@h.example.com/a", f"{BASE}/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http:/h/a", "http://h/a"),
        (f"{BASE}/a?", f"{BASE}/a?"),
        (f"{BASE}/\x01?\x7f", f"{BASE}/%01?%7F"),
        (f"{BASE}/?\ud800", f"{BASE}/?%EF%BF%BD"),
    ],
)
def test_what_node_makes_of_a_text(text: str, expected: str) -> None:
    assert as_node_parses(text) == expected


@pytest.mark.recorded("observed with Node 20 and axios 1")
@pytest.mark.parametrize(
    "text, words",
    [
        ("", "Invalid URL"),
        ("h.example.com/a", "Invalid URL"),
        ("/a", "Invalid URL"),
        ("http://", "Invalid URL"),
        ("http://h:99999/", "Invalid URL"),
        ("http://a b/", "Invalid URL"),
        ("http://[::zz]/", "Invalid URL"),
        ("ftp://h/", "Unsupported protocol ftp:"),
        ("dev:443/a", "Unsupported protocol dev:"),
    ],
)
def test_what_is_no_url(text: str, words: str) -> None:
    with pytest.raises(errors.InvalidAddress, match=f"^{words}$"):
        as_node_parses(text)


@pytest.mark.ours("whatever the text, an address is plain ASCII without spaces, or it is refused")
@given(st.text())
def test_any_text_gives_ascii_or_is_refused(text: str) -> None:
    url = as_node_parses(f"{BASE}/a/{text}?q={text}")
    assert url.isascii()
    assert " " not in url
    assert "#" not in url
    assert as_node_parses(url) == url


@pytest.mark.recorded("observed Kibana behaviour: exactly one trailing slash is removed")
@pytest.mark.parametrize("preset", [DOCUMENTED, KIBANA])
def test_one_trailing_slash(preset: Behaviour) -> None:
    assert Urls(f"{BASE}/", preset).token() == f"{BASE}/oauth_token.do"
    assert Urls(f"{BASE}//", preset).token() == f"{BASE}//oauth_token.do"
    assert Urls(f"{BASE}/x/", preset).health("s") == f"{BASE}/x/api/s/elastic_api/health"


@pytest.mark.recorded("Kibana's unit tests of its ServiceNow service")
def test_the_addresses_as_kibana_writes_them() -> None:
    urls = Urls(BASE, KIBANA)
    assert urls.health("x_elas2_inc_int") == f"{BASE}/api/x_elas2_inc_int/elastic_api/health"
    assert urls.import_set("t") == f"{BASE}/api/now/import/t"
    assert urls.record("incident", "1") == f"{BASE}/api/now/v2/table/incident/1"
    assert urls.by_correlation("incident", "a b") == (
        f"{BASE}/api/now/v2/table/incident?sysparm_query=ORDERBYDESCsys_created_on^correlation_id=a%20b"
    )
    assert urls.fields("incident") == (
        f"{BASE}/api/now/table/sys_dictionary?sysparm_query=name=task^ORname=incident^internal_type=string"
        "&active=true&array=false&read_only=false&sysparm_fields=max_length,element,column_label,mandatory"
    )
    assert urls.choices("incident", ["priority", "category"]) == (
        f"{BASE}/api/now/table/sys_choice?sysparm_query=name=task^ORname=incident^element=priority^ORelement=category"
        "^language=en&sysparm_fields=label,value,dependent_value,element"
    )
    assert urls.observables("s", "1") == f"{BASE}/api/s/elastic_api/incident/1/observables/bulk"
    assert urls.observables("s", "1", bulk=False) == f"{BASE}/api/s/elastic_api/incident/1/observables"
    assert urls.event() == f"{BASE}/api/global/em/jsonv2"
    assert urls.view("incident", "1") == f"{BASE}/nav_to.do?uri=incident.do?sys_id=1"


@pytest.mark.recorded("observed with Node 20: absent values print as undefined")
def test_what_is_absent() -> None:
    assert "^element=undefined^language=en" in Urls(BASE, KIBANA).choices("incident", [])
    assert Urls(BASE, KIBANA).record("incident", None).endswith("/incident/undefined")
    with pytest.raises(errors.InvalidAddress, match="name at least one field"):
        Urls(BASE, DOCUMENTED).choices("incident", [])


@pytest.mark.documented("RFC 3986: the same query, percent-encoded, decodes to the same text")
@pytest.mark.parametrize("name", ["fields", "choices"])
def test_the_safe_addresses_mean_the_same(name: str) -> None:
    arguments = {"fields": ("incident",), "choices": ("incident", ["impact", "urgency"])}[name]
    safe, raw = (getattr(Urls(BASE, preset), name)(*arguments) for preset in (DOCUMENTED, KIBANA))
    assert safe != raw
    assert parse_qsl(urlsplit(safe).query) == parse_qsl(urlsplit(raw).query)


# Every character there is, and those that mean something in a query or an address much more often than chance has it.
TEXTS = st.text(st.sampled_from("^^^=&%#+@/?. ") | st.characters(exclude_categories=["Cs"]))


@pytest.mark.documented("ServiceNow docs, encoded query strings: ^^ is a literal caret")
@given(TEXTS)
@example("^^NQactive=true^ORDERBYnumber")
def test_no_character_of_a_correlation_id_changes_the_query(correlation_id: str) -> None:
    parts = urlsplit(Urls(BASE, DOCUMENTED).by_correlation("incident", correlation_id))
    assert parts.path == "/api/now/v2/table/incident"
    assert parts.fragment == ""
    pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
    assert [name for name, _ in pairs] == ["sysparm_query", "sysparm_fields"]
    order, caret, condition = pairs[0][1].partition("^")
    assert (order, caret) == ("ORDERBYDESCsys_created_on", "^")
    # Read as the platform reads it: a doubled caret is a caret, a single one begins another condition.
    field, _, value = condition.partition("=")
    assert field == "correlation_id"
    assert "^" not in value.replace("^^", "")
    assert value.replace("^^", "^") == correlation_id


@pytest.mark.documented("RFC 3986: an encoded segment is one segment")
@given(TEXTS.filter(lambda text: text not in ("", ".", "..")))
@example("%2e%2e")
@example("...")
@example("../sys_user")
def test_no_character_of_an_id_changes_the_path(sys_id: str) -> None:
    parts = urlsplit(Urls(BASE, DOCUMENTED).record("incident", sys_id))
    assert (parts.query, parts.fragment) == ("", "")
    *head, last = parts.path.split("/")
    assert "/".join(head) == "/api/now/v2/table/incident"
    assert unquote(last) == sys_id


@pytest.mark.documented("RFC 3986, 5.2.4: a segment of dots is resolved, also in its escaped form")
@pytest.mark.parametrize("sys_id", [".", ".."])
def test_an_id_that_is_a_way_out_of_the_table(sys_id: str) -> None:
    for call in (
        lambda urls: urls.record("incident", sys_id),
        lambda urls: urls.observables("x_elas2_sir_int", sys_id),
    ):
        with pytest.raises(errors.InvalidAddress, match="is no sys_id"):
            call(Urls(BASE, DOCUMENTED))


@pytest.mark.ours("half a surrogate pair cannot be sent safely, and is refused by name")
def test_half_a_surrogate_pair() -> None:
    with pytest.raises(errors.InvalidAddress, match="not valid Unicode"):
        Urls(BASE, DOCUMENTED).by_correlation("incident", "a\ud800")
