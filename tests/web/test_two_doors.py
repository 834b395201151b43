"""The two doors of an instance, a call in process and a socket: to the same request they give the same answer."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import requests

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.ours("whether a test asks in process or over a socket makes no difference to what it is told")

TABLE = "/api/now/table/incident"
HEALTH = "/api/x_elas2_inc_int/elastic_api/health"
STAGING = "/api/now/import/x_elas2_inc_int_elastic_incident"
JSON, XML = {"Content-Type": "application/json"}, {"Accept": "application/xml"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ORIGIN = {"Origin": "https://kibana.example.com:5601", "Access-Control-Request-Method": "GET"}
SOAP = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<insert xmlns="http://www.service-now.com/incident"><short_description>soap</short_description></insert>'
    "</s:Body></s:Envelope>"
)
GRANT = "grant_type=password&client_id=none&client_secret=none&username=admin&password=admin"
# What belongs to the connection, or to the moment, rather than to the answer.
OF_THE_CONNECTION = {"connection", "keep-alive", "date", "server", "server-timing", "transfer-encoding"}
# Sessions and transactions are numbered at random, whatever the random numbers of the instance; cookies expire after
# a while of the real clock.
PASSING = re.compile(r"\b[0-9A-Fa-f]{12,}\b|(?<=Expires=)[^;]* GMT|\d+\.\d+\.0000")


class Asked(NamedTuple):
    """One request; the body is JSON when it is no text and no bytes."""

    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = {}
    auth: tuple[str, str] | None = ("admin", "admin")


ASKED = (
    Asked("GET", TABLE),
    Asked("GET", f"{TABLE}?sysparm_limit=1&sysparm_display_value=all"),
    Asked("GET", "/api/now/table/sys_user?sysparm_query=active%3Dtrue%5EORDERBYuser_name&sysparm_limit=2"),
    Asked("GET", "/api/now/table/sys_user?sysparm_query=nameLIKE%C3%A4%5EORDERBYname&sysparm_fields=name,user_name"),
    Asked("GET", "/api/now/v2/table/sys_user?sysparm_limit=3&sysparm_offset=2&sysparm_fields=name", headers=XML),
    Asked("GET", f"{TABLE}/nosuch"),
    Asked("GET", "/api/now/table/nosuch"),
    Asked("GET", TABLE, auth=None),
    Asked("GET", TABLE, auth=("admin", "wr\u00f6ng")),
    Asked("GET", TABLE, headers={"Accept": "text/plain"}),
    Asked("GET", f"{TABLE}?sysparm_orderby=number"),
    Asked("HEAD", TABLE),
    Asked("OPTIONS", TABLE, headers=ORIGIN),
    Asked("TRACE", TABLE),
    Asked("POST", TABLE, {"short_description": "\u00e4\u00f6\u00fc \U0001f600", "urgency": 1}),
    Asked("POST", f"{TABLE}?sysparm_input_display_value=true", {"caller_id": "System Administrator"}),
    Asked("POST", TABLE, "{not json", JSON),
    Asked("POST", TABLE, b"\xff\xfe", JSON),
    Asked("POST", TABLE, "", JSON),
    Asked("POST", TABLE, "a=1", FORM),
    Asked("POST", TABLE, "<request><entry><urgency>2</urgency></entry></request>", XML | {"Content-Type": "text/xml"}),
    Asked("PUT", f"{TABLE}/nosuch", {"urgency": 1}),
    Asked("PATCH", f"{TABLE}/nosuch", {"urgency": 1}),
    Asked("DELETE", f"{TABLE}/nosuch"),
    Asked("GET", "/api/now/stats/sys_user?sysparm_count=true&sysparm_group_by=active"),
    Asked("GET", "/api/now/attachment?sysparm_limit=1"),
    Asked("POST", "/api/now/attachment/file?table_name=incident&table_sys_id=x&file_name=a.bin", b"\0\1\xff"),
    Asked("POST", "/api/now/v1/batch", {"batch_request_id": "1", "rest_requests": []}),
    Asked("GET", "/api/now/doc/table/schema"),
    Asked("POST", STAGING, {"u_short_description": "staged"}, auth=("elastic.integration", "elastic-integration")),
    Asked("GET", HEALTH, auth=("elastic.integration", "elastic-integration")),
    Asked("OPTIONS", HEALTH, headers=ORIGIN, auth=None),
    Asked("GET", HEALTH, headers=ORIGIN, auth=None),
    Asked("GET", "/incident.do?JSONv2&sysparm_action=getRecords", auth=("admin", "admin")),
    Asked("GET", "/sys_user_list.do?CSV&sysparm_query=user_name%3Dadmin"),
    Asked("GET", "/incident.do?WSDL"),
    Asked("POST", "/incident.do?SOAP", SOAP, {"Content-Type": "text/xml"}),
    Asked("GET", "/incident_list.do"),
    Asked("GET", "/", auth=None),
    Asked("GET", "/login.do", auth=None),
    Asked("GET", "/no/such/page"),
    Asked("GET", "/api/now/nosuch"),
    Asked("POST", "/oauth_token.do", GRANT, FORM, auth=None),
    Asked("GET", "/oauth_auth.do?response_type=code&client_id=none", auth=None),
    Asked("GET", "/_sandtable/faults", auth=None),
    Asked("GET", "/_sandtable/nosuch", auth=None),
    Asked("POST", "/_sandtable/faults", {"fault": "nosuch"}, auth=None),
)


def told(wire: Wire, asked: Asked) -> tuple[int, list[tuple[str, str]], str]:
    """Return status, headers and body of an answer, with the address of either door called the same."""
    body = asked.body if isinstance(asked.body, str | bytes | None) else json.dumps(asked.body)
    headers = asked.headers if isinstance(asked.body, str | bytes | None) else {**JSON, **asked.headers}
    data = body.encode() if isinstance(body, str) else body
    answer: requests.Response = wire.request(asked.method, asked.path, auth=asked.auth, data=data, headers=headers)
    host = wire.base_url.partition("//")[2]

    def same(text: str) -> str:
        return PASSING.sub("ID", text.replace(host, "HOST"))

    named = {name.lower(): same(value) for name, value in answer.headers.items()}
    kept = sorted(each for each in named.items() if each[0] not in OF_THE_CONNECTION | {"content-length"})
    return answer.status_code, kept, same(answer.content.decode("latin-1"))


@pytest.mark.parametrize("asked", ASKED, ids=[f"{each.method} {each.path}" for each in ASKED])
def test_both_doors_give_the_same_answer(doors: tuple[Wire, Wire], instance: Instance, asked: Asked) -> None:
    instance.clock.freeze()
    before = instance.snapshot()
    in_process, live = doors
    first = told(in_process, asked)
    instance.restore(before)
    second = told(live, asked)
    instance.release(before)
    assert first == second
    assert first[0] < 600
