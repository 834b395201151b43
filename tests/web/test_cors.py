"""CORS on the wire: preflights without credentials, headers on every answer, and nothing for strangers."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from sandtable.core.platform.instance import Instance

pytestmark = pytest.mark.documented("ServiceNow documentation: CORS rules; Fetch standard")

TABLE = "/api/now/table/incident"
IMPORT = "/api/now/import/x_elas2_inc_int_elastic_incident"
HEALTH = "/api/x_elas2_inc_int/elastic_api/health"
PAGE = "https://a.example.com"
KIBANA = "http://localhost:5601"
CORS = "access-control-"
RULE = {
    "name": "R",
    "domain": "https://*.example.com",
    "get": "true",
    "post": "true",
    "exposed_headers": "X-Total-Count",
    "max_age": "600",
}


def api(instance: Instance, name: str) -> str:
    found = instance.system().table("sys_ws_definition").first(f"name={name}")
    assert found is not None
    return found.sys_id


@pytest.fixture
def rule(instance: Instance) -> Callable[..., str]:
    """Make a CORS rule like that of the cases, with the given columns changed, and return its sys_id."""

    def make(**values: str) -> str:
        columns = {**RULE, "rest_api": api(instance, "Table API"), **values}
        return instance.system().table("sys_cors_rule").insert(columns).sys_id

    return make


def cors_of(answer: requests.Response) -> dict[str, str]:
    """Return the CORS headers of an answer, their names in lower case."""
    return {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith(CORS)}


def vary_of(answer: requests.Response) -> set[str]:
    return {part.strip().lower() for part in answer.headers.get("Vary", "").split(",") if part.strip()}


def preflight(wire: Any, path: str = TABLE, origin: str = PAGE, method: str = "GET", names: str = "") -> Any:
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    if names:
        headers["Access-Control-Request-Headers"] = names
    return wire.request("OPTIONS", path, auth=None, headers=headers)


# actual requests ----------------------------------------------------------------------------------------------------


def test_c1_a_match(wire: Any, rule: Callable[..., str]) -> None:
    rule()
    answer = wire.get(TABLE, headers={"Origin": PAGE})
    assert answer.status_code == 200
    assert cors_of(answer) == {
        "access-control-allow-origin": PAGE,
        "access-control-expose-headers": "X-Total-Count",
    }
    assert "origin" in vary_of(answer)


@pytest.mark.parametrize(
    "path, options, status",
    [
        (TABLE, {"auth": None}, 401),
        (TABLE, {"auth": ("admin", "wrong")}, 401),
        (f"{TABLE}/{'0' * 32}", {}, 404),
        ("/api/now/table/nonsense", {}, 400),
        (TABLE, {"headers": {"Accept": "image/png"}}, 406),
    ],
)
def test_c2_errors_have_the_headers_too(
    wire: Any, rule: Callable[..., str], path: str, options: dict[str, Any], status: int
) -> None:
    rule()
    headers = {"Origin": PAGE, **options.get("headers", {})}
    answer = wire.get(path, **{**options, "headers": headers})
    assert answer.status_code == status
    assert cors_of(answer)["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize(
    "origin",
    [
        None,  # C3
        pytest.param("https://example.com", marks=pytest.mark.assumed("the apex is not below itself")),  # C4
        "http://a.example.com",  # C5
        "https://a.example.com:8443",  # C6
        "https://aexample.com",  # C8
        "https://a.example.com.evil.io",  # C8
        "null",  # C10
        "",  # C10
        "https://a.example.com/",  # C10
        "https://a.example.com, https://b.example.com",  # C10
    ],
)
def test_no_header_for_others(wire: Any, rule: Callable[..., str], origin: str | None) -> None:
    rule()
    answer = wire.get(TABLE, headers={} if origin is None else {"Origin": origin})
    assert answer.status_code == 200
    assert cors_of(answer) == {}
    assert "origin" not in vary_of(answer)


def test_c7_a_wildcard_spans_labels(wire: Any, rule: Callable[..., str]) -> None:
    rule()
    answer = wire.get(TABLE, headers={"Origin": "https://a.b.example.com"})
    assert cors_of(answer)["access-control-allow-origin"] == "https://a.b.example.com"


@pytest.mark.assumed("hosts are compared without case; the origin comes back as it was sent")
def test_c9_case(wire: Any, rule: Callable[..., str]) -> None:
    rule()
    answer = wire.get(TABLE, headers={"Origin": "HTTPS://A.EXAMPLE.COM"})
    assert cors_of(answer)["access-control-allow-origin"] == "HTTPS://A.EXAMPLE.COM"


@pytest.mark.documented("Fetch standard: one Origin header; RFC 9110: repeated headers")
def test_c10_two_origin_headers(rule: Callable[..., str], server: Any, instance: Instance) -> None:
    rule()
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port or 0)
    connection.putrequest("GET", TABLE)
    for origin in ("https://evil.io", PAGE):
        connection.putheader("Origin", origin)
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 401
    assert answer.getheader("Access-Control-Allow-Origin") is None
    connection.close()


@pytest.mark.parametrize("path", [f"/api/now/v1/table/{name}" for name in ("incident", "sys_user")])
@pytest.mark.assumed("a rule holds for every version and every resource of its API")
def test_c16_versions_and_resources(wire: Any, rule: Callable[..., str], path: str) -> None:
    rule()
    assert cors_of(wire.get(path, headers={"Origin": PAGE}))["access-control-allow-origin"] == PAGE
    unversioned = path.replace("/v1", "")
    assert cors_of(wire.get(unversioned, headers={"Origin": PAGE}))["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("how", ["inactive", "kill switch", "deleted"])
def test_c17_switched_off(wire: Any, rule: Callable[..., str], instance: Instance, how: str) -> None:
    sys_id = rule()
    rules = instance.system().table("sys_cors_rule")
    assert cors_of(wire.get(TABLE, headers={"Origin": PAGE})) != {}
    if how == "inactive":
        rules.update(sys_id, {"active": "false"})
    elif how == "deleted":
        rules.delete(sys_id)
    else:
        instance.set_property("glide.rest.cors.enabled", "false")
    assert cors_of(wire.get(TABLE, headers={"Origin": PAGE})) == {}
    assert cors_of(preflight(wire)) == {}


def test_c19_credentials(wire: Any, rule: Callable[..., str]) -> None:
    rule(domain=PAGE, access_control_allow_credentials="true")
    for answer in (wire.get(TABLE, headers={"Origin": PAGE}), preflight(wire)):
        assert cors_of(answer)["access-control-allow-credentials"] == "true"
        assert cors_of(answer)["access-control-allow-origin"] == PAGE


def test_c24_a_write_of_a_stranger_takes_effect(wire: Any, rule: Callable[..., str], instance: Instance) -> None:
    rule()
    headers = {"Origin": "https://evil.io", "Content-Type": "application/json"}
    answer = wire.post(TABLE, json={"short_description": "from elsewhere"}, headers=headers)
    assert answer.status_code == 201
    assert cors_of(answer) == {}
    assert instance.system().table("incident").count("short_description=from elsewhere") == 1


@pytest.mark.recorded("Elastic's set-up guide: the domain is Kibana's URL with its port, and GET is ticked")
def test_c28_the_health_resource_of_the_shipped_rule(wire: Any) -> None:
    user = ("elastic.integration", "elastic-integration")
    answer = wire.get(HEALTH, auth=user, headers={"Origin": KIBANA})
    assert (answer.status_code, cors_of(answer)["access-control-allow-origin"]) == (200, KIBANA)
    assert cors_of(wire.get(HEALTH, auth=user, headers={"Origin": "http://localhost:5602"})) == {}
    assert cors_of(wire.get(TABLE, headers={"Origin": KIBANA})) == {}


@pytest.mark.assumed("one rule decides, and gives nothing for a method it has not ticked")
def test_a_method_that_is_not_ticked(wire: Any, rule: Callable[..., str]) -> None:
    rule(post="false")
    headers = {"Origin": PAGE}
    assert cors_of(wire.post(TABLE, json={}, headers=headers)) == {}
    assert cors_of(wire.get(TABLE, headers=headers)) != {}
    assert cors_of(wire.request("HEAD", TABLE, headers=headers)) != {}


@pytest.mark.ours("an overridden method is the one that the rule is asked about")
def test_an_overridden_method(wire: Any, rule: Callable[..., str]) -> None:
    rule()
    headers = {"Origin": PAGE, "X-HTTP-Method-Override": "DELETE"}
    assert cors_of(wire.post(f"{TABLE}/{'0' * 32}", headers=headers)) == {}


def test_the_same_path_in_a_rule_for_a_resource(wire: Any, rule: Callable[..., str]) -> None:
    rule(use_resource_path="true", resource_path="nav_to.do", rest_api="")
    assert cors_of(preflight(wire, "/nav_to.do"))["access-control-allow-methods"] == "GET,POST"
    assert cors_of(wire.get("/nav_to.do", headers={"Origin": PAGE}))["access-control-allow-origin"] == PAGE
    assert cors_of(wire.get(TABLE, headers={"Origin": PAGE})) == {}


# preflights ---------------------------------------------------------------------------------------------------------


def test_c11_a_preflight_needs_no_credentials(wire: Any, rule: Callable[..., str]) -> None:
    rule()
    answer = preflight(wire, names="authorization,content-type")
    assert answer.status_code == 200
    assert cors_of(answer) == {
        "access-control-allow-origin": PAGE,
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "authorization,content-type",
        "access-control-max-age": "600",
    }
    assert vary_of(answer) >= {"origin", "access-control-request-method", "access-control-request-headers"}
    assert answer.content == b""
    assert "WWW-Authenticate" not in answer.headers


def test_a_preflight_of_a_wrong_password_is_answered_all_the_same(wire: Any, rule: Callable[..., str]) -> None:
    rule()
    headers = {"Origin": PAGE, "Access-Control-Request-Method": "GET"}
    answer = wire.request("OPTIONS", TABLE, auth=("admin", "wrong"), headers=headers)
    assert cors_of(answer)["access-control-allow-origin"] == PAGE


def test_c12_a_method_that_is_not_ticked(wire: Any, rule: Callable[..., str]) -> None:
    rule()
    answer = preflight(wire, method="DELETE")
    assert answer.status_code == 200
    assert cors_of(answer)["access-control-allow-methods"] == "GET,POST"


@pytest.mark.assumed("a preflight that no rule matches is answered with 200; no browser looks at the status then")
@pytest.mark.parametrize("path", [TABLE, IMPORT, HEALTH, "/api/unknown/path", "/api/x"])
def test_c13_c15_c26_no_match(wire: Any, rule: Callable[..., str], path: str) -> None:
    rule()
    answer = preflight(wire, path, origin="https://elsewhere.org")
    assert (answer.status_code, cors_of(answer)) == (200, {})


@pytest.mark.ours("sandtable.cors.unmatched_preflight_status")
@pytest.mark.parametrize("status, expected", [("403", 403), ("204", 204), ("", 200)])
def test_the_status_without_a_match_is_a_switch(wire: Any, instance: Instance, status: str, expected: int) -> None:
    instance.set_property("sandtable.cors.unmatched_preflight_status", status)
    assert preflight(wire).status_code == expected


def test_c15_a_rule_is_for_one_api(wire: Any, rule: Callable[..., str]) -> None:
    rule()
    assert cors_of(preflight(wire, TABLE)) != {}
    assert cors_of(preflight(wire, IMPORT)) == {}


@pytest.mark.assumed("OPTIONS that is no preflight is an ordinary request, and needs credentials")
def test_c14_options_that_is_no_preflight(wire: Any, rule: Callable[..., str]) -> None:
    rule()
    answer = wire.request("OPTIONS", TABLE, auth=None, headers={"Origin": PAGE})
    assert answer.status_code == 401
    assert cors_of(answer) == {}
    assert wire.request("OPTIONS", TABLE, headers={"Origin": PAGE}).status_code == 405


def test_c18_the_exact_rule_decides_alone(wire: Any, rule: Callable[..., str]) -> None:
    rule()
    rule(name="exact", domain=PAGE, post="false")
    assert cors_of(preflight(wire, method="POST"))["access-control-allow-methods"] == "GET"
    other = preflight(wire, method="POST", origin="https://b.example.com")
    assert cors_of(other)["access-control-allow-methods"] == "GET,POST"


@pytest.mark.parametrize(
    "allowed, asked, expected",
    [
        ("*", "authorization,x-foo", "authorization,x-foo"),  # C21
        ("Content-Type", "authorization", "Content-Type"),  # C22
        ("Content-Type, Authorization", "authorization", "Content-Type,Authorization"),
        ("", "authorization", "authorization"),
        ("", "", None),
    ],
)
def test_c21_c22_allowed_headers(
    wire: Any, rule: Callable[..., str], allowed: str, asked: str, expected: str | None
) -> None:
    rule(access_control_allow_headers=allowed)
    assert cors_of(preflight(wire, names=asked)).get("access-control-allow-headers") == expected


@pytest.mark.parametrize("max_age, expected", [("0", "0"), ("", None), ("86400", "86400")])
def test_c23_max_age(wire: Any, rule: Callable[..., str], max_age: str, expected: str | None) -> None:
    rule(max_age=max_age)
    assert cors_of(preflight(wire)).get("access-control-max-age") == expected


@pytest.mark.assumed("what is no header name is not sent back")
@pytest.mark.parametrize(
    "names, expected",
    [
        ("a\tX: y,authorization", "authorization"),
        ("a b,authorization", "authorization"),
        ("<script>,authorization", "authorization"),
        ("x y", None),
        (",".join(f"x-{number}" for number in range(2000)), ",".join(f"x-{number}" for number in range(64))),
    ],
)
def test_c27_only_header_names_come_back(wire: Any, rule: Callable[..., str], names: str, expected: str | None) -> None:
    rule()
    answer = preflight(wire, names=names)
    assert answer.status_code == 200
    assert cors_of(answer).get("access-control-allow-headers") == expected


@pytest.mark.parametrize("origin", ["https://a.example.com\tX: y", "https://a.example.com\x0bX", "a" * 9000])
def test_c27_an_origin_cannot_bring_headers(wire: Any, rule: Callable[..., str], origin: str) -> None:
    rule()
    answer = preflight(wire, origin=origin)
    assert answer.status_code in (200, 400)
    assert cors_of(answer) == {}


@pytest.mark.assumed("private network access is granted only on request of the administrator")
def test_private_networks(wire: Any, rule: Callable[..., str], instance: Instance) -> None:
    rule()
    headers = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Private-Network": "true",
    }
    name = "access-control-allow-private-network"
    assert name not in cors_of(wire.request("OPTIONS", TABLE, auth=None, headers=headers))
    instance.set_property("sandtable.cors.allow_private_network", "true")
    assert cors_of(wire.request("OPTIONS", TABLE, auth=None, headers=headers))[name] == "true"
    assert name not in cors_of(preflight(wire))


# the token endpoint -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "allowed, origin, expected",
    [
        ("", PAGE, None),
        ("*", PAGE, "*"),
        ("*", "null", None),
        (PAGE, PAGE, PAGE),
        ("a.example.com", PAGE, PAGE),
        ("a.example.com:8443", PAGE, None),
        ("a.example.com", "https://b.example.com", None),
        ("http://a.example.com", PAGE, None),
        ("example.com", PAGE, None),
        ("not a host", PAGE, None),
    ],
)
def test_c25_the_token_endpoint_has_its_own_property(
    wire: Any, rule: Callable[..., str], instance: Instance, allowed: str, origin: str, expected: str | None
) -> None:
    rule(use_resource_path="true", resource_path="/oauth_token.do", rest_api="")
    instance.set_property("glide.oauth.cors.allowed.origin", allowed)
    answer = preflight(wire, "/oauth_token.do", origin=origin, method="POST", names="content-type")
    found = cors_of(answer)
    assert found.get("access-control-allow-origin") == expected
    if expected:
        assert found["access-control-allow-methods"] == "POST"
        assert found["access-control-allow-headers"] == "content-type"
    refused = wire.post("/oauth_token.do", auth=None, data={"grant_type": "password"}, headers={"Origin": origin})
    assert cors_of(refused).get("access-control-allow-origin") == expected


# records ------------------------------------------------------------------------------------------------------------


def create(wire: Any, instance: Instance, **values: str) -> Any:
    columns = {**RULE, "rest_api": api(instance, "Table API"), **values}
    headers = {"X-Sandtable-Explain": "true"}
    return wire.post("/api/now/table/sys_cors_rule", json=columns, headers=headers)


def test_a_rule_made_through_the_table_api_counts_at_once(wire: Any, instance: Instance) -> None:
    assert cors_of(preflight(wire)) == {}
    made = create(wire, instance)
    assert made.status_code == 201
    assert cors_of(preflight(wire))["access-control-allow-origin"] == PAGE
    path = f"/api/now/table/sys_cors_rule/{made.json()['result']['sys_id']}"
    assert wire.patch(path, json={"domain": "https://b.example.com"}).status_code == 200
    assert cors_of(preflight(wire)) == {}
    shown = wire.get(f"{path}?sysparm_display_value=true").json()["result"]
    assert shown["rest_api"]["display_value"] == "Table API [now/table]"


@pytest.mark.recorded("the REST API of a CORS rule is chosen by its name and path, as Elastic's guide shows it")
@pytest.mark.parametrize(
    "text, shown",
    [
        ("Elastic ITSM API [x_elas2_inc_int/elastic_api]", "Elastic ITSM API [x_elas2_inc_int/elastic_api]"),
        ("Elastic ITSM API", "Elastic ITSM API [x_elas2_inc_int/elastic_api]"),
        ("Import Set API [now/import]", "Import Set API [now/import]"),
        ("Elastic ITSM API [x_elas2_sir_int/elastic_api]", None),
        ("Elastic ITSM API []", None),
        ("[now/table]", None),
        ("^ORnameISNOTEMPTY [now/table]", None),
    ],
)
def test_an_api_is_chosen_as_the_guide_writes_it(wire: Any, text: str, shown: str | None) -> None:
    path = "/api/now/table/sys_cors_rule?sysparm_input_display_value=true&sysparm_display_value=true"
    made = wire.post(path, json={**RULE, "rest_api": text})
    if shown is None:
        assert made.status_code == 403
    else:
        assert made.json()["result"]["rest_api"]["display_value"] == shown


@pytest.mark.parametrize(
    "values, words",
    [
        ({"domain": "https://*com"}, "domain"),
        ({"domain": ""}, "domain is empty"),
        ({"domain": "http://localhost:5601/"}, "no path"),
        ({"domain": "localhost:5601"}, "must begin with http:// or https://"),
        ({"name": ""}, "name is empty"),
        ({"rest_api": ""}, "rest_api is empty"),
        ({"rest_api": "f" * 32}, "is not the sys_id of a sys_ws_definition"),
        ({"use_resource_path": "true"}, "resource_path is empty"),
        ({"access_control_allow_credentials": "true"}, "access_control_allow_credentials"),  # C20
    ],
)
def test_c20_what_is_no_rule_is_refused(wire: Any, instance: Instance, values: dict[str, str], words: str) -> None:
    refused = create(wire, instance, **values)
    assert refused.status_code == 403
    assert words in refused.headers["X-Sandtable-Explain"]
    assert instance.system().table("sys_cors_rule").count("name=R^ORnameISEMPTY") == 0


def test_a_good_rule_cannot_be_made_bad(wire: Any, rule: Callable[..., str], instance: Instance) -> None:
    path = f"/api/now/table/sys_cors_rule/{rule()}"
    assert wire.patch(path, json={"access_control_allow_credentials": "true"}).status_code == 403
    assert wire.patch(path, json={"domain": "nonsense"}).status_code == 403
    assert cors_of(preflight(wire))["access-control-allow-origin"] == PAGE


def test_only_administrators_of_the_web_services_make_rules(wire: Any, instance: Instance) -> None:
    values = {**RULE, "rest_api": api(instance, "Table API")}
    user = ("elastic.integration", "elastic-integration")
    assert wire.post("/api/now/table/sys_cors_rule", auth=user, json=values).status_code == 403
    role = instance.system().table("sys_user_role").first("name=cors_rule_admin")
    person = instance.system().table("sys_user").first("user_name=elastic.integration")
    assert role is not None
    assert person is not None
    instance.system().table("sys_user_has_role").insert({"user": person.sys_id, "role": role.sys_id})
    assert wire.post("/api/now/table/sys_cors_rule", auth=user, json=values).status_code == 201


# why ----------------------------------------------------------------------------------------------------------------


@pytest.mark.ours("the answer says on request why an origin was let in or not")
@pytest.mark.parametrize(
    "origin, method, words",
    [
        (PAGE, "GET", "CORS rule 'R' matches https://a.example.com for Table API [now/table]"),
        (PAGE, "DELETE", "DELETE is not ticked"),
        ("https://a.example.com:8443", "GET", "domains there: https://*.example.com"),
        ("null", "GET", "'null' is not one http or https origin"),
    ],
)
def test_the_explanation(wire: Any, rule: Callable[..., str], origin: str, method: str, words: str) -> None:
    rule()
    headers = {"Origin": origin, "X-Sandtable-Explain": "true"}
    answer = wire.request(method, f"{TABLE}/{'0' * 32}", headers=headers)
    assert words in answer.headers["X-Sandtable-Explain"]
