"""Why: the test plane takes queries, origins and credentials apart."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable.library.plane_client import PlaneRefusal

pytestmark = pytest.mark.ours("whatever the instance decides, the test plane can say why")


def test_a_query_is_taken_apart(plane: Any) -> None:
    for urgency in ("1", "1", "2"):
        plane.create(urgency=urgency, correlation_id="mine")
    answer = plane.control.explain_query("incident", "correlation_id=mine^urgency=1^NQurgency=2^correlation_id=mine")
    assert answer["matching"] == 3
    first, second = answer["alternatives"]
    assert [part["condition"] for part in first] == ["correlation_id=mine", "urgency=1"]
    assert [part["left"] for part in first] == [3, 2]
    assert [part["left"] for part in second][-1] == 1
    assert first[0]["alone"] == 3
    assert answer["records"] == plane.incidents()


def test_a_record_that_does_not_match_is_explained(plane: Any) -> None:
    sys_id = plane.create(urgency="2")
    answer = plane.control.explain_query("incident", "urgency=1^ORurgency=3^short_description=made", sys_id=sys_id)
    record = answer["record"]
    assert record["matches"] is False
    assert "urgency=1^ORurgency=3" in record["why"]
    assert [each["holds"] for each in record["conditions"]] == [False, True]
    assert record["conditions"][0]["values"] == {"urgency": "2"}
    gone = plane.control.explain_query("incident", "urgency=1", sys_id="0" * 32)["record"]
    assert gone["exists"] is False


def test_an_ignored_condition_is_told_and_leaves_no_trace(plane: Any) -> None:
    answer = plane.control.explain_query("incident", "nonsense=1^active=true")
    assert any("nonsense" in each for each in answer["ignored"])
    assert plane.control.unsimulated() == []


def test_access_control_is_explained_by_user(plane: Any) -> None:
    plane.control.insert("sys_user", {"user_name": "no.roles"})
    sys_id = plane.create()
    answer = plane.control.explain_query("incident", "active=true", sys_id=sys_id, user="no.roles")
    assert answer["user"]["roles"] == [] or "itil" not in answer["user"]["roles"]
    assert answer["record"]["matches"] is True
    assert answer["record"]["visible"] is False
    assert "access control hides it from no.roles" in answer["record"]["why"]


@pytest.mark.parametrize(
    "body, field, status",
    [
        ({"query": "a=1"}, "table", 422),
        ({"table": "incident"}, "query", 422),
        ({"table": "nothing", "query": ""}, "table", 404),
        ({"table": "incident", "query": "", "user": "nobody.here"}, "user", 422),
    ],
)
def test_bad_questions_are_refused(plane: Any, body: dict[str, str], field: str, status: int) -> None:
    answer = plane.raw("POST", "/explain/query", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["field"] == field


def test_an_origin_is_explained(plane: Any) -> None:
    path = "/api/x_elas2_inc_int/elastic_api/health"
    refused = plane.control.explain_origin("https://kibana.example.com", path)
    assert refused["allowed"] is False
    assert "no active CORS rule" in refused["why"]
    with pytest.raises(PlaneRefusal, match="rest_api is empty"):
        plane.control.insert("sys_cors_rule", {"name": "Kibana", "domain": "https://kibana.example.com"})
    (api,) = plane.control.records("sys_ws_definition", "name=Elastic ITSM API")
    rule = {"name": "Kibana", "domain": "https://kibana.example.com", "rest_api": api["sys_id"], "get": True}
    plane.control.insert("sys_cors_rule", rule)
    allowed = plane.control.explain_origin("https://kibana.example.com", path)
    real = plane.call("GET", path, headers={"Origin": "https://kibana.example.com"})
    assert allowed["allowed"] is True
    assert allowed["rule"] == "Kibana"
    assert allowed["access_control_allow_origin"] == real.headers["Access-Control-Allow-Origin"]
    post = plane.control.explain_origin("https://kibana.example.com", path, "POST")
    assert post["allowed"] is False
    assert "POST is not ticked" in post["why"]


@pytest.mark.parametrize(
    "change, credentials, reason",
    [
        ({}, {"user": "ada", "password": "wrong"}, "password"),
        ({}, {"user": "eve", "password": "x"}, "no user"),
        ({"active": False}, {"user": "ada", "password": "lovelace"}, "not active"),
        ({"locked_out": True}, {"user": "ada", "password": "lovelace"}, "locked out"),
        ({}, {"bearer": "nonsense"}, "no token of this instance"),
        ({}, {"api_key": "nonsense"}, "API key"),
        ({}, {}, "no credentials"),
    ],
)
def test_refused_credentials_are_explained(
    plane: Any, change: dict[str, Any], credentials: dict[str, str], reason: str
) -> None:
    user = plane.control.insert("sys_user", {"user_name": "ada", "user_password": "lovelace"})
    if change:
        plane.control.update("sys_user", user["sys_id"], change)
    answer = plane.control.explain_credentials(**credentials)
    assert answer["accepted"] is False
    assert reason in " ".join(answer["reasons"])


def test_good_credentials_are_accepted_as_the_instance_accepts_them(plane: Any) -> None:
    plane.control.insert("sys_user", {"user_name": "ada", "user_password": "lovelace"})
    answer = plane.control.explain_credentials(user="ada", password="lovelace")
    assert (answer["accepted"], answer["user"], answer["reasons"]) == (True, "ada", [])
    assert plane.call("GET", "/api/now/table/incident", auth=("ada", "lovelace")).status_code == 200
    with pytest.raises(PlaneRefusal, match="one kind"):
        plane.control.explain_credentials(user="ada", bearer="x")
