"""Nobody gets in by way of a browser, a guess, or another world."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import requests

from sandtable.core.platform.instance import Instance
from sandtable.core.values import passwords
from sandtable.library.in_process import WSGIAdapter
from sandtable.serving.assembly import create_instance, make_worlds
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

HERE = "http://dev00000.example.com"
ADMIN = ("admin", "admin")


@pytest.fixture(scope="module")
def made() -> Instance:
    return create_instance(random_seed=1)


@pytest.fixture
def instance(made: Instance) -> Any:
    moment = made.snapshot()
    yield made
    made.restore(moment)
    made.release(moment)


def client_of(worlds: Worlds, settings: Settings | None = None) -> requests.Session:
    session = requests.Session()
    session.mount("http://", WSGIAdapter(create_app(worlds, settings)))
    return session


@pytest.fixture
def client(instance: Instance) -> requests.Session:
    return client_of(Worlds(instance))


WRITES = {
    "insert": "sysparm_action=insert&short_description=forged",
    "update": "sysparm_action=update&sysparm_query=sys_idISNOTEMPTY",
    "deleteMultiple": "sysparm_action=deleteMultiple&sysparm_query=sys_idISNOTEMPTY",
    "deleteRecord": "sysparm_action=deleteRecord&sysparm_sys_id={sys_id}",
}


@pytest.mark.parametrize("action", WRITES)
@pytest.mark.ours(
    "a link on another site's page writes nothing: a cookie alone vouches for no write, whatever the method"
)
def test_a_link_writes_nothing(client: requests.Session, instance: Instance, action: str) -> None:
    incidents = instance.system().table("incident")
    record = incidents.insert({"short_description": "mine"})
    assert client.get(f"{HERE}/api/now/table/incident?sysparm_limit=1", auth=ADMIN).status_code == 200
    assert client.cookies["JSESSIONID"]
    before = [(each.sys_id, each["sys_mod_count"]) for each in incidents.query()]
    url = f"{HERE}/incident.do?JSONv2&{WRITES[action].format(sys_id=record.sys_id)}"
    answer = client.get(url)
    assert answer.status_code == 401
    assert [(each.sys_id, each["sys_mod_count"]) for each in incidents.query()] == before
    assert client.get(f"{HERE}/incident.do?JSONv2").status_code == 200


@pytest.mark.ours("who knows the session's user token may write by JSONv2 with the cookie")
def test_the_token_vouches(client: requests.Session, instance: Instance) -> None:
    incidents = instance.system().table("incident")
    sys_id = incidents.insert({"short_description": "mine"}).sys_id
    client.get(f"{HERE}/api/now/table/incident?sysparm_limit=1", auth=ADMIN)
    refused = client.post(f"{HERE}/api/now/table/incident", json={}, headers={"X-UserToken": "none"})
    token = refused.headers["X-UserToken-Response"]
    url = f"{HERE}/incident.do?JSONv2&sysparm_action=deleteRecord&sysparm_sys_id={sys_id}"
    assert client.get(url, headers={"X-UserToken": token}).status_code == 200
    assert incidents.find(sys_id) is None


@pytest.mark.parametrize(
    "kind, downloaded",
    [
        ("text/html", True),
        ("image/svg+xml", True),
        ("application/xml", True),
        ("image/png", False),
        ("text/plain", False),
    ],
)
@pytest.mark.documented("ServiceNow docs, hardening settings: glide.ui.attachment.download_mime_types")
def test_files_run_nothing(client: requests.Session, instance: Instance, kind: str, downloaded: bool) -> None:
    sys_id = instance.system().table("incident").insert({"short_description": "with a file"}).sys_id
    asked = {"table_name": "incident", "table_sys_id": sys_id, "file_name": 'a "b" é.html'}
    sent = client.post(
        f"{HERE}/api/now/attachment/file", params=asked, data=b"<p>", headers={"Content-Type": kind}, auth=ADMIN
    )
    file_id = sent.json()["result"]["sys_id"]
    addresses = [f"/api/now/attachment/{file_id}/file", f"/sys_attachment.do?sys_id={file_id}"]
    for address in addresses:
        answer = client.get(HERE + address, auth=ADMIN)
        assert answer.content == b"<p>"
        assert answer.headers["Content-Security-Policy"] == "sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert ("Content-Disposition" in answer.headers) == downloaded
    if downloaded:
        assert answer.headers["Content-Disposition"] == "attachment;filename*=UTF-8''a%20%22b%22%20%C3%A9.html"


def _secrets_of(instance: Instance) -> list[str]:
    client = client_of(Worlds(instance))
    found = [client.get(f"{HERE}/api/now/table/incident?sysparm_limit=1", auth=ADMIN).cookies["JSESSIONID"]]
    system = instance.system()
    entity = system.table("oauth_entity").insert({"name": "drawn", "type": "client"})
    kept = instance.lookup("oauth_entity", entity.sys_id)
    assert kept is not None
    found.append(kept["client_secret"])
    form = {
        "grant_type": "password",
        "client_id": kept["client_id"],
        "client_secret": kept["client_secret"],
        "username": "admin",
        "password": "admin",
    }
    granted = client.post(f"{HERE}/oauth_token.do", data=form).json()
    return [*found, granted["access_token"], granted["refresh_token"]]


@pytest.mark.ours("the number that makes ids repeatable makes no secret repeatable")
def test_servers_of_one_number_share_no_secret() -> None:
    one, other = create_instance(random_seed=7), create_instance(random_seed=7)
    assert one.new_sys_id() == other.new_sys_id()
    secrets = [*_secrets_of(one), *_secrets_of(other)]
    assert len(set(secrets)) == len(secrets) == 8


@pytest.mark.ours("worlds share nothing: a copy draws secrets of its own, and a session of one is none of the other")
def test_a_copy_of_a_world_shares_no_secret() -> None:
    worlds = make_worlds(Settings(random_seed=7))
    worlds.fork("copy", worlds.default.name)
    client = client_of(worlds)
    there = client.get(f"{HERE}/_worlds/copy/api/now/table/incident?sysparm_limit=1", auth=ADMIN).cookies["JSESSIONID"]
    client.cookies.clear()
    here = client.get(f"{HERE}/api/now/table/incident?sysparm_limit=1", auth=ADMIN).cookies["JSESSIONID"]
    assert here != there
    client.cookies.clear()
    answer = client.get(f"{HERE}/api/now/table/incident", headers={"Cookie": f"JSESSIONID={there}"})
    assert answer.status_code == 401
    twin = worlds.world("copy").instance
    secrets = [*_secrets_of(worlds.default), *_secrets_of(twin)]
    assert len(set(secrets)) == len(secrets)


@pytest.mark.ours("an unknown user costs the work of a wrong password, so that nobody learns which names there are")
def test_unknown_users_cost_the_same(
    client: requests.Session, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    work: list[int] = []
    derive = hashlib.pbkdf2_hmac

    def counted(name: str, password: bytes, salt: bytes, rounds: int) -> bytes:
        work.append(rounds)
        return derive(name, password, salt, rounds)

    monkeypatch.setattr(passwords.hashlib, "pbkdf2_hmac", counted)
    costs = []
    for number, name in enumerate(("admin", "nobody.at.all", "elastic.integration", "")):
        work.clear()
        asked = (name or "empty", f"wrong-{number}")
        assert client.get(f"{HERE}/api/now/table/incident", auth=asked).status_code == 401
        costs.append(sum(work))
    assert len(set(costs)) == 1
    assert costs[0] > 0
