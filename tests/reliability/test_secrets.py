"""Secrets, whatever clients call them and however they pack them, are found again in no journal, log or recording."""

from __future__ import annotations

import base64
import io
import json
from typing import Any
from urllib.parse import quote

import pytest
import requests

from sandtable.core.platform.instance import Instance
from sandtable.library.in_process import WSGIAdapter
from sandtable.recording.redactor import Redactor
from sandtable.serving.assembly import create_instance
from sandtable.web.app import create_app
from sandtable.web.journal.redaction import body_shown, header_shown
from sandtable.web.journal.request_log import RequestLog, redacted
from sandtable.web.worlds.worlds import Worlds

pytestmark = pytest.mark.ours("a secret that is sent or kept shows up in nothing that people read")

SECRET = "Pl4nted-S3cret"  # of this test alone
UPSTREAM = "https://acme.service-now.com"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----"
WSSE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><wsse:Security xmlns:wsse="urn:x">'
    '<wsse:UsernameToken><wsse:Username>a</wsse:Username><wsse:Password Type="text">{secret}</wsse:Password>'
    "</wsse:UsernameToken></wsse:Security></s:Header><s:Body/></s:Envelope>"
)
MULTIPART = (
    '--b\r\nContent-Disposition: form-data; name="user"\r\n\r\na\r\n--b\r\n'
    'Content-Disposition: form-data; name="password"\r\n\r\n{secret}\r\n--b--\r\n'
)
JSON_PART = (
    '--b\r\nContent-Disposition: form-data; name="f"; filename="a.json"\r\nContent-Type: application/json\r\n\r\n'
    '{{"api_key":"{secret}"}}\r\n--b--\r\n'
)
BODIES: dict[str, tuple[str, str]] = {
    "shared_key": ("application/json", '{{"shared_key":"{secret}"}}'),
    "sharedKey": ("application/json", '{{"sharedKey":"{secret}"}}'),
    "single quotes": ("application/json", "{{'user_password':'{secret}', 'a': 1}}"),
    "single quotes, cut": ("application/json", "{{'user_password':'{secret}"),
    "a list": ("application/json", '{{"passwords":1,"password":["{secret}"]}}'),
    "a list in a list": ("application/json", '[{{"token":[["{secret}"]]}}]'),
    "JSON as a form": ("application/x-www-form-urlencoded", '{{"password":"{secret}"}}'),
    "JSON as text": ("text/plain", '  {{"password":"{secret}"}}'),
    "JSON as XML": ("application/xml", '{{"password":"{secret}"}}'),
    "XML as JSON": ("application/json", "<request><password>{secret}</password></request>"),
    "a form as JSON": ("application/json", "user=a&password={secret}"),
    "a form as text": ("text/plain", "password={secret}&user=a"),
    "WS-Security": ("text/xml", WSSE),
    "a prefix": ("text/xml", "<n:a><n:client_secret>{secret}</n:client_secret></n:a>"),
    "CDATA": ("text/xml", "<a><password><![CDATA[{secret}]]></password></a>"),
    "an element with elements": ("text/xml", "<a><password><b>{secret}</b></password></a>"),
    "an attribute": ("text/xml", '<a password="{secret}" b="1"/>'),
    "a field of a page": ("text/html", '<input type="hidden" name="sysparm_ck" value="{secret}">'),
    "the token of a page": ("text/html", "<script>var g_ck = '{secret}';</script>"),
    "XML, cut": ("text/xml", "<a><password>{secret}"),
    "multipart": ("multipart/form-data; boundary=b", MULTIPART),
    "multipart without a type": ("", MULTIPART),
    "JSON in multipart": ("multipart/form-data; boundary=b", JSON_PART),
    "CSV": ("text/csv", "user_name,user_password\r\na,{secret}\r\n"),
    "CSV as text": ("text/plain", 'user_name,"user_password"\na,"{secret}"\n'),
    "a tiny URL": ("application/json", '{{"url":"https://a/incident_list.do?sysparm_query=u_password={secret}"}}'),
    "the query of a tiny URL": ("application/json", '{{"url":"sysparm_query=u_password%3D{secret}"}}'),
    "a private key": ("application/json", json.dumps({"pem_certificate": PEM}).replace("{", "{{").replace("}", "}}")),
    "a private key as text": ("text/plain", PEM),
    "a property": ("application/json", '{{"name":"mail.smtp.password","value":"{secret}"}}'),
    "a query in a body": ("application/json", '{{"sysparm_query":"u_passwordBETWEEN{secret}@z"}}'),
    "a password before a host": ("application/json", '{{"endpoint":"https://user:{secret}@example.com/a"}}'),
}
HEADERS: dict[str, str] = {
    "Authorization": f"Bearer {SECRET}",
    "Authentication": SECRET,
    "X-Authentication": SECRET,
    "X-UserToken": SECRET,
    "X-Shared-Key": SECRET,
    "Cookie": f"JSESSIONID={SECRET}",
    "Referer": f"https://user:{SECRET}@acme.service-now.com/nav_to.do?uri=a",
    "Location": f"https://a/nav_to.do?uri={quote(f'incident_list.do?sysparm_ck={SECRET}', safe='')}",
}
OPERATORS = (
    "=",
    "!=",
    ">=",
    "<=",
    "<",
    ">",
    "<>",
    "BETWEEN",
    "LIKE",
    "STARTSWITH",
    "IN",
    "NOT IN",
    "SAMEAS",
    "DYNAMIC",
)
TARGETS = [
    *(f"/api/now/table/sys_user?sysparm_query=active=true^user_password{operator}{SECRET}" for operator in OPERATORS),
    f"/api/now/table/sys_user?sysparm_query=active=true^ORmanager.user_password%3E%3D{SECRET}^NQa=1",
    f"/api/now/table/sys_user?sysparm_ck={SECRET}",
    f"/nav_to.do?uri={quote(f'sys_user_list.do?sysparm_query=user_password={SECRET}', safe='')}",
    f"/nav_to.do?uri={quote('nav_to.do?uri=' + quote(f'a.do?token={SECRET}', safe=''), safe='')}",
    f"/login.do?next=https%3A%2F%2Fa%3A{SECRET}%40example.com%2F",
    f"/api/now/table/sys_user?shared_key={SECRET}",
]


@pytest.mark.parametrize("name", BODIES)
def test_bodies(name: str) -> None:
    kind, template = BODIES[name]
    text = template.format(secret=SECRET)
    assert SECRET in text
    assert SECRET not in body_shown(text, kind)
    recorded = Redactor(UPSTREAM).request("POST", "/api/now/table/a", "", [("Content-Type", kind)], text.encode())
    assert SECRET not in str(recorded.body)
    answered = Redactor(UPSTREAM).answer(200, "OK", [("Content-Type", kind)], text.encode())
    assert SECRET not in str(answered.body)


HARMLESS = {
    "JSON": ("application/json", '{ "short_description":"the password is wrong", "state" : [1, null], "a": {"b": ""}}'),
    "single quotes": ("application/json", "{'short_description': 'it says \\'password\\''}"),
    "XML": ("text/xml", "<a b='1' c=\"2\"><!-- password --><d>password=1</d><e/>&lt;<f><![CDATA[<g>]]></f></a>"),
    "a page": ("text/html", "<!DOCTYPE html><p>Forgot your <b>password</b>?<br><input name='user'>"),
    "a form": ("application/x-www-form-urlencoded", "a=1&b=x+y%20z&c&=d"),
    "multipart": ("multipart/form-data", '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1 = 2\r\n--b--\r\n'),
    "CSV": ("text/csv", 'number,"short ""one""",state\r\nINC1,"a, b",1\r\n'),
    "text": ("text/plain", "Dear reader, my password = is none of your business. See https://example.com/a@b."),
    "a certificate": ("text/plain", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_secret_stays_as_it_was_sent(name: str) -> None:
    kind, text = HARMLESS[name]
    assert body_shown(text, kind) == text


@pytest.mark.parametrize("name", HEADERS)
def test_headers(name: str) -> None:
    assert SECRET not in header_shown(name, HEADERS[name])
    recorded = Redactor(UPSTREAM).request("GET", "/a", "", [(name, HEADERS[name])], b"")
    assert SECRET not in str(recorded.headers)


@pytest.mark.parametrize("target", TARGETS)
def test_addresses(target: str) -> None:
    assert SECRET not in redacted(target)
    path, _, query = target.partition("?")
    recorded = Redactor(UPSTREAM).request("GET", path, query, [], b"")
    assert SECRET not in str(recorded.query)


def test_questions_are_no_credentials() -> None:
    assert header_shown("WWW-Authenticate", 'Basic realm="a"') == 'Basic realm="a"'
    assert redacted("/a?sysparm_query=short_descriptionLIKEpassword^ORDERBYnumber") == (
        "/a?sysparm_query=short_descriptionLIKEpassword^ORDERBYnumber"
    )


PERSONAL = ["jane.doe@example.com", "+1 555 010 4477", "(555) 010-4477", "555-010-4477", "+49 (0)30 123456"]


@pytest.mark.parametrize("value", PERSONAL)
def test_personal_data_in_free_text(value: str) -> None:
    text = f"Called {value}, no answer at 2026-11-30 17:00:00, INC0010001"
    redactor = Redactor(UPSTREAM)
    recorded = redactor.request("POST", "/a", "", [], json.dumps({"comments": text}).encode())
    assert value not in str(recorded.body)
    assert "2026-11-30 17:00:00, INC0010001" in str(recorded.body)
    again = redactor.answer(200, "OK", [], json.dumps({"email": value}).encode())
    # The same person is the same one wherever they occur.
    assert json.loads(again.body.text or "")["email"] in str(recorded.body)


# known by its value --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served() -> tuple[Instance, requests.Session, io.StringIO, Any]:
    instance = create_instance(random_seed=1)
    log = io.StringIO()
    worlds = Worlds(instance)
    session = requests.Session()
    session.mount("http://", WSGIAdapter(create_app(worlds, log=RequestLog("text", log))))
    return instance, session, log, worlds.world(instance.name)


HERE = "http://dev00000.example.com"
ADMIN = ("admin", "admin")


def test_what_the_instance_knows_is_struck_out_by_its_value(
    served: tuple[Instance, requests.Session, io.StringIO, Any],
) -> None:
    instance, session, log, world = served
    system = instance.system()
    client_secret, shared = "kn0wn client secret", "kn0wn-shared-key-of-the-jwt-verifier"
    system.table("oauth_entity").insert({"name": "a", "type": "client", "client_secret": client_secret})
    system.table("sys_properties").insert({"name": "a.password", "value": shared, "type": "string"})
    for value in (client_secret, shared):
        body = {"short_description": f"it says {value}.", "comments": f"({value})"}
        session.post(f"{HERE}/api/now/table/incident?u_note={quote(value)}", json=body, auth=ADMIN)
        session.get(f"{HERE}/api/now/table/incident?sysparm_query=short_descriptionLIKE{quote(value)}", auth=ADMIN)
    told = json.dumps([entry.shown() for entry in world.journal])
    for value in (client_secret, shared):
        for form in (value, quote(value), value.replace(" ", "+")):
            assert form not in told
            assert form not in log.getvalue()
    assert "it says ********." in told


def test_the_password_of_a_request_is_struck_out_of_its_answer(
    served: tuple[Instance, requests.Session, io.StringIO, Any],
) -> None:
    instance, session, _, world = served
    password = "0nce-and-never-again"
    instance.system().table("sys_user").insert({"user_name": "telling", "user_password": password})
    session.get(f"{HERE}/api/now/table/incident?sysparm_query=short_description={password}", auth=("telling", password))
    shown = json.dumps(world.journal.entries()[-1].shown())
    assert password not in shown
    assert base64.b64encode(f"telling:{password}".encode()).decode() not in shown
