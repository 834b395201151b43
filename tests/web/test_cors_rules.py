"""Domains of CORS rules, origins of pages, and which rule decides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable.core.platform.instance import Instance
from sandtable.core.security.cors_rules import (
    BadDomain,
    CorsRule,
    Origin,
    closest,
    names_in,
    parse_domain,
    parse_origin,
    rules_of,
)

pytestmark = pytest.mark.documented("ServiceNow documentation: define a CORS rule")


@pytest.mark.parametrize(
    "domain",
    [
        "http://*.ms.net",
        "https://*.ms.com",
        "https://*.com.au",
        "http://192.168.1.1",
        "http://*.service-now.com",
        "http://*.com",
    ],
)
def test_valid_domains(domain: str) -> None:
    parse_domain(domain)


@pytest.mark.parametrize(
    "domain",
    [
        "https://*com",
        "http://*..com",
        "http://192.168.1.*",
        "http://*.168.1.126",
        "http://blog.*.service-now.com",
        "http://*com",
        "*",
        "*.*",
        "http://*",
        "http://*.*",
        "example.com",
        "ftp://example.com",
    ],
)
def test_invalid_domains(domain: str) -> None:
    with pytest.raises(BadDomain):
        parse_domain(domain)


@pytest.mark.recorded("rules on instances, and Elastic's set-up guide: the domain is Kibana's URL with its port")
@pytest.mark.parametrize("domain", ["http://localhost:5601", "https://kibana.example.com:5601", "http://[::1]:5601"])
def test_a_host_and_port_is_a_domain(domain: str) -> None:
    parse_domain(domain)


@pytest.mark.assumed("what is no scheme, host and port cannot be an origin either")
@pytest.mark.parametrize(
    "domain",
    [
        "",
        "http://",
        "http://example.com/",
        "http://example.com/path",
        "http://example.com?x",
        "http://user@example.com",
        "http://example.com.",
        "http://-example.com",
        "http://example.com:0",
        "http://example.com:65536",
        "http://example.com:x",
        "http://example.com:",
        "http://exa mple.com",
        "http://ex\u00e4mple.com",
        "http://::1",
        "http://example.com\r\nX: y",
        "http://" + "9" * 400,
    ],
)
def test_other_things_are_no_domain(domain: str) -> None:
    with pytest.raises(BadDomain):
        parse_domain(domain)


@pytest.mark.documented("Fetch standard: the serialisation of an origin")
@pytest.mark.parametrize(
    "text, origin",
    [
        ("https://a.example.com", Origin("https", "a.example.com", 443)),
        ("http://a.example.com", Origin("http", "a.example.com", 80)),
        ("http://LOCALHOST:5601", Origin("http", "localhost", 5601)),
        ("http://[::1]:5601", Origin("http", "[::1]", 5601)),
        ("null", None),
        ("", None),
        ("https://a.example.com/", None),
        ("https://a.example.com, https://b.example.com", None),
        ("https://a.example.com https://b.example.com", None),
        ("https://user@a.example.com", None),
        ("https://a.example.com:", None),
        ("https://a.example.com:99999", None),
        ("https://a..example.com", None),
        ("https://.example.com", None),
        ("ftp://a.example.com", None),
        ("file://", None),
        ("https://a.example.com\r\nX: y", None),
        ("https://a.example.com\n", None),
        ("https://" + "a" * 2000 + ".example.com", None),
    ],
)
def test_origins(text: str, origin: Origin | None) -> None:
    assert parse_origin(text) == origin


def deciding(origin: str, *domains: str) -> str | None:
    rules = [CorsRule(name=domain, domain=parse_domain(domain)) for domain in domains]
    parsed = parse_origin(origin)
    assert parsed is not None
    found = closest(rules, parsed)
    return found.name if found is not None else None


def test_the_closest_wildcard_decides() -> None:
    domains = ("http://*.mysite.com", "http://*.blog.mysite.com")
    assert deciding("http://alice.blog.mysite.com", *domains) == "http://*.blog.mysite.com"
    assert deciding("http://alice.blog.mysite.com", *reversed(domains)) == "http://*.blog.mysite.com"
    assert deciding("http://blog.mysite.com", *domains) == "http://*.mysite.com"
    exact = "http://alice.blog.mysite.com"
    assert deciding(exact, *domains, exact) == exact


@pytest.mark.assumed("credentials and a wildcard exclude each other, however the record came to be")
@pytest.mark.parametrize("domain, credentials", [("https://*.example.com", False), ("https://a.example.com", True)])
def test_credentials_go_to_one_origin_only(domain: str, credentials: bool, instance: Instance) -> None:
    values = {"name": "R", "domain": domain, "get": "true", "access_control_allow_credentials": "true"}
    made = instance.system().without_business_rules().table("sys_cors_rule").insert(values)
    assert made["access_control_allow_credentials"] == "true"
    (rule,) = [rule for rule in rules_of(instance) if rule.name == "R"]
    assert rule.credentials is credentials


@pytest.mark.documented("Fetch standard: origins are compared whole")
@pytest.mark.parametrize(
    "origin, domain, matches",
    [
        ("https://a.example.com", "https://*.example.com", True),
        ("https://a.b.example.com", "https://*.example.com", True),
        ("https://example.com", "https://*.example.com", False),
        ("http://a.example.com", "https://*.example.com", False),
        ("https://a.example.com:8443", "https://*.example.com", False),
        ("https://a.example.com:8443", "https://*.example.com:8443", True),
        ("https://a.example.com", "https://a.example.com:443", True),
        ("http://a.example.com", "http://a.example.com:443", False),
        ("http://a.example.com:443", "https://a.example.com", False),
        ("https://a.example.com:80", "http://*.example.com", False),
        ("https://aexample.com", "https://*.example.com", False),
        ("https://a.example.com.evil.io", "https://*.example.com", False),
        ("https://evil.io", "https://*.example.com", False),
        ("https://A.EXAMPLE.COM", "https://*.Example.com", True),
        ("http://localhost:5601", "http://localhost:5601", True),
        ("http://localhost:5602", "http://localhost:5601", False),
        ("http://127.0.0.1:5601", "http://localhost:5601", False),
    ],
)
def test_matching(origin: str, domain: str, matches: bool) -> None:
    assert (deciding(origin, domain) == domain) is matches


@pytest.mark.assumed("of two rules for the same domain the older one decides; nothing says which")
def test_of_equal_domains_the_older_decides() -> None:
    rules = [CorsRule(name=name, domain=parse_domain("http://localhost")) for name in ("older", "newer")]
    found = closest(rules, Origin("http", "localhost", 80))
    assert found is not None
    assert found.name == "older"


@pytest.mark.documented("RFC 9110: a header name is a token")
def test_header_names() -> None:
    assert names_in("authorization, Content-Type,,x y,a\r\nX: y,authorization,\u00e4") == (
        "authorization",
        "Content-Type",
    )
    assert names_in("*") == ("*",)
    assert names_in("") == ()


LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


@pytest.mark.ours("no origin outside a domain gets through, whatever its labels")
@given(st.lists(LABELS, min_size=1, max_size=4), st.lists(LABELS, min_size=2, max_size=3), st.booleans())
def test_a_wildcard_matches_exactly_what_is_below_it(front: list[str], base: list[str], glued: bool) -> None:
    suffix = ".".join(base)
    domain = f"https://*.{suffix}"
    try:
        parse_domain(domain)
    except BadDomain:
        assert all(label.isdigit() for label in base)
        return
    host = ".".join(front) + ("" if glued else ".") + suffix
    below = host.endswith("." + suffix)
    assert (deciding(f"https://{host}", domain) is not None) is below
    assert deciding(f"https://{host}.e_vil.io", domain) is None


@pytest.mark.ours("any text is answered with a domain, or with a reason")
@given(st.text(max_size=40) | st.from_regex(r"https?://.{0,30}"))
def test_any_text(text: str) -> None:
    try:
        domain = parse_domain(text)
    except BadDomain:
        domain = None
    origin = parse_origin(text)
    assert domain is None or text.lower().startswith(f"{domain.scheme}://")
    assert origin is None or "\n" not in text
