"""What pipelines ask of the CI/CD API: each call answers at once with a tracker, which says what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.packages.conftest import APP_ID, element, update, update_set

from sandtable import SimulatedInstance, mock_servicenow
from sandtable.packages.update_sets.committing import retrieve

pytestmark = pytest.mark.documented("ServiceNow documentation, CI/CD API and CI/CD Update Set API")
BASE = "/api/sn_cicd"


class Pipeline:
    """A caller of the API; `run` starts something and returns what its tracker says."""

    def __init__(self, servicenow: SimulatedInstance) -> None:
        import requests

        self.url, self.session = servicenow.url, requests.Session()
        self.session.auth = ("admin", "admin")

    def post(self, path: str, body: dict[str, Any] | None = None, **query: str) -> Any:
        return self.session.post(f"{self.url}{BASE}{path}", params=query, json=body)

    def run(self, path: str, body: dict[str, Any] | None = None, **query: str) -> dict[str, Any]:
        answer = self.post(path, body, **query)
        assert answer.status_code == 200, answer.text
        begun = answer.json()["result"]
        assert (begun["status"], begun["status_label"], begun["percent_complete"]) == ("0", "Pending", 0)
        return {"begun": begun, **self.get(f"/progress/{begun['links']['progress']['id']}")}

    def get(self, path: str) -> dict[str, Any]:
        answer = self.session.get(f"{self.url}{BASE}{path}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["result"]
        return found


@pytest.fixture(scope="module")
def servicenow() -> Iterator[SimulatedInstance]:
    with mock_servicenow() as entered:
        yield entered


@pytest.fixture(scope="module")
def pipeline(servicenow: SimulatedInstance) -> Pipeline:
    return Pipeline(servicenow)


def test_an_application_is_published_installed_and_rolled_back(
    servicenow: SimulatedInstance, pipeline: Pipeline
) -> None:
    app = servicenow.table("sys_app").insert(
        {"sys_id": APP_ID, "name": "Acme", "scope": "x_acme_app", "version": "1.0.0"}
    )
    owned = {"sys_scope": app["sys_id"]}
    first = servicenow.table("sys_script_include").insert({**owned, "name": "First", "script": "var First = 1;"})
    assert pipeline.post("/app_repo/install", scope="x_acme_app").status_code == 404
    assert pipeline.post("/app_repo/publish").status_code == 400
    one = pipeline.run("/app_repo/publish", scope="x_acme_app", version="1.0.0", dev_notes="the first")
    assert (one["status"], one["status_label"], one["percent_complete"]) == ("2", "Successful", 100)
    assert one["links"]["source"]["id"] == APP_ID

    servicenow.table("sys_script_include").update(first["sys_id"], {"script": "var First = 2;"})
    servicenow.table("sys_script_include").insert({**owned, "name": "Second", "script": "var Second;"})
    assert pipeline.run("/app_repo/publish", sys_id=APP_ID)["status"] == "2"
    assert servicenow.table("sys_app").get(APP_ID)["version"] == "1.0.1"
    again = pipeline.run("/app_repo/publish", sys_id=APP_ID, version="1.0.1")
    assert (again["status"], "published already" in again["error"]) == ("3", True)

    def state() -> tuple[str, str, int]:
        script = servicenow.table("sys_script_include").get(first["sys_id"])["script"]
        count = servicenow.table("sys_script_include").count(f"sys_scope={APP_ID}")
        return servicenow.table("sys_app").get(APP_ID)["version"], script, count

    newer = state()
    assert newer == ("1.0.1", "var First = 2;", 2)
    assert pipeline.run("/app_repo/install", scope="x_acme_app", version="1.0.0")["status"] == "2"
    assert state() == ("1.0.0", "var First = 1;", 1)
    installed = pipeline.run("/app_repo/install", sys_id=APP_ID)
    assert installed["begun"]["rollback_version"] == "1.0.0"
    assert state() == newer
    wrong = pipeline.run("/app_repo/rollback", scope="x_acme_app", version="0.9")
    assert (wrong["status"], "does not match" in wrong["status_message"]) == ("3", True)
    assert state() == newer
    assert pipeline.run("/app_repo/rollback", scope="x_acme_app", version="1.0.0")["status"] == "2"
    assert state() == ("1.0.0", "var First = 1;", 1)

    packages = [
        {"id": APP_ID, "type": "application", "requested_version": "1.0.1", "notes": "n"},
        {"id": "com.nobody", "type": "plugin"},
    ]
    batch = pipeline.run("/app/batch/install", {"name": "Monday", "packages": packages})
    assert batch["status_message"] == "Partial Install"
    told = pipeline.get(f"/app/batch/results/{batch['begun']['links']['results']['id']}")
    assert sorted((each["id"], each["state"]) for each in told["batch_items"]) == [
        (APP_ID, "Installed"),
        ("com.nobody", "Failed"),
    ]
    assert (told["batch_plan"]["name"], state()) == ("Monday", newer)
    assert pipeline.run(f"/app/batch/rollback/{batch['begun']['links']['rollback']['id']}")["status"] == "2"
    assert state() == ("1.0.0", "var First = 1;", 1)


def test_an_update_set_is_retrieved_previewed_committed_and_backed_out(
    servicenow: SimulatedInstance, pipeline: Pipeline
) -> None:
    source = servicenow.table("sys_update_set_source").insert({"name": "dev", "url": "https://dev.example.com"})
    record = {"sys_id": "b" * 32, "name": "acme.limit", "value": "7"}
    data = update_set([("sys_properties_1", update(element("sys_properties", record), "sys_properties"), "19a2")])
    given: dict[str, Any] = {"update_set_id": "c" * 32, "update_source_id": source["sys_id"]}
    absent = pipeline.run("/update_set/retrieve", **given)
    assert (absent["status"], "was not retrieved" in absent["error"]) == ("3", True)
    remote = retrieve(
        servicenow.instance,
        data.replace(b"<state>", b"<remote_sys_id>" + b"c" * 32 + b"</remote_sys_id><state>"),
        "set",
    )
    assert pipeline.post("/update_set/retrieve", update_set_id="c" * 32).status_code == 400
    retrieved = pipeline.run("/update_set/retrieve", **given)
    assert (retrieved["status"], retrieved["links"]["source"]["id"]) == ("2", remote.sys_id)
    early = pipeline.run(f"/update_set/commit/{remote.sys_id}")
    assert (early["status"], "not previewed" in early["error"]) == ("3", True)
    assert pipeline.run(f"/update_set/preview/{remote.sys_id}")["status_detail"] == "0 preview problems"
    assert servicenow.system_property("acme.limit") == ""
    done = pipeline.run(f"/update_set/commit/{remote.sys_id}")
    assert (done["status"], servicenow.system_property("acme.limit")) == ("2", "7")
    assert pipeline.run("/update_set/commitMultiple", remote_update_set_ids=remote.sys_id)["status"] == "3"
    forced = pipeline.run("/update_set/commitMultiple", {"force_commit": "true"}, remote_update_set_ids=remote.sys_id)
    assert forced["status"] == "2"
    local = servicenow.table("sys_remote_update_set").get(remote.sys_id)["update_set"]
    assert pipeline.run("/update_set/back_out", update_set_id=local)["status"] == "2"
    assert pipeline.post(f"/update_set/commit/{'0' * 32}").status_code == 404
    assert pipeline.post("/update_set/create", update_set_name="New").status_code == 201


def test_suites_plugins_and_what_is_not_connected(servicenow: SimulatedInstance, pipeline: Pipeline) -> None:
    suite = servicenow.table("sys_atf_test_suite").insert({"name": "Quick"})
    child = servicenow.table("sys_atf_test_suite").insert({"name": "Inner", "parent": suite["sys_id"]})
    for owner in (suite, child):
        test = servicenow.table("sys_atf_test").insert({"name": "One"})
        servicenow.table("sys_atf_test_suite_test").insert({"test_suite": owner["sys_id"], "test": test["sys_id"]})
    assert pipeline.run("/testsuite/run", test_suite_name="Quick")["status_message"] == "Suite skipped"
    servicenow.set_property("sandtable.cicd.test_outcome", "failure")
    failed = pipeline.run("/testsuite/run", test_suite_sys_id=suite["sys_id"])
    assert (failed["status"], failed["status_message"]) == ("3", "Suite failed")
    told = pipeline.get(f"/testsuite/results/{failed['links']['results']['id']}")
    assert (told["test_suite_status"], told["rolledup_test_failure_count"]) == ("failure", 2)
    assert [each["test_suite_name"] for each in told["child_suite_results"]] == ["Inner"]
    assert pipeline.post("/testsuite/run", test_suite_name="None").status_code == 404

    servicenow.table("sys_plugins").insert({"name": "Plugin", "source": "com.acme", "active": "false"})
    assert pipeline.run("/plugin/com.acme/activate")["status"] == "2"
    assert servicenow.table("sys_plugins").first("source=com.acme")["active"] == "true"  # type: ignore[index]
    assert pipeline.run("/plugin/com.acme/rollback")["status"] == "3"
    assert pipeline.post("/plugin/com.nobody/activate").status_code == 404
    assert pipeline.post("/sc/apply_changes", app_scope="x_none").status_code == 404
    assert pipeline.post("/sc/import", repo_url="https://example.com/x.git", branch_name="main").status_code == 405
    pipeline.session.auth = ("abel.tuter", "abel.tuter")
    assert pipeline.post("/testsuite/run", test_suite_name="Quick").status_code in (401, 403)
