"""The pytest plugin, in pytest runs of their own."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.ours("each test has an instance as new, and a failing one shows what it received and changed")

CONFTEST = """
    import pytest, requests

    @pytest.fixture
    def call(servicenow):
        def call(method, path, user=None, **options):
            session = requests.Session()
            session.trust_env = False
            return session.request(method, servicenow.url + path, auth=user or servicenow.admin, **options)
        return call
"""
TABLE = "/api/now/table/incident"


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for a test suite of its own; a run in it inherits nothing from this one."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider --strict-markers\nfilterwarnings = error")
    pytester.makeconftest(CONFTEST)
    return pytester


AS_NEW = """
import pytest

@pytest.mark.parametrize("turn", range(3))
def test_starts_clean(servicenow, call, turn):
    assert servicenow.table("incident").query() == []
    assert servicenow.journal.entries() == []
    assert not servicenow.faults and not servicenow.clock.frozen and servicenow.unsimulated == []
    assert servicenow.system_property("my.property") == ""
    made = call("POST", "@TABLE@?sysparm_orderby=number", json={"short_description": "left behind"})
    assert made.status_code == 201
    assert made.headers["Location"].startswith(servicenow.url)
    assert made.json()["result"]["number"] == "INC0010001"
    servicenow.verify(method="POST", table="incident", exactly=1)
    assert servicenow.journal.entries()[0].id == 1
    assert servicenow.unsimulated != []
    servicenow.clock.freeze()
    servicenow.set_property("my.property", "1")
    servicenow.faults.add({"fault": "unavailable"})
    assert call("GET", "@TABLE@").status_code == 503

def test_a_loaded_snapshot_is_undone(servicenow, call):
    image = servicenow.instance.image()
    servicenow.table("incident").insert({"short_description": "x"})
    servicenow.world.become(image)

def test_after_it(servicenow, call):
    assert servicenow.table("incident").query() == []
    assert call("GET", "@TABLE@").json()["result"] == []
"""

MARKED = """
import pytest

pytestmark = pytest.mark.servicenow(frozen_at="2026-01-02T03:04:05Z", random_seed=1)
IDS = []

@pytest.mark.servicenow(records="incident.csv", properties={"glide.ui.test": True})
def test_records(servicenow, call):
    (found,) = call("GET", "@TABLE@").json()["result"]
    assert (found["short_description"], found["urgency"]) == ("from a file", "1")
    assert found["sys_created_on"] == "2026-01-02 03:04:05"
    assert servicenow.system_property("glide.ui.test") == "true"
    assert [each for each in servicenow.changes() if each.row.table == "incident"] == [], "the set-up does not count"

@pytest.mark.servicenow(random_seed=7, faults=["unavailable", {"fault": "rate-limited", "times": 1}])
@pytest.mark.parametrize("turn", range(2))
def test_faults_and_ids(servicenow, call, turn):
    assert call("GET", "@TABLE@").status_code == 503
    servicenow.faults.clear()
    IDS.append(call("POST", "@TABLE@", json={}).json()["result"]["sys_id"])
    assert len(set(IDS)) == 1

@pytest.mark.servicenow(strict=True)
def test_strict(servicenow, call):
    assert call("GET", "@TABLE@?sysparm_orderby=number").status_code == 501

@pytest.mark.servicenow(properties={"x.y": "outer", "x.z": "outer"}, frozen_at="2026-05-05T00:00:00Z", strict=True)
class TestNearest:
    @pytest.mark.servicenow(properties={"x.y": "inner"}, strict=False)
    def test_wins(self, servicenow, call):
        assert (servicenow.system_property("x.y"), servicenow.system_property("x.z")) == ("inner", "")
        assert servicenow.clock.text() == "2026-05-05 00:00:00", "what it does not name comes from further out"
        assert call("GET", "@TABLE@?sysparm_orderby=number").status_code == 200

def test_undone_afterwards(sandtable_server):
    instance = sandtable_server.instance()
    assert not instance.clock.frozen and instance.system_property("x.y") == "" and len(instance.journal) == 0

def test_not_strict(servicenow, call):
    assert call("GET", "@TABLE@?sysparm_orderby=number").status_code == 200

@pytest.mark.servicenow(profile="empty")
def test_empty(servicenow, call):
    assert servicenow.table("sys_user").first("user_name=elastic.integration") is None
    assert call("GET", "@TABLE@").status_code == 200

def test_not_empty(servicenow, call):
    assert call("GET", "@TABLE@", user=servicenow.integration).status_code == 200
"""

IN_PROCESS = """
import pytest, requests

@pytest.mark.servicenow(faults="unavailable")
def test_answers_without_a_socket(servicenow_in_process):
    assert servicenow_in_process.url == "https://dev00000.service-now.com"
    answer = requests.get("https://dev00000.service-now.com@TABLE@", auth=servicenow_in_process.admin)
    assert answer.status_code == 503
    with pytest.raises(requests.ConnectionError, match="refuses every other address"):
        requests.get("https://example.com/")

def test_begins_anew(servicenow_in_process):
    assert not servicenow_in_process.faults
"""


def test_the_fixtures_and_the_marker(suite: pytest.Pytester) -> None:
    """One run for all three, because what it costs is to begin one."""
    (suite.path / "incident.csv").write_text("short_description,urgency\nfrom a file,1\n")
    modules = {"test_as_new": AS_NEW, "test_marked": MARKED, "test_in_process": IN_PROCESS}
    suite.makepyfile(**{name: text.replace("@TABLE@", TABLE) for name, text in modules.items()})
    suite.runpytest_inprocess().assert_outcomes(passed=16)


def test_a_failing_test_shows_what_the_instance_received_and_what_changed(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        f"""
        import pytest

        @pytest.mark.servicenow(records={{"incident": [{{"short_description": "set up before"}}]}})
        def test_fails(servicenow, call):
            call("POST", "{TABLE}", json={{"short_description": "disk full", "user_password": "hunter2"}})
            call("GET", "{TABLE}/none?sysparm_limit=1")
            assert False

        def test_passes(servicenow, call):
            call("GET", "{TABLE}?sysparm_limit=77")

        def test_verifies(servicenow, call):
            call("POST", "{TABLE}", json={{"urgency": "1", "type": ["start", {{"a": "b"}}]}})
            servicenow.verify(method="POST", table="incident", body={{"urgency": "2"}})
        """
    )
    result = suite.runpytest_inprocess()
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*ServiceNow dev00000 at http://127.0.0.1:*: 2 requests, oldest first*",
            f"*POST {TABLE} -> 201 as admin*",
            "*sent: *disk full*",
            f"*GET {TABLE}/none?sysparm_limit=1 -> 404 as admin*",
            "*answered: *No Record found*",
            "*ServiceNow dev00000 at http://127.0.0.1:*: what changed*",
            "insert incident INC*",
            "    short_description: 'disk full'",
            "*near misses:*",
            "*expected*2*was*1*",
        ]
    )
    text = result.stdout.str()
    assert "hunter2" not in text.split("oldest first")[1]
    assert "set up before" not in text.split("oldest first")[1]
    assert "sysparm_limit=77" not in text, "a test that passes shows nothing"


WRONG_MARKERS = {
    "profil='empty'": "*has no 'profil'; did you mean profile?*",
    "'empty'": "*takes names: profile, random_seed*",
    "profile='full'": "*no profile 'full'; there are default, empty*",
    "faults=['unavailible']": "*there is no fault 'unavailible'; did you mean unavailable? one of *unavailable*",
    "records={'incidents': [{}]}": "*there is no table 'incidents'*",
    "records={'incident': [{'short': 'x'}]}": "*incident?0?.short: is no column of incident*",
    "records='nowhere.json'": "*nowhere.json cannot be read*",
    "records=5": "*records is a mapping of tables to records, or files, not 5*",
    "faults=5": "*faults is the name of a fault, a fault in its JSON form, or a list of them, not 5*",
    "faults=[5]": "*faults: body: must be a JSON object; such as*",
    "random_seed='7'": "*seed is a whole number, not '7'*",
    "random_seed=True": "*seed is a whole number, not True*",
    "strict='yes'": "*strict is True or False, not 'yes'*",
    "properties='a=b'": "*properties is a mapping of names to values, not 'a=b'*",
    "pass_through=8080": "*pass_through is hosts, such as *, not 8080*",
    "frozen_at=5": "*frozen_at is a time such as '2026-03-01T08:00:00Z', not 5*",
    "frozen_at='today'": "*frozen_at: 'today' is no time; give one such as*",
}


def test_a_wrong_marker_names_the_fix(suite: pytest.Pytester) -> None:
    tests = "\n".join(
        f"@pytest.mark.servicenow({mark})\ndef test_{number}(servicenow_in_process):\n    assert False\n"
        for number, mark in enumerate(WRONG_MARKERS)
    )
    suite.makepyfile(f"import pytest\n\n{tests}")
    result = suite.runpytest_inprocess()
    result.assert_outcomes(errors=len(WRONG_MARKERS))
    assert "Traceback" not in result.stdout.str()
    assert "pytest_wishes.py" not in result.stdout.str(), "where it was found says nothing to the reader"
    for words in WRONG_MARKERS.values():
        result.stdout.fnmatch_lines([words])


def test_the_settings_can_be_overridden(suite: pytest.Pytester) -> None:
    suite.makeconftest(
        CONFTEST
        + """
    from sandtable.settings.settings import Settings

    @pytest.fixture(scope="session")
    def sandtable_settings():
        return Settings(port=0, log="off", name="acme", admin_password="other")
        """
    )
    suite.makepyfile(
        f"""
        import requests

        def test_live(servicenow, call):
            assert servicenow.instance.name == "acme"
            assert servicenow.admin == ("admin", "other")
            assert call("GET", "{TABLE}").status_code == 200
            assert call("GET", "{TABLE}", user=("admin", "admin")).status_code == 401

        def test_in_process(servicenow_in_process):
            answer = requests.get("https://acme.service-now.com{TABLE}", auth=servicenow_in_process.admin)
            assert (answer.status_code, servicenow_in_process.admin) == (200, ("admin", "other"))
        """
    )
    suite.runpytest_inprocess().assert_outcomes(passed=2)


def test_each_xdist_worker_has_an_instance_of_its_own(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        f"""
        import os, pathlib, pytest

        @pytest.mark.parametrize("turn", range(6))
        def test_alone(servicenow, call, turn):
            made = call("POST", "{TABLE}", json={{"short_description": str(turn)}})
            assert made.json()["result"]["number"] == "INC0010001"
            assert [each["short_description"] for each in call("GET", "{TABLE}").json()["result"]] == [str(turn)]
            pathlib.Path("addresses", os.environ["PYTEST_XDIST_WORKER"]).write_text(servicenow.url)
        """
    )
    addresses = suite.mkdir("addresses")
    suite.runpytest_subprocess("-n", "2").assert_outcomes(passed=6)
    assert len({path.read_text() for path in addresses.iterdir()}) == 2


def test_nothing_is_imported_for_tests_that_do_not_ask(suite: pytest.Pytester) -> None:
    suite.makeconftest("")
    suite.makepyfile(
        """
        import sys

        def test_light():
            heavy = ["flask", "werkzeug", "urllib3", "orjson", "apsw"]
            heavy += ["sandtable.serving.assembly", "sandtable.settings.settings"]
            assert [name for name in heavy if name in sys.modules] == []
        """
    )
    # Another plugin that may be installed beside ours imports these itself.
    suite.runpytest_subprocess("-p", "no:schemathesis").assert_outcomes(passed=1)
