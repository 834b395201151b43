"""Networking settings are read strictly, and each thing that is ignored is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandtable_connector import Behaviour, CustomHost, Networking, errors
from sandtable_connector.settings.custom_hosts import canonical_key
from sandtable_connector.settings.tls import TlsSettings
from sandtable_connector.settings.units import parse_duration, parse_size

pytestmark = pytest.mark.documented("Kibana docs, alerting and action settings")

DOCUMENTED = Behaviour.documented()


def test_the_defaults() -> None:
    empty = Networking.from_settings({})
    assert empty == Networking()
    assert empty.allowed_hosts == ("*",)
    assert empty.max_response_content_length == 1048576
    assert empty.response_timeout == 60
    assert (empty.verification_mode, empty.proxy_verification_mode) == ("full", "full")


SETTINGS: dict[str, Any] = {
    "allowedHosts": ["a.example.com"],
    "proxyUrl": "http://proxy:3128",
    "proxyHeaders": {"X": "y"},
    "proxyBypassHosts": ["b"],
    "ssl": {"verificationMode": "certificate", "proxyVerificationMode": "none"},
    "maxResponseContentLength": "2mb",
    "responseTimeout": "30s",
    "customHostSettings": [{"url": "https://a.example.com", "ssl": {"verificationMode": "none"}}],
    "preconfigured": {"x": {}},
}


def test_settings_are_read_nested_or_dotted() -> None:
    nested = Networking.from_settings(SETTINGS)
    dotted = {name: value for name, value in SETTINGS.items() if name != "ssl"}
    dotted |= {"ssl.verificationMode": "certificate", "ssl.proxyVerificationMode": "none"}
    assert Networking.from_settings(dotted) == nested
    assert nested.allowed_hosts == ("a.example.com",)
    assert nested.proxy_bypass_hosts == frozenset({"b"})
    assert nested.max_response_content_length == 2 * 1024 * 1024
    assert nested.timeout_ms == 30_000
    assert nested.custom_host_settings == (CustomHost("https://a.example.com:443", "none", None),)
    assert nested.warnings == ()


@pytest.mark.parametrize(
    "settings, named",
    [
        ({"allowedHosts": "a"}, "xpack.actions.allowedHosts"),
        ({"allowedHosts": [1]}, "xpack.actions.allowedHosts"),
        ({"proxyUrl": 1}, "xpack.actions.proxyUrl"),
        ({"proxyHeaders": ["x"]}, "xpack.actions.proxyHeaders"),
        ({"proxyHeaders": {"x": 1}}, "xpack.actions.proxyHeaders"),
        ({"proxyHeaders": {"x": "a\r\nb"}}, "xpack.actions.proxyHeaders"),
        ({"proxyOnlyHosts": "a"}, "xpack.actions.proxyOnlyHosts"),
        ({"ssl": {"verificationMode": 1}}, "xpack.actions.ssl.verificationMode"),
        ({"ssl": {"mode": "none"}}, "xpack.actions.ssl.mode"),
        ({"maxResponseContentLength": "lots"}, "xpack.actions.maxResponseContentLength"),
        ({"maxResponseContentLength": -1}, "xpack.actions.maxResponseContentLength"),
        ({"responseTimeout": "soon"}, "xpack.actions.responseTimeout"),
        ({"responseTimeout": "0s"}, "xpack.actions.responseTimeout"),
        ({"customHostSettings": {}}, "xpack.actions.customHostSettings"),
        ({"customHostSettings": [{}]}, r"xpack.actions.customHostSettings\[0\].url"),
        ({"customHostSettings": [{"url": "https://a", "tls": {}}]}, r"customHostSettings\[0\].tls"),
        ({"customHostSettings": [{"url": "https://a", "ssl": {"ca": ""}}]}, r"customHostSettings\[0\].ssl.ca"),
        ({"customHostSettings": [{"url": "https://a", "ssl": 5}]}, r"customHostSettings\[0\].ssl"),
        ({"customHostSettings": [{"url": "https://a", "ssl": {"verificationMode": 5}}]}, "verificationMode"),
        ({"customHostSettings": [{"url": "https://a", "ssl": {"certificateAuthoritiesData": 5}}]}, "AuthoritiesData"),
        ({"customHostSettings": [{"url": "https://a", "ssl": {"certificateAuthoritiesFiles": 5}}]}, "AuthoritiesFiles"),
        ({"customHostSettings": [{"url": "smtp://a", "smtp": 5}]}, r"customHostSettings\[0\].smtp"),
    ],
)
def test_a_setting_of_the_wrong_shape_is_named(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=named):
        Networking.from_settings(settings)


def warned(*hosts: dict[str, Any]) -> tuple[tuple[CustomHost, ...], list[str]]:
    said: list[str] = []
    read = Networking.from_settings({"customHostSettings": list(hosts)}, warn=said.append)
    assert list(read.warnings) == said
    assert all(text.startswith("In configuration xpack.actions.customHosts,") for text in said)
    return read.custom_host_settings, said


@pytest.mark.recorded("observed Kibana behaviour: what is ignored is warned about")
@pytest.mark.parametrize(
    "hosts, keys, words",
    [
        ([{"url": "nonsense"}], [], ["invalid URL"]),
        ([{"url": "https://[::zz]"}], [], ["invalid URL"]),
        ([{"url": "http://a"}], [], ["unsupported protocol"]),
        ([{"url": "https://a/x"}], ["https://a:443"], ["path information"]),
        ([{"url": "https://a#x"}], ["https://a:443"], ["hash information"]),
        ([{"url": "https://u:hunter22@a"}], ["https://a:443"], ["authentication information"]),
        ([{"url": "https://a"}, {"url": "https://A:443/"}], ["https://a:443"], ["multiple entries"]),
        ([{"url": "smtp://a", "smtp": {"ignoreTLS": True}}], ["smtp://a:25"], []),
        ([{"url": "smtp://a", "smtp": {"ignoreTLS": True, "requireTLS": True}}], ["smtp://a:25"], ["requireTLS"]),
        ([{"url": "https://a", "smtp": {"ignoreTLS": True}}], ["https://a:443"], ["cannot contain smtp"]),
    ],
)
def test_custom_hosts(hosts: list[dict[str, Any]], keys: list[str], words: list[str]) -> None:
    read, said = warned(*hosts)
    assert [host.key for host in read] == keys
    assert len(said) == len(words)
    assert all(word in text for word, text in zip(words, said, strict=True))
    assert "hunter22" not in " ".join(said)


@pytest.mark.recorded("observed Kibana behaviour: the first of two entries wins")
def test_the_first_of_two_entries_wins() -> None:
    (host,), _ = warned(
        {"url": "https://a", "ssl": {"verificationMode": "none"}},
        {"url": "https://a", "ssl": {"verificationMode": "full"}},
    )
    assert host.verification_mode == "none"


def test_files_and_data_are_joined_and_an_unreadable_file_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("FILE A")
    (tmp_path / "binary.pem").write_bytes(b"\xff\xfe")
    tls = {
        "certificateAuthoritiesData": "DATA",
        "certificateAuthoritiesFiles": [str(tmp_path / name) for name in ("a.pem", "gone.pem", "binary.pem")],
    }
    (host,), said = warned({"url": "https://a", "ssl": tls})
    assert host.certificate_authorities == "DATA\nFILE A"
    assert ["gone.pem" in said[0], "binary.pem" in said[1]] == [True, True]
    (host,), _ = warned({"url": "https://a", "ssl": {"certificateAuthoritiesFiles": str(tmp_path / "a.pem")}})
    assert host.certificate_authorities == "FILE A"
    assert "FILE A" not in repr(host)


@pytest.mark.documented("Kibana docs, xpack.actions.proxyBypassHosts and proxyOnlyHosts: a list of host names")
@pytest.mark.parametrize("listed", ["proxy_bypass_hosts", "proxy_only_hosts"])
@pytest.mark.parametrize(
    "host, named",
    [("h.example.com", True), ("a.h.example.com", False), ("xh.example.com", False), ("h.example", False)],
)
def test_hosts_of_the_proxy_settings_are_compared_whole(listed: str, host: str, named: bool) -> None:
    networking = Networking(proxy_url="http://p", **{listed: frozenset({"h.example.com"})})
    for url in (f"https://{host}/", f"https://{host}:8443/", f"http://{host}/"):
        proxied = networking.route(url, DOCUMENTED).proxy is not None
        assert proxied is (named == (listed == "proxy_only_hosts"))


@pytest.mark.parametrize(
    "proxy_url, port, secure",
    [
        ("http://p", 80, False),
        ("https://p", 443, True),
        ("http://p:3128", 3128, False),
        ("https://p:8443/", 8443, True),
        ("HTTPS://p", 443, True),
    ],
)
def test_where_the_proxy_listens(proxy_url: str, port: int, secure: bool) -> None:
    hop = Networking(proxy_url=proxy_url).route("https://h/", DOCUMENTED).proxy
    assert hop is not None
    assert (hop.host, hop.port, hop.tls is not None) == ("p", port, secure)


@pytest.mark.parametrize("preset", ["documented", "kibana-8.13", "kibana-9"])
@pytest.mark.parametrize("target", ["none", "certificate", "full"])
@pytest.mark.parametrize("proxy", ["none", "certificate", "full"])
def test_the_proxy_and_the_target_have_a_mode_each(preset: str, target: str, proxy: str) -> None:
    networking = Networking(proxy_url="https://p", verification_mode=target, proxy_verification_mode=proxy)
    route = networking.route("https://h/", Behaviour.preset(preset))
    assert route.proxy is not None
    assert (route.tls, route.proxy.tls) == (TlsSettings.of_mode(target), TlsSettings.of_mode(proxy))


@pytest.mark.parametrize(
    "mode, chain, hostname", [("none", False, False), ("certificate", True, False), ("full", True, True)]
)
def test_what_a_mode_verifies(mode: str, chain: bool, hostname: bool) -> None:
    assert TlsSettings.of_mode(mode) == TlsSettings(chain=chain, hostname=hostname)


@pytest.mark.recorded("observed Kibana behaviour: warned about, and otherwise verified")
def test_other_warnings() -> None:
    assert Networking(verification_mode="loose").warnings == ("Unknown ssl verificationMode: loose",)
    tls = Networking(verification_mode="loose").route("https://h/", DOCUMENTED).tls
    assert tls is not None
    assert (tls.chain, tls.hostname) == (True, True)
    bad = Networking(proxy_url="ftp://u:hunter22@p")
    assert bad.warnings == ('invalid proxy URL "ftp://[redacted]@p" ignored',)
    assert bad.proxy_url is None
    assert "hunter22" not in repr(Networking(proxy_url="http://u:hunter22@p"))
    both = Networking(proxy_url="http://p", proxy_bypass_hosts=frozenset("a"), proxy_only_hosts=frozenset("b"))
    assert both.proxy_only_hosts is None
    assert "proxyOnlyHosts is ignored" in both.warnings[0]


@pytest.mark.parametrize(
    "url, key",
    [
        ("https://A.example.com/x", "https://a.example.com:443"),
        ("https://a:8443", "https://a:8443"),
        ("smtp://a", "smtp://a:25"),
        ("http://a", "http://a:80"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_canonical_keys(url: str, key: str) -> None:
    assert canonical_key(url) == key


@pytest.mark.parametrize("port, found", [(443, True), (8443, False)])
def test_a_custom_host_is_found_by_protocol_host_and_port(port: int, found: bool) -> None:
    networking = Networking(custom_host_settings=(CustomHost("https://h", "none"),))
    tls = networking.route(f"https://h:{port}/x", DOCUMENTED).tls
    assert tls is not None
    assert tls.chain is not found


@pytest.mark.parametrize(
    "text, seconds",
    [("60s", 60), ("1500ms", 1.5), ("2m", 120), ("1h", 3600), ("1d", 86400), ("1w", 604800), ("1M", 2592000),
     ("1Y", 31536000), (1500, 1.5), ("1500", 1.5), ("1m30s", 90)],
)  # fmt: skip
def test_durations(text: object, seconds: float) -> None:
    assert parse_duration(text, setting="x") == seconds


@pytest.mark.parametrize("text", ["", "s", "1.5s", "-1s", "1 s", "1S", None, [], True, -5, "٣s"])
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(errors.ConfigurationError, match="^x: .* is not a duration"):
        parse_duration(text, setting="x")


@pytest.mark.parametrize(
    "text, size", [("1mb", 1048576), ("1MB", 1048576), ("10kb", 10240), ("5b", 5), ("7", 7), (9, 9)]
)
def test_sizes(text: object, size: int) -> None:
    assert parse_size(text, setting="x") == size


@pytest.mark.parametrize("text", ["", "mb", "1.5mb", "-1", None, True, "1tb"])
def test_what_is_no_size(text: object) -> None:
    with pytest.raises(errors.ConfigurationError, match="^x: .* is not a size"):
        parse_size(text, setting="x")
