"""The Attachment API on the wire."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandtable.core.platform.attachments import CHUNK_BYTES
from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = [pytest.mark.documented("ServiceNow docs, Attachment API"), pytest.mark.sockets]
ATTACHMENT = "/api/now/attachment"
UNKNOWN = "0" * 32
TEXT = {"Content-Type": "text/plain"}


@pytest.fixture
def incident(instance: Instance) -> str:
    return instance.acting_as("admin").table("incident").insert({"short_description": "has files"}).sys_id


def where(sys_id: str, **more: str) -> dict[str, str]:
    return {"table_name": "incident", "table_sys_id": sys_id, "file_name": "a.txt", **more}


def uploaded(wire: Wire, sys_id: str, data: bytes = b"some text", **more: str) -> dict[str, str]:
    answer = wire.post(f"{ATTACHMENT}/file", params=where(sys_id, **more), data=data, headers=TEXT)
    assert answer.status_code == 201, answer.text
    result: dict[str, str] = answer.json()["result"]
    return result


@pytest.mark.parametrize("version", ["", "/v1"])
def test_upload_and_download(wire: Wire, incident: str, version: str) -> None:
    data = "gr\u00fc\u00dfe".encode() * 10
    answer = wire.post(
        f"/api/now{version}/attachment/file", params=where(incident), data=data, headers={"Content-Type": "text/x-own"}
    )
    result = answer.json()["result"]
    address = f"{wire.base_url}/api/now{version}/attachment/{result['sys_id']}/file"
    assert answer.status_code == 201
    assert answer.headers["Location"] == address == result["download_link"]
    assert all(isinstance(value, str) for value in result.values())
    assert {
        "table_name": "incident",
        "table_sys_id": incident,
        "file_name": "a.txt",
        "content_type": "text/x-own",
        "size_bytes": str(len(data)),
        "compressed": "true",
        "chunk_size_bytes": "700000",
        "state": "available",
        "hash": hashlib.sha256(data).hexdigest(),
        "sys_created_by": "admin",
    }.items() <= result.items()
    loaded = wire.get(f"{ATTACHMENT}/{result['sys_id']}/file")
    assert (loaded.status_code, loaded.content) == (200, data)
    assert loaded.headers["Content-Type"] == "text/x-own"
    metadata = json.loads(loaded.headers["X-Attachment-Metadata"])
    assert (metadata["sys_id"], metadata["hash"]) == (result["sys_id"], result["hash"])
    assert wire.get(f"{ATTACHMENT}/{result['sys_id']}").json()["result"]["file_name"] == "a.txt"


@pytest.mark.parametrize("size", [0, 1, 2 * CHUNK_BYTES + 17])
@pytest.mark.ours("a file of any size comes back as it was, in chunks of the documented size")
def test_sizes(wire: Wire, instance: Instance, incident: str, size: int) -> None:
    data = random.Random(7).randbytes(size)
    result = uploaded(wire, incident, data)
    chunks = instance.system().table("sys_attachment_doc").query(f"sys_attachment={result['sys_id']}^ORDERBYposition")
    assert wire.get(f"{ATTACHMENT}/{result['sys_id']}/file").content == data
    assert [int(chunk["position"]) for chunk in chunks] == list(range(len(chunks)))
    assert all(int(chunk["length"]) <= CHUNK_BYTES for chunk in chunks)
    assert len(chunks) >= size // CHUNK_BYTES
    assert sum(int(chunk["length"]) for chunk in chunks) == int(result["size_compressed"])


@pytest.mark.ours("a body without a declared length is taken as it comes")
def test_chunked_upload(wire: Wire, incident: str) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"one "
        yield b"two"

    answer = wire.post(f"{ATTACHMENT}/file", params=where(incident), data=blocks(), headers=TEXT)
    assert answer.status_code == 201
    assert wire.get(f"{ATTACHMENT}/{answer.json()['result']['sys_id']}/file").content == b"one two"


def test_multipart_upload(wire: Wire, incident: str) -> None:
    answer = wire.post(
        f"{ATTACHMENT}/upload",
        data={"table_name": "incident", "table_sys_id": incident},
        files={"uploadFile": ("b.png", b"\x89PNG\r\n\x00", "image/png")},
    )
    result = answer.json()["result"]
    assert answer.status_code == 201
    assert (result["file_name"], result["content_type"]) == ("b.png", "image/png")
    assert wire.get(f"{ATTACHMENT}/{result['sys_id']}/file").content == b"\x89PNG\r\n\x00"


def test_list(wire: Wire, incident: str) -> None:
    names = [uploaded(wire, incident, file_name=f"{number}.txt")["file_name"] for number in range(3)]
    answer = wire.get(ATTACHMENT, params={"table_sys_id": incident, "table_name": "incident", "sysparm_limit": "2"})
    assert answer.headers["X-Total-Count"] == "3"
    assert [each["file_name"] for each in answer.json()["result"]] == names[:2]
    following = requests.utils.parse_header_links(answer.headers["Link"])
    assert {"first", "next", "last"} == {link["rel"] for link in following}
    queried = wire.get(ATTACHMENT, params={"sysparm_query": f"table_sys_id={incident}^file_name=2.txt"})
    assert [each["file_name"] for each in queried.json()["result"]] == ["2.txt"]


def test_rename(wire: Wire, incident: str) -> None:
    sys_id = uploaded(wire, incident)["sys_id"]
    answer = wire.patch(f"{ATTACHMENT}/{sys_id}", json={"file_name": "new.txt"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert wire.get(f"{ATTACHMENT}/{sys_id}").json()["result"]["file_name"] == "new.txt"
    assert wire.patch(f"{ATTACHMENT}/{sys_id}", json={}).status_code == 400


def test_delete(wire: Wire, instance: Instance, incident: str) -> None:
    sys_id = uploaded(wire, incident)["sys_id"]
    answer = wire.delete(f"{ATTACHMENT}/{sys_id}")
    assert (answer.status_code, answer.content) == (204, b"")
    for path in (f"{ATTACHMENT}/{sys_id}", f"{ATTACHMENT}/{sys_id}/file"):
        assert wire.get(path).status_code == 404
    assert instance.system().table("sys_attachment_doc").count() == 0


@pytest.mark.assumed("the files of a record go when the record goes")
def test_deleting_the_record(wire: Wire, instance: Instance, incident: str) -> None:
    uploaded(wire, incident)
    other = instance.acting_as("admin").table("incident").insert({"short_description": "keeps its file"}).sys_id
    kept = uploaded(wire, other)["sys_id"]
    assert wire.delete(f"/api/now/table/incident/{incident}").status_code == 204
    assert [record.sys_id for record in instance.system().table("sys_attachment").query()] == [kept]
    assert wire.get(f"{ATTACHMENT}/{kept}/file").content == b"some text"


@pytest.mark.parametrize("missing", ["table_name", "table_sys_id", "file_name"])
def test_something_missing(wire: Wire, instance: Instance, incident: str, missing: str) -> None:
    answer = wire.post(f"{ATTACHMENT}/file", params=where(incident, **{missing: ""}), data=b"x", headers=TEXT)
    assert answer.status_code == 400
    assert answer.json()["error"]["detail"].startswith(f"{missing} is missing")
    assert instance.system().table("sys_attachment").count() == 0


@pytest.mark.parametrize("more", [{"table_name": "nosuch"}, {"table_sys_id": UNKNOWN}])
@pytest.mark.assumed("the status is documented, the body is that of any record that is not found")
def test_unknown_target(wire: Wire, incident: str, more: dict[str, str]) -> None:
    answer = wire.post(f"{ATTACHMENT}/file", params=where(incident, **more), data=b"x", headers=TEXT)
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "No Record found")


@pytest.mark.parametrize("options", [{"data": b"x", "headers": {"Content-Type": "multipart/form-data"}}, {}])
@pytest.mark.assumed("the status of a form without a file is not documented")
def test_broken_forms(wire: Wire, options: dict[str, Any]) -> None:
    answer = wire.post(f"{ATTACHMENT}/upload", **options)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Attachment not created")


def test_unknown_file(wire: Wire) -> None:
    for method, path in (("GET", ""), ("GET", "/file"), ("DELETE", ""), ("PATCH", "")):
        answer = wire.request(method, f"{ATTACHMENT}/{UNKNOWN}{path}", json={"file_name": "x"})
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, "No Record found")


@pytest.mark.assumed("a file over the limit is 413; nothing of it stays")
def test_too_large(wire: Wire, instance: Instance, incident: str) -> None:
    instance.set_property("com.glide.attachment.max_size", "1")
    answer = wire.post(f"{ATTACHMENT}/file", params=where(incident), data=b"x" * (1024 * 1024 + 1), headers=TEXT)
    assert answer.status_code == 413
    assert "com.glide.attachment.max_size" in answer.json()["error"]["detail"]
    assert instance.system().table("sys_attachment_doc").count() == 0
    exact = wire.post(f"{ATTACHMENT}/file", params=where(incident), data=b"x" * (1024 * 1024), headers=TEXT)
    assert exact.status_code == 201


def test_extensions(wire: Wire, instance: Instance, incident: str) -> None:
    instance.set_property("glide.attachment.extensions", "png, TXT")
    assert uploaded(wire, incident)["file_name"] == "a.txt"
    for name, status in (("a.exe", 400), ("txt", 400), ("a.txt.exe", 400), ("a.Txt", 201), ("b.PNG", 201)):
        answer = wire.post(f"{ATTACHMENT}/file", params=where(incident, file_name=name), data=b"x", headers=TEXT)
        assert answer.status_code == status, name


def test_attributes(wire: Wire, instance: Instance, incident: str) -> None:
    base = f"{ATTACHMENT}/{uploaded(wire, incident)['sys_id']}"
    url = f"{base}/attributes"
    assert wire.get(url).json() == {"result": []}
    made = wire.post(url, json={"key": "alt_text", "value": "a picture"})
    assert (made.status_code, made.json()) == (201, {"result": {"key": "alt_text", "value": "a picture"}})
    assert wire.get(f"{url}/alt_text").json() == made.json()
    assert wire.get(url).json() == {"result": [{"key": "alt_text", "value": "a picture"}]}
    changed = wire.put(f"{url}/alt_text", json={"value": "a better one"})
    assert (changed.status_code, changed.json()["result"]["value"]) == (200, "a better one")
    for body in ({}, {"key": "x"}, {"value": "x"}, {"key": "alt_text", "value": "again"}):
        assert wire.post(url, json=body).status_code == 400
    assert wire.put(f"{url}/alt_text", json={}).status_code == 400
    for method in ("GET", "PUT", "DELETE"):
        assert wire.request(method, f"{url}/nosuch", json={"value": "x"}).status_code == 404
    assert wire.get(f"{ATTACHMENT}/{UNKNOWN}/attributes").status_code == 404
    assert wire.patch(url, json={}).status_code == 405
    wire.post(url, json={"key": "more", "value": ""})
    assert wire.delete(f"{url}/alt_text").status_code == 204
    assert wire.get(url).json() == {"result": [{"key": "more", "value": ""}]}
    assert wire.delete(base).status_code == 204
    assert instance.system().table("sys_attachment_attribute").count() == 0


class TestAccess:
    """An attachment is as open as the record it belongs to."""

    pytestmark = pytest.mark.documented("ServiceNow docs, attachment security: that of the record decides")

    @pytest.fixture
    def nobody(self, instance: Instance) -> tuple[str, str]:
        values = {"user_name": "nobody", "user_password": "test-only", "active": "true"}
        instance.system().table("sys_user").insert(values)
        return ("nobody", "test-only")

    def test_who_may_not_see_the_record(self, wire: Wire, incident: str, nobody: tuple[str, str]) -> None:
        sys_id = uploaded(wire, incident)["sys_id"]
        assert wire.get(ATTACHMENT, auth=nobody).json() == {"result": []}
        assert wire.get(f"{ATTACHMENT}/{sys_id}", auth=nobody).status_code == 404
        assert wire.get(f"{ATTACHMENT}/{sys_id}/file", auth=nobody).status_code == 404
        assert wire.get(f"{ATTACHMENT}/{sys_id}/attributes", auth=nobody).status_code == 404
        assert wire.delete(f"{ATTACHMENT}/{sys_id}", auth=nobody).status_code == 404

    def test_who_may_not_write_the_record(self, wire: Wire, instance: Instance, nobody: tuple[str, str]) -> None:
        user = instance.system().table("sys_user").first("user_name=admin")
        assert user is not None
        params = {"table_name": "sys_user", "table_sys_id": user.sys_id, "file_name": "a.txt"}
        answer = wire.post(f"{ATTACHMENT}/file", params=params, data=b"x", headers=TEXT, auth=nobody)
        assert (answer.status_code, answer.json()["error"]["message"]) == (403, "Operation Failed")
        assert instance.system().table("sys_attachment").count() == 0

    def test_without_credentials(self, wire: Wire, incident: str) -> None:
        sys_id = uploaded(wire, incident)["sys_id"]
        assert wire.get(f"{ATTACHMENT}/{sys_id}/file", auth=None).status_code == 401


@pytest.mark.ours("snapshots, images and copies of an instance hold the files")
def test_files_follow_the_instance(wire: Wire, instance: Instance, incident: str) -> None:
    from sandtable.core.platform.attachments import content, find

    kept = uploaded(wire, incident, b"kept")["sys_id"]
    snapshot = instance.snapshot()
    wire.delete(f"{ATTACHMENT}/{kept}")
    uploaded(wire, incident, b"later")
    instance.restore(snapshot)
    instance.release(snapshot)
    assert [each["sys_id"] for each in wire.get(ATTACHMENT).json()["result"]] == [kept]
    assert wire.get(f"{ATTACHMENT}/{kept}/file").content == b"kept"
    twin = instance.fork("twin")
    assert b"".join(content(twin, find(twin.system(), kept))) == b"kept"
    twin.close()


@pytest.mark.ours("a header built from a file's name or type is one header")
def test_hostile_names(wire: Wire, incident: str) -> None:
    result = uploaded(wire, incident, file_name="a\r\nX-Evil: 1\u20ac.txt")
    loaded = wire.get(f"{ATTACHMENT}/{result['sys_id']}/file")
    assert "X-Evil" not in loaded.headers
    assert json.loads(loaded.headers["X-Attachment-Metadata"])["file_name"] == result["file_name"]
