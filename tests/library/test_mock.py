"""The in-process mock: whose calls it answers, what it refuses, and what a test can do with the instance behind it."""

from __future__ import annotations

import asyncio
import http.server
import inspect
import io
import subprocess
import sys
import threading
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

import sandtable
from sandtable import SimulatedInstance, live_servicenow, mock_servicenow
from sandtable.library.loaded import LoadError
from sandtable.library.mock.addresses import instance_address, let_through
from sandtable.pytest.report import sections_of
from sandtable.settings.settings import Settings

pytestmark = pytest.mark.ours("calls to the mocked address are answered in this process, and no others")
ACME = "https://acme.service-now.com"
TABLE = "/api/now/table/incident"


@pytest.fixture
def acme() -> Iterator[SimulatedInstance]:
    with mock_servicenow(ACME, random_seed=1) as instance:
        yield instance


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A server on this machine that is not an instance."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "9")
            self.end_headers()
            self.wfile.write(b"elsewhere")

        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


# whose calls are answered -----------------------------------------------------------------------------------------


def test_requests_by_any_session() -> None:
    older = requests.Session()
    with mock_servicenow(ACME) as instance:
        made = older.post(ACME + TABLE, auth=instance.admin, json={"short_description": "disk full"})
        assert (made.status_code, made.json()["result"]["number"]) == (201, "INC0010001")
        assert made.headers["Location"].startswith(ACME)
        found = requests.get(f"{ACME}{TABLE}?sysparm_query=short_description=disk full", auth=instance.admin)
        assert [each["number"] for each in found.json()["result"]] == ["INC0010001"]
    assert not hasattr(HTTPAdapter.get_connection_with_tls_context, "__sandtable_door__")


def test_httpx(acme: SimulatedInstance) -> None:
    with httpx.Client(base_url=ACME, auth=acme.admin) as client:
        made = client.post(TABLE, json={"short_description": "é"})
        assert made.json()["result"]["short_description"] == "é"
        query = {"sysparm_query": "short_description=é^ORDERBYnumber", "sysparm_fields": "number"}
        assert client.get(TABLE, params=query).json()["result"] == [{"number": "INC0010001"}]

    async def later() -> httpx.Response:
        async with httpx.AsyncClient(auth=acme.admin) as client:
            return await client.patch(f"{ACME}{TABLE}/{made.json()['result']['sys_id']}", json={"urgency": "1"})

    assert asyncio.run(later()).json()["result"]["urgency"] == "1"
    assert [(each.method, each.status) for each in acme.journal.entries()] == [
        ("POST", 201),
        ("GET", 200),
        ("PATCH", 200),
    ]


def test_bodies_of_every_kind(acme: SimulatedInstance) -> None:
    text = '{"short_description": "x"}'
    bodies: list[Any] = [text, text.encode(), io.BytesIO(text.encode()), iter([text[:5].encode(), text[5:].encode()])]
    headers = {"Content-Type": "application/json"}
    for body in bodies:
        made = requests.post(ACME + TABLE, auth=acme.admin, data=body, headers=headers)
        assert made.json()["result"]["short_description"] == "x"
    streamed = httpx.post(ACME + TABLE, auth=acme.admin, content=iter([text.encode()]), headers=headers)
    assert streamed.json()["result"]["short_description"] == "x"


def test_cookies_and_redirects_as_over_a_socket(acme: SimulatedInstance) -> None:
    session = requests.Session()
    session.get(ACME + TABLE, auth=acme.admin)
    assert session.get(ACME + TABLE).status_code == 200, "the session cookie of the first call signs in the second"
    session.cookies.clear()
    assert session.get(ACME + TABLE).status_code == 401


def test_every_name_below_a_domain() -> None:
    with mock_servicenow("*.service-now.com") as instance:
        for name in ("acme", "dev12345", "a.b"):
            answer = requests.get(f"https://{name}.service-now.com{TABLE}?sysparm_limit=1", auth=instance.admin)
            assert answer.status_code == 200
            assert answer.links["first"]["url"].startswith(f"https://{name}.service-now.com{TABLE}?")
        assert requests.get(instance.url + TABLE, auth=instance.admin).status_code == 200
        for address in (
            "https://service-now.com/",
            "https://service-now.com.example.com/",
            "https://xservice-now.com/",
        ):
            with pytest.raises(requests.ConnectionError, match="refuses every other address"):
                requests.get(address)


def test_an_adapter_of_ones_own(acme: SimulatedInstance) -> None:
    class WithTimeout(HTTPAdapter):
        seen: Any = None

        def send(self, request: Any, **options: Any) -> Any:  # type: ignore[override]
            self.seen = options["timeout"]
            return super().send(request, **{**options, "timeout": 3})

    adapter = WithTimeout()
    with requests.Session() as session:
        session.mount("https://", adapter)
        assert session.get(ACME + TABLE, auth=acme.admin, timeout=5).status_code == 200
    assert adapter.seen == 5


# faults on the way ------------------------------------------------------------------------------------------------


def retrying(total: int, **options: Any) -> requests.Session:
    session = requests.Session()
    retry = Retry(total, status_forcelist=[429, 503], allowed_methods=None, respect_retry_after_header=False, **options)
    session.mount("https://", HTTPAdapter(max_retries=retry))
    return session


def test_the_retries_of_a_client_are_its_own(acme: SimulatedInstance) -> None:
    acme.faults.add({"fault": "unavailable", "times": 2})
    assert retrying(3).post(ACME + TABLE, auth=acme.admin, json={"urgency": "1"}).status_code == 201
    assert [each.status for each in acme.journal.entries()] == [503, 503, 201]
    (incident,) = acme.table("incident").query()
    assert incident["urgency"] == "1", "the body was sent again"
    acme.faults.add({"fault": "unavailable", "times": 2})
    chunks = iter([b'{"urgency": ', b'"2"}'])
    kind = {"Content-Type": "application/json"}
    assert retrying(3).post(ACME + TABLE, auth=acme.admin, data=chunks, headers=kind).status_code == 201
    assert acme.table("incident").first("urgency=2") is not None, "in chunks, too"


def test_retries_that_are_used_up(acme: SimulatedInstance) -> None:
    acme.faults.add({"fault": "unavailable"})
    with pytest.raises(requests.exceptions.RetryError):
        retrying(1).get(ACME + TABLE, auth=acme.admin)
    assert retrying(1, raise_on_status=False).get(ACME + TABLE, auth=acme.admin).status_code == 503
    assert len(acme.journal.entries()) == 4


def test_a_lost_answer_and_its_retry_write_twice(acme: SimulatedInstance) -> None:
    acme.faults.add({"fault": "lost-answer", "times": 1})
    assert retrying(1).post(ACME + TABLE, auth=acme.admin, json={}).status_code == 201
    assert len(acme.table("incident").query()) == 2


def test_a_broken_connection(acme: SimulatedInstance) -> None:
    acme.faults.add({"fault": "connection-reset"})
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        requests.get(ACME + TABLE, auth=acme.admin)
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        httpx.get(ACME + TABLE, auth=acme.admin)


def test_a_body_that_is_cut(acme: SimulatedInstance) -> None:
    acme.faults.add({"fault": "truncated-body"})
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match=r"IncompleteRead\(6 bytes read"):
        requests.get(ACME + TABLE, auth=acme.admin)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        httpx.get(ACME + TABLE, auth=acme.admin)
    acme.faults.clear()
    acme.faults.add({"fault": "truncated-body", "with": {"ending": "reset"}})
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="reset by peer"):
        requests.get(ACME + TABLE, auth=acme.admin)
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        httpx.get(ACME + TABLE, auth=acme.admin)


def test_a_redirect_whose_body_is_cut_is_a_redirect(acme: SimulatedInstance) -> None:
    acme.faults.add("truncated-body")
    acme.faults.add("login-redirect")
    answer = requests.get(ACME + TABLE, auth=acme.admin, allow_redirects=False)
    assert (answer.status_code, answer.next.path_url if answer.next else "") == (302, "/login.do")


def test_waiting_does_not_hold_up_an_event_loop(acme: SimulatedInstance) -> None:
    acme.faults.add({"fault": "latency", "with": {"seconds": 3}})

    async def impatient() -> str:
        async with httpx.AsyncClient(auth=acme.admin, timeout=0.5) as client:
            slow = asyncio.create_task(client.get(ACME + TABLE))
            while not acme.journal.entries():
                await asyncio.sleep(0)
            # The call waits, and this runs.
            assert not slow.done()
            slow.cancel()
            with pytest.raises(asyncio.CancelledError):
                await slow
            with pytest.raises(httpx.ReadTimeout):
                await client.get(ACME + TABLE)
        return "went on"

    assert asyncio.run(impatient()) == "went on"


def test_files_about_certificates_need_not_be_there(elsewhere: str) -> None:
    files: dict[str, Any] = {"verify": "/nowhere/ca.pem", "cert": ("/nowhere/client.pem", "/nowhere/client.key")}
    with mock_servicenow(ACME, pass_through="*") as instance:
        assert requests.get(ACME + TABLE, auth=instance.admin, **files).status_code == 200
        with pytest.raises(OSError, match="/nowhere/ca.pem"):
            requests.get(elsewhere.replace("http:", "https:"), **files)


def test_waiting_ends_with_the_timeout_of_the_client(acme: SimulatedInstance) -> None:
    acme.faults.add({"fault": "latency", "with": {"seconds": 60}})
    with pytest.raises(requests.ReadTimeout):
        requests.get(ACME + TABLE, auth=acme.admin, timeout=0.01)
    with pytest.raises(requests.ReadTimeout):
        requests.get(ACME + TABLE, auth=acme.admin, timeout=(5, 0.01))
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(ACME + TABLE, auth=acme.admin, timeout=0.01)


# what is refused, and what is let through -------------------------------------------------------------------------


def test_other_hosts_are_refused_by_name(acme: SimulatedInstance, elsewhere: str) -> None:
    with pytest.raises(requests.ConnectionError) as refused:
        requests.get(f"{elsewhere}?token=secret")
    assert "pass_through=['127.0.0.1:" in str(refused.value)
    assert "secret" not in str(refused.value)
    with pytest.raises(httpx.ConnectError, match="refuses every other address"):
        httpx.get(elsewhere)

    async def later() -> None:
        async with httpx.AsyncClient() as client:
            await client.get(elsewhere)

    with pytest.raises(httpx.ConnectError, match="refuses every other address"):
        asyncio.run(later())


@pytest.mark.parametrize("address", ["http://acme.service-now.com/", "https://acme.service-now.com:8443/"])
def test_the_wrong_scheme_or_port_is_said(acme: SimulatedInstance, address: str) -> None:
    with pytest.raises(requests.ConnectionError, match="mind scheme and port"):
        requests.get(address)


@pytest.mark.parametrize("through", ["*", ["127.0.0.1"], ["example.com", "127.0.0.1"]])
def test_hosts_that_are_let_through(elsewhere: str, through: Any) -> None:
    with mock_servicenow(ACME, pass_through=through):
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(elsewhere).text == "elsewhere"
        assert httpx.get(elsewhere, trust_env=False).text == "elsewhere"


def test_two_instances_at_once() -> None:
    other = "https://other.service-now.com"
    with mock_servicenow(ACME) as acme, mock_servicenow(other) as second:
        requests.post(ACME + TABLE, auth=acme.admin, json={})
        assert len(acme.table("incident").query()) == 1
        assert requests.get(other + TABLE, auth=second.admin).json()["result"] == []
        assert httpx.get(ACME + TABLE, auth=acme.admin).status_code == 200
        with pytest.raises(requests.ConnectionError):
            requests.get("https://third.service-now.com/")


def test_mocks_that_end_in_another_order_than_they_began() -> None:
    before = HTTPAdapter.get_connection_with_tls_context
    first, second = mock_servicenow(ACME), mock_servicenow("https://other.service-now.com")
    one = first.__enter__()
    two = second.__enter__()
    first.__exit__(None, None, None)
    assert requests.get(f"https://other.service-now.com{TABLE}", auth=two.admin).status_code == 200
    with pytest.raises(requests.ConnectionError, match="refuses every other address"):
        requests.get(ACME + TABLE, auth=one.admin)
    second.__exit__(None, None, None)
    assert HTTPAdapter.get_connection_with_tls_context is before


def test_one_mock_cannot_be_entered_twice() -> None:
    mock = mock_servicenow(ACME)
    with mock, pytest.raises(RuntimeError, match="in force already"):
        mock.__enter__()
    with mock as again:
        assert again.table("incident").query() == []


def test_everything_is_put_back_after_an_error() -> None:
    def replaced() -> tuple[Any, ...]:
        transports = (httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request)
        return (HTTPAdapter.get_connection_with_tls_context, HTTPAdapter.cert_verify, *transports)

    before = replaced()
    with pytest.raises(ZeroDivisionError), mock_servicenow(ACME):
        assert not set(before) & set(replaced())
        raise ZeroDivisionError
    assert replaced() == before


@pytest.mark.parametrize(
    "address",
    ["", "acme.service-now.com/api", "ftp://acme", "https://user@acme", "https://", "https://a b", "https://a:0", "*"],
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ValueError, match=r"instance|host"):
        mock_servicenow(address)


@pytest.mark.parametrize("pattern", ["https://example.com", "", "a b", "localhost/x"])
def test_a_host_that_is_none(pattern: str) -> None:
    with pytest.raises(ValueError, match="host"):
        mock_servicenow(ACME, pass_through=[pattern])


@pytest.mark.parametrize(
    "address, url, covered",
    [
        ("https://acme.service-now.com", "https://ACME.service-now.com/x", True),
        ("https://acme.service-now.com", "https://acme.service-now.com.:443/x", True),
        ("https://acme.service-now.com/", "https://user:pass@acme.service-now.com", True),
        ("https://acme.service-now.com", "https://acme.service-now.com@example.com/", False),
        ("acme.service-now.com", "http://acme.service-now.com/", True),
        ("https://acme:8443", "https://acme:8443/", True),
        ("https://acme:8443", "https://acme/", False),
        ("http://[::1]:8080", "http://[::1]:8080/", True),
        ("https://acme", "https://acme:port/", False),
    ],
)
def test_which_urls_an_address_covers(address: str, url: str, covered: bool) -> None:
    assert instance_address(address).covers(url) is covered


def test_ports_of_hosts_that_are_let_through() -> None:
    every, one = let_through(["localhost", "db:5432"])
    assert every.covers("http://localhost:1/")
    assert one.covers("http://db:5432/")
    assert not one.covers("http://db:5433/")


# as a decorator ---------------------------------------------------------------------------------------------------


def test_a_decorated_function_has_a_new_instance_each_time() -> None:
    @mock_servicenow(ACME, random_seed=3)
    def story(urgency: str, servicenow: SimulatedInstance) -> str:
        """Tell it."""
        made = requests.post(ACME + TABLE, auth=servicenow.admin, json={"urgency": urgency})
        assert len(servicenow.table("incident").query()) == 1
        return str(made.json()["result"]["sys_id"])

    assert story("1") == story("2")
    assert (story.__doc__, list(inspect.signature(story).parameters)) == ("Tell it.", ["urgency"])


@mock_servicenow
def asked_without_parentheses(servicenow: SimulatedInstance) -> int:
    """Say how many incidents there are after one more."""
    answer = requests.post(f"{servicenow.url}/api/now/table/incident", auth=servicenow.admin, json={})
    assert answer.status_code == 201
    return len(servicenow.table("incident").query())


def test_a_decorator_may_stand_without_parentheses() -> None:
    assert [asked_without_parentheses(), asked_without_parentheses()] == [1, 1]
    assert asked_without_parentheses.__doc__ == "Say how many incidents there are after one more."

    @mock_servicenow
    class Cases:
        def test_one(self, servicenow: SimulatedInstance) -> str:
            return servicenow.url

    assert Cases().test_one().startswith("https://")


@mock_servicenow(ACME)
def test_a_decorated_test_and_a_fixture(tmp_path: Path, servicenow: SimulatedInstance) -> None:
    assert tmp_path.is_dir()
    assert requests.get(ACME + TABLE, auth=servicenow.admin).status_code == 200


def test_a_decorated_coroutine_and_a_function_that_takes_no_instance() -> None:
    @mock_servicenow(ACME)
    async def later() -> int:
        async with httpx.AsyncClient() as client:
            return (await client.get(ACME + TABLE)).status_code

    assert asyncio.run(later()) == 401


def test_each_test_of_a_decorated_class_has_a_new_instance() -> None:
    @mock_servicenow(ACME)
    class Tests:
        def test_one(self, servicenow: SimulatedInstance) -> int:
            requests.post(ACME + TABLE, auth=servicenow.admin, json={})
            return len(servicenow.table("incident").query())

        test_two = test_one

        def helper(self) -> int:
            return requests.get(ACME + TABLE).status_code

    tests: Any = Tests()
    assert (tests.test_one(), tests.test_two()) == (1, 1)
    with pytest.raises(requests.ConnectionError), mock_servicenow("https://other.service-now.com"):
        tests.helper()


def test_a_decorated_test_case_has_its_instance_from_set_up_on() -> None:
    @mock_servicenow(ACME)
    class Tests(unittest.TestCase):
        servicenow: SimulatedInstance

        def setUp(self) -> None:
            requests.post(ACME + TABLE, auth=self.servicenow.admin, json={"short_description": "set up"})

        def test_one(self) -> None:
            assert [each["short_description"] for each in self.servicenow.table("incident").query()] == ["set up"]

        def test_two(self) -> None:
            self.test_one()
            self.fail("seen")

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Tests).run(result)
    assert (result.testsRun, len(result.errors)) == (2, 0)
    assert ["seen" in text for _, text in result.failures] == [True]


def test_what_cannot_be_decorated() -> None:
    with pytest.raises(TypeError, match="in others, it is a context"):

        @mock_servicenow(ACME)
        def fixture() -> Iterator[None]:
            yield


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"base_url": 5}, "the address of an instance is a text such as .*, not 5"),
        ({"base_url": ["https://acme.service-now.com"]}, "the address of an instance is a text"),
        ({"random_seed": "7"}, "seed is a whole number, not '7'"),
        ({"random_seed": True}, "seed is a whole number, not True"),
        ({"properties": "a=b"}, "properties are a mapping of names to values, not 'a=b'"),
        ({"pass_through": 5}, "pass_through lists hosts, .* not 5"),
        ({"pass_through": [5]}, "pass_through lists hosts"),
    ],
)
def test_arguments_of_the_wrong_type_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        mock_servicenow(**arguments)


# the other side of the instance -----------------------------------------------------------------------------------


def test_records_clock_and_properties(acme: SimulatedInstance) -> None:
    acme.clock.freeze()
    acme.table("incident").insert({"short_description": "by hand"})
    acme.clock.advance(3600)
    later = requests.post(ACME + TABLE, auth=acme.admin, json={"short_description": "by the client"})
    assert later.status_code == 201
    assert requests.post(ACME + TABLE, auth=acme.integration, json={}).status_code == 403
    assert acme.acting_as("elastic.integration").user_name == "elastic.integration"
    first, second = acme.table("incident").query("ORDERBYsys_created_on")
    assert (first["short_description"], second["short_description"]) == ("by hand", "by the client")
    assert {each.operation for each in acme.changes() if each.table == "incident"} == {"insert"}
    moment = acme.snapshot()
    acme.table("incident").update(first.sys_id, {"urgency": "1"})
    (changed,) = (each for each in acme.changes(since=moment) if each.table == "incident")
    assert (changed.operation, changed.sys_id) == ("update", first.sys_id)
    assert changed.values["urgency"] == ("3", "1")
    acme.set_property("glide.rest.max_content_length", "1")
    assert acme.system_property("glide.rest.max_content_length") == "1"


def test_what_cannot_be_set_or_planted_names_the_fix(acme: SimulatedInstance) -> None:
    with pytest.raises(ValueError, match="'' is no name of a system property; give one such as"):
        acme.set_property("", "")
    with pytest.raises(ValueError, match="'x' is no address that a script can call; give one such as https://"):
        acme.plant("x")
    with pytest.raises(ValueError, match="0 is no status of an answer; give one from 100 to 599"):
        acme.plant("https://example.com", status=0)
    with pytest.raises(ValueError, match=r"'clean' is no snapshot; give what snapshot\(\) has returned"):
        acme.restore("clean")  # type: ignore[arg-type]


def test_snapshot_restore_and_reset(acme: SimulatedInstance) -> None:
    acme.table("incident").insert({"short_description": "kept"})
    moment = acme.snapshot()
    requests.post(ACME + TABLE, auth=acme.admin, json={})
    acme.restore(moment)
    assert [each["short_description"] for each in acme.table("incident").query()] == ["kept"]
    acme.reset()
    assert acme.table("incident").query() == []
    assert (acme.journal.entries(), acme.changes()) == ([], [])


def test_a_reset_ends_sessions_and_forgets_saved_snapshots(acme: SimulatedInstance) -> None:
    session = requests.Session()
    assert session.get(ACME + TABLE, auth=acme.admin).status_code == 200
    assert session.get(ACME + TABLE).status_code == 200, "signed in by its cookie"
    snapshots = f"{ACME}/_sandtable/snapshots"
    assert session.post(snapshots, json={"name": "mine"}).status_code == 201
    acme.reset()
    assert session.get(ACME + TABLE).status_code == 401
    assert session.get(snapshots).json() == {"snapshots": []}


def test_what_a_test_holds_can_be_printed_counted_and_walked_through(acme: SimulatedInstance) -> None:
    assert (len(acme.journal), list(acme.journal)) == (0, [])
    planned = acme.faults.add("unavailable")
    requests.get(f"{ACME}{TABLE}?sysparm_limit=1", auth=acme.admin)
    assert [repr(each) for each in acme.journal] == [
        "<JournalEntry #1 GET /api/now/table/incident?sysparm_limit=1 -> 503>"
    ]
    assert repr(acme.journal) == "<RequestJournal of 1 requests>"
    assert repr(planned).startswith("<PlannedFault {'id': 'fault-1', 'name': '', 'fault': 'unavailable'")
    assert repr(acme) == "<SimulatedInstance acme at https://acme.service-now.com>"


def test_a_report_shows_the_newest_requests_and_counts_the_rest(acme: SimulatedInstance) -> None:
    acme.end_set_up()
    for number in range(25):
        requests.get(f"{ACME}{TABLE}?sysparm_limit={number + 1}", auth=acme.admin)
    acme.load({"incident": [{"short_description": f"row {number}"} for number in range(35)]})
    (asked, changed) = sections_of(acme)
    assert "25 requests, oldest first" in asked[0]
    lines = asked[1].splitlines()
    assert lines[0] == "... 5 earlier ones"
    assert "#6 GET /api/now/table/incident?sysparm_limit=6 -> 200 as admin" in lines[1]
    assert "sysparm_limit=25" in lines[-1]
    assert changed[1].count("insert incident ") == 30
    assert changed[1].endswith("... 5 more records")


def test_verify_names_the_near_misses(acme: SimulatedInstance) -> None:
    with pytest.raises(AssertionError, match="received: nothing"):
        acme.verify(method="POST")
    requests.post(ACME + TABLE, auth=acme.admin, json={"urgency": "1"})
    acme.verify(method="POST", table="incident", user="admin", body={"urgency": "1"}, status=201, exactly=1)
    acme.verify(method="DELETE", exactly=0)
    with pytest.raises(AssertionError) as missed:
        acme.verify(method="POST", body={"urgency": "2"})
    assert "near misses" in str(missed.value)
    assert f"POST {TABLE}" in str(missed.value)
    with pytest.raises(ValueError, match="did you mean method"):
        acme.verify(metod="POST")


def test_a_request_that_a_fault_answered_is_told_with_its_table(acme: SimulatedInstance) -> None:
    acme.faults.add({"fault": "unavailable"})
    requests.post(ACME + TABLE, auth=acme.admin, json={})
    acme.verify(method="POST", table="incident", status=503, exactly=1)


def test_seed_from_records_and_files(acme: SimulatedInstance, tmp_path: Path) -> None:
    csv, xml = tmp_path / "incident.csv", tmp_path / "export.xml"
    csv.write_text("short_description\nfrom csv\n")
    xml.write_text(
        '<unload unload_date="2026-01-01 00:00:00"><incident action="INSERT_OR_UPDATE">'
        f"<sys_id>{'a' * 32}</sys_id><number>INC0000042</number><short_description>from xml</short_description>"
        "</incident></unload>"
    )
    assert acme.load({"incident": [{"short_description": "from here"}]})["inserted"] == 1
    assert acme.load([csv, str(xml)]) == {"inserted": 2, "updated": 0, "deleted": 0, "ignored_columns": {}}
    found = requests.get(f"{ACME}{TABLE}?sysparm_fields=short_description", auth=acme.admin).json()["result"]
    assert sorted(each["short_description"] for each in found) == ["from csv", "from here", "from xml"]


def test_how_a_seed_is_read_can_be_chosen(acme: SimulatedInstance) -> None:
    shown = {"short_description": "seen", "caller_id": "Abel Tuter", "state": "In Progress", "no_such_column": "x"}
    told = acme.load({"incident": shown}, values="display", unknown="ignore")
    assert told == {"inserted": 1, "updated": 0, "deleted": 0, "ignored_columns": {"incident": ["no_such_column"]}}
    seen = acme.table("incident").first("short_description=seen")
    caller = acme.table("sys_user").first("user_name=abel.tuter")
    assert seen is not None
    assert caller is not None
    assert (seen["caller_id"], seen["state"]) == (caller.sys_id, "2")
    closed = {"short_description": "closed", "state": "7", "sys_id": "closed-1"}
    with pytest.raises(LoadError, match=r"incident\[0\]"):
        acme.load({"incident": [closed]})
    assert acme.load({"incident": [closed]}, rules=False)["inserted"] == 1
    with pytest.raises(LoadError, match="values: cannot be 'shown'"):
        acme.load({"incident": [closed]}, values="shown")


def test_of_several_files_all_are_loaded_or_none(acme: SimulatedInstance, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('{"incident": [{"short_description": "good"}]}', encoding="utf-8")
    bad.write_text('{"incident": [{"no_such_column": "bad"}]}', encoding="utf-8")
    with pytest.raises(LoadError, match="no_such_column"):
        acme.load([good, bad])
    assert acme.table("incident").query() == []
    assert acme.load([good, good])["inserted"] == 2


@pytest.mark.parametrize(
    "source, words",
    [
        (5, "5 is nothing to load: give a mapping of tables to lists of records, or files"),
        (["incident.json", 5], "cannot be read"),
        ([5], "5 is nothing to load"),
        ({"incident": 5}, "incident: is no list of records, but 5"),
        ({"incident": "x"}, "incident: is no list of records"),
        ({"incidnt": [{}]}, "did you mean incident?"),
        ({"incident": [{"caller_id": "Abel Tuter"}]}, "values=display"),
        ({"incident": [{"short_description": "good"}, {"nonsense": "x"}]}, "nonsense: is no column of incident"),
        ({"incidents": [{}]}, "no table 'incidents'"),
        ({"incident": [{"short_description": object()}]}, "cannot be stored"),
        ("nowhere.json", "cannot be read"),
        ("nowhere.yaml", "give .json, .csv, .xml or .zip, a folder of recordings, or an application"),
        (".", "holds no recordings"),
    ],
)
def test_a_seed_that_is_no_good_leaves_nothing(
    acme: SimulatedInstance, source: Any, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LoadError) as caught:
        acme.load(source)
    assert words in str(caught.value)
    assert acme.table("incident").query() == []


def test_over_a_socket() -> None:
    with live_servicenow(Settings(port=0, log="off", random_seed=1, admin_password="chosen")) as servicenow:
        with requests.Session() as session:
            session.trust_env = False
            made = session.post(servicenow.url + TABLE, auth=("admin", "chosen"), json={})
        assert made.headers["Location"].startswith(f"{servicenow.url}{TABLE}/")
        servicenow.verify(method="POST", table="incident", user="admin", exactly=1)


def test_profiles_and_strictness() -> None:
    with mock_servicenow(ACME, empty=True, strict=True, properties={"x": "1"}) as instance:
        assert instance.table("sys_user").first("user_name=elastic.integration") is None
        assert instance.system_property("x") == "1"
        assert requests.get(f"{ACME}{TABLE}?sysparm_orderby=number", auth=instance.admin).status_code == 501


# the package ------------------------------------------------------------------------------------------------------


def test_what_the_package_offers() -> None:
    classes = ["Instance", "PlaneClient", "PlaneRefusal", "SimulatedInstance"]
    offered = [*classes, "create_instance", "live_servicenow", "mock_servicenow"]
    assert sandtable.__all__ == offered
    assert all(getattr(sandtable, name) is not None for name in sandtable.__all__)
    assert dir(sandtable) == sorted(sandtable.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = sandtable.nonsense


def test_importing_the_package_imports_nothing_else() -> None:
    script = (
        "import sys; before = set(sys.modules); import sandtable; after = set(sys.modules) - before;"
        "print(*sorted(name for name in after if name.partition('.')[0] not in sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True)
    assert (done.stdout.split(), done.returncode) == (["sandtable"], 0), done.stderr
