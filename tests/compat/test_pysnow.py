"""pysnow: queries by dictionary, string, builder and criteria; streaming; attachments; OAuth."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.compat.conftest import Running

with warnings.catch_warnings():
    # It warns when libmagic is missing, and its dependencies warn of their own age.
    warnings.simplefilter("ignore")
    pysnow = pytest.importorskip("pysnow", reason="pysnow is not installed: pip install '.[compat]'")

pytestmark = [
    pytest.mark.ours("pysnow works unmodified, through its public API"),
    # Its own doing: it reads files without closing them.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
exercises = pytest.mark.exercises
CLIENT = "pysnow"
# Test-only credentials; those of conftest.py.
CLIENT_ID, CLIENT_SECRET = "c0ffee00c0ffee00c0ffee00c0ffee00", "test-only-secret"


@pytest.fixture(params=["https", "http"])
def client(running: Running, request: pytest.FixtureRequest) -> Iterator[Any]:
    secure = request.param == "https"
    host = running.secure_host if secure else running.host
    with pysnow.Client(host=host, user="admin", password="admin", use_ssl=secure) as made:
        yield made


@pytest.fixture
def incidents(client: Any) -> Any:
    return client.resource(api_path="/table/incident")


@exercises(CLIENT, "create, read, update, delete")
def test_crud(incidents: Any, running: Running) -> None:
    made = incidents.create({"short_description": "from pysnow", "urgency": "1"}).one()
    assert made["number"].startswith("INC")
    found = incidents.get(query={"number": made["number"]})
    assert found.one()["short_description"] == "from pysnow"
    assert found["sys_id"] == made["sys_id"]
    assert found.update({"short_description": "changed"})["short_description"] == "changed"
    by_query = incidents.update(query={"sys_id": made["sys_id"]}, payload={"urgency": "3"})
    assert by_query["urgency"] == "3"
    assert incidents.delete(query={"sys_id": made["sys_id"]})["status"] == "record deleted"
    assert running.instance.system().table("incident").find(made["sys_id"]) is None
    assert incidents.get(query={"sys_id": made["sys_id"]}).one_or_none() is None


@exercises(CLIENT, "paging over several pages")
def test_paging(incidents: Any) -> None:
    seen: list[str] = []
    for offset in range(0, 40, 10):
        answer = incidents.get(
            query="short_descriptionSTARTSWITHcompat^ORDERBYshort_description",
            fields=["short_description"],
            limit=10,
            offset=offset,
        )
        assert answer.headers["X-Total-Count"] == "37"
        seen += [each["short_description"] for each in answer.all()]
    assert seen == [f"compat {number:02}" for number in range(37)]


@exercises(CLIENT, "streaming of large answers")
def test_streaming(incidents: Any) -> None:
    answer = incidents.get(query="short_descriptionSTARTSWITHcompat", stream=True)
    assert len(list(answer.all())) == 37
    first = incidents.get(query="short_description=compat 07", stream=True, limit=1).first()
    assert first["short_description"] == "compat 07"
    assert incidents.get(query={"number": "nosuch"}, stream=True).first_or_none() is None


@exercises(CLIENT, "query builder")
def test_query_builder(incidents: Any) -> None:
    query = (
        pysnow.QueryBuilder()
        .field("short_description")
        .starts_with("compat")
        .AND()
        .field("impact")
        .equals(["1", "3"])
        .AND()
        .field("sys_created_on")
        .between(datetime(2020, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001 - the client wants it naive
        .AND()
        .field("short_description")
        .order_descending()
    )
    found = [each["short_description"] for each in incidents.get(query=query).all()]
    assert len(found) == 25
    assert found[:2] == ["compat 36", "compat 35"]
    other = pysnow.QueryBuilder().field("short_description").equals("compat 01")
    other = other.NQ().field("short_description").ends_with("02").AND().field("caller_id").is_not_empty()
    assert len(incidents.get(query=other).all()) == 2


@exercises(CLIENT, "criteria")
def test_criteria(incidents: Any) -> None:
    from pysnow.criterion import Table

    incident = Table("incident")
    query = incident.short_description.starts_with("compat") & incident.impact.is_in(["2"])
    assert len(incidents.get(query=str(query)).all()) == 12


@exercises(CLIENT, "display values and links")
def test_display_values(incidents: Any) -> None:
    incidents.parameters.display_value = True
    incidents.parameters.exclude_reference_link = True
    shown = incidents.get(query="short_description=compat 00", fields=["impact", "caller_id", "comments"]).one()
    assert (shown["impact"], shown["caller_id"]) == ("1 - High", "System Administrator")
    assert "System Administrator (Additional comments)\ncomment 0\n\n" in shown["comments"]
    incidents.parameters.display_value = "all"
    both = incidents.get(query="short_description=compat 00", fields=["impact"]).one()
    assert both["impact"] == {"display_value": "1 - High", "value": "1"}


@exercises(CLIENT, "attachments")
def test_attachments(incidents: Any, client: Any, tmp_path: Path) -> None:
    record = incidents.get(query="short_description=compat 00")
    path = tmp_path / "notes.txt"
    path.write_bytes(b"a file\n" * 100)
    uploaded = record.upload(file_path=str(path), name="renamed.txt").one()
    assert (uploaded["file_name"], uploaded["size_bytes"]) == ("renamed.txt", "700")
    listed = incidents.attachments.get(sys_id=record["sys_id"])
    assert [each["sys_id"] for each in listed] == [uploaded["sys_id"]]
    assert incidents.attachments.delete(uploaded["sys_id"])["status"] == "record deleted"
    client.parameters = pysnow.ParamsBuilder()
    assert client.resource(api_path="/table/incident").attachments.get(sys_id=record["sys_id"]) == []


@exercises(CLIENT, "aggregates, through a resource of its own")
def test_aggregates(client: Any) -> None:
    stats = client.resource(api_path="/stats/incident")
    stats.parameters.add_custom({"sysparm_count": True, "sysparm_group_by": "impact"})
    groups = stats.get(query="short_descriptionSTARTSWITHcompat").all()
    assert [group["stats"]["count"] for group in groups] == ["13", "12", "12"]


@exercises(CLIENT, "batch, through a request of its own")
def test_batch(client: Any) -> None:
    items = [{"id": "1", "method": "GET", "url": "/api/now/table/incident?sysparm_limit=1"}]
    answer = client.resource(api_path="/batch", base_path="/api/now/v1").request(
        "POST", json={"batch_request_id": "b", "rest_requests": items}
    )
    content = answer._response.json()
    assert content["serviced_requests"][0]["status_code"] == 200


@exercises(CLIENT, "OAuth: password grant and its refresh")
def test_oauth(running: Running) -> None:
    updated: list[dict[str, Any]] = []
    client = pysnow.OAuthClient(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        token_updater=updated.append,
        host=running.secure_host,
    )
    with pytest.raises(pysnow.exceptions.MissingToken):
        client.resource(api_path="/table/incident")
    token = client.generate_token("admin", "admin")
    client.set_token(token)
    incidents = client.resource(api_path="/table/incident")
    assert len(incidents.get(query="short_descriptionSTARTSWITHcompat").all()) == 37
    client.set_token({**token, "expires_at": 1.0, "expires_in": -1})
    incidents = client.resource(api_path="/table/incident")
    assert len(incidents.get(query="short_descriptionSTARTSWITHcompat").all()) == 37
    assert len(updated) == 1
    assert updated[0]["access_token"]
    with pytest.raises(pysnow.exceptions.TokenCreateError) as refused:
        client.generate_token("admin", "wrong")
    assert refused.value.description == "access_denied"
    client.close()


@exercises(CLIENT, "its own error classes")
def test_errors(incidents: Any, client: Any, running: Running) -> None:
    import requests

    with pytest.raises(pysnow.exceptions.MultipleResults):
        incidents.get(query="short_descriptionSTARTSWITHcompat").one()
    with pytest.raises(pysnow.exceptions.NoResults):
        incidents.get(query={"number": "nosuch"}).one()
    with pytest.raises(requests.HTTPError, match="400"):
        client.resource(api_path="/table/nosuch").get(query={}).all()
    wrong = pysnow.Client(host=running.host, user="admin", password="wrong", use_ssl=False)
    with wrong, pytest.raises(requests.HTTPError, match="401"):
        wrong.resource(api_path="/table/incident").get(query={}).all()


@exercises(
    CLIENT,
    "attachments as multipart",
    gap="it sends the bare bytes and names them multipart/form-data without a boundary, which no server can read",
)
def test_multipart_is_broken(incidents: Any, tmp_path: Path) -> None:
    import requests

    path = tmp_path / "notes.txt"
    path.write_bytes(b"a file")
    record = incidents.get(query="short_description=compat 00")
    with pytest.raises(requests.HTTPError, match="400"):
        record.upload(file_path=str(path), multipart=True).one()
