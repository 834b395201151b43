"""Releases as values: what an instance of a family, of a restriction and of an age answers, and what it lacks."""

from __future__ import annotations

import json

import pytest
import requests
from click.testing import CliRunner

from sandtable import mock_servicenow
from sandtable.cli import main
from sandtable.core.images.releases import BASIC_AUTH, UnknownRelease, families, release

URL = "https://dev00000.service-now.com"
ADMIN = ("admin", "admin")
WEB_SERVICE = ("elastic.integration", "elastic-integration")
LIST = f"{URL}/api/now/table/incident?sysparm_limit=1"
DOCUMENTED = pytest.mark.documented("ServiceNow documentation, restriction of Basic authentication on newer instances")


@DOCUMENTED
@pytest.mark.parametrize("mode, status", [("open", 200), ("tracking", 200), ("enforced", 401)])
def test_the_restriction_of_basic_authentication(mode: str, status: int) -> None:
    with mock_servicenow(URL, basic_auth=mode, random_seed=1) as instance:
        answer = requests.get(LIST, auth=ADMIN, headers={"X-Sandtable-Explain": "true"}, timeout=5)
        assert answer.status_code == status
        assert ("X-Sandtable-Refusal" in answer.headers) == (status == 401)
        watched = instance.table("sys_user_basic_auth_exception").count()
        assert (watched > 0) == (mode == "tracking")


@DOCUMENTED
@pytest.mark.parametrize("way", ["role", "web services only", "listed", "switched off"])
def test_ways_past_the_restriction(way: str) -> None:
    with mock_servicenow(URL, basic_auth="enforced", random_seed=1) as instance:
        assert requests.get(LIST, auth=ADMIN, timeout=5).status_code == 401
        admin = instance.table("sys_user").first("user_name=admin")
        assert admin is not None
        if way == "role":
            role = instance.table("sys_user_role").first("name=snc_basic_auth_api_access")
            assert role is not None
            instance.table("sys_user_has_role").insert({"user": admin.sys_id, "role": role.sys_id})
        elif way == "web services only":
            instance.table("sys_user").update(admin.sys_id, {"web_service_access_only": "true"})
        elif way == "listed":
            instance.set_property("glide.authenticate.basic_auth.allowed_users", admin.sys_id)
        else:
            instance.set_property("glide.authenticate.basic_auth.restriction.active", "false")
        assert requests.get(LIST, auth=ADMIN, timeout=5).status_code == 200


@DOCUMENTED
@pytest.mark.parametrize("password, status", [("admin", 302), ("wrong", 401)])
def test_signing_in_to_the_pages_is_not_concerned(password: str, status: int) -> None:
    with mock_servicenow(URL, basic_auth="enforced", random_seed=1):
        form = {"user_name": "admin", "user_password": password}
        answer = requests.post(f"{URL}/login.do", data=form, allow_redirects=False, timeout=5)
        assert answer.status_code == status


@DOCUMENTED
def test_tokens_are_not_concerned() -> None:
    with mock_servicenow(URL, basic_auth="enforced", random_seed=1) as instance:
        client = {"name": "ci", "client_id": "c" * 32, "client_secret": "a test's secret", "type": "client"}
        instance.table("oauth_entity").insert(client)
        form = {"grant_type": "password", "username": "admin", "password": "admin"}
        form |= {"client_id": client["client_id"], "client_secret": client["client_secret"]}
        token = requests.post(f"{URL}/oauth_token.do", data=form, timeout=5).json()["access_token"]
        answer = requests.get(LIST, headers={"Authorization": f"Bearer {token}"}, timeout=5)
        assert answer.status_code == 200


@pytest.mark.ours("a release is a value that can be listed, shown and asked for")
@pytest.mark.parametrize("family", families())
def test_every_family_can_be_asked_for(family: str) -> None:
    shown = CliRunner().invoke(main, ["release", "show", family, "--json"])
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.output)["release"] == family
    with mock_servicenow(URL, release=family, random_seed=1) as instance:
        set_here = {each["name"]: each["value"] for each in instance.table("sys_properties").query()}
    for switch in release(family).switches:
        if switch.value is not None:
            assert set_here.get(switch.name, "") == switch.value, switch.name


@pytest.mark.ours("a release that there is not is refused with the nearest name")
@pytest.mark.parametrize(
    "asked, words",
    [({"family": "zurih"}, "did you mean zurich"), ({"basic_auth": "enforce"}, "enforced"), ({"kind": "old"}, "new")],
)
def test_what_there_is_not_is_refused(asked: dict[str, str], words: str) -> None:
    with pytest.raises(UnknownRelease, match=words):
        release(**asked)


@pytest.mark.ours("the axes are independent of the family")
def test_the_axis_of_the_restriction_sets_the_same_properties_in_every_family() -> None:
    for mode in BASIC_AUTH:
        found = set()
        for family in families():
            switches = release(family, basic_auth=mode).switches
            found.add(tuple((each.name, each.value) for each in switches if "basic_auth" in each.name))
        assert len(found) == 1
