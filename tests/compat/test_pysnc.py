"""PySNC, ServiceNow's own Python client. It takes https addresses only."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.compat.conftest import Running

pysnc = pytest.importorskip("pysnc", reason="PySNC is not installed: pip install '.[compat]'")
pytestmark = pytest.mark.ours("PySNC works unmodified, through its public API")
exercises = pytest.mark.exercises
CLIENT = "pysnc"
# Test-only credentials; those of conftest.py.
CLIENT_ID, CLIENT_SECRET = "c0ffee00c0ffee00c0ffee00c0ffee00", "test-only-secret"


@pytest.fixture
def client(running: Running) -> Iterator[Any]:
    made = pysnc.ServiceNowClient(running.https, ("admin", "admin"), verify=running.ca_file)
    yield made
    made.session.close()


def compat(client: Any) -> Any:
    found = client.GlideRecord("incident")
    found.add_query("short_description", "STARTSWITH", "compat")
    return found


@exercises(CLIENT, "create, read, update, delete")
def test_crud(client: Any, running: Running) -> None:
    record = client.GlideRecord("incident")
    record.initialize()
    assert record.is_new_record()
    record.short_description = "from pysnc"
    record.urgency = "1"
    sys_id = record.insert()
    assert sys_id == record.sys_id
    assert record.get_value("number").startswith("INC")
    again = client.GlideRecord("incident")
    assert again.get(str(sys_id))
    assert again.short_description == "from pysnc"
    again.short_description = "changed"
    assert again.update() == sys_id
    by_number = client.GlideRecord("incident")
    assert by_number.get("number", str(record.number))
    assert by_number.short_description == "changed"
    assert by_number.delete()
    assert running.instance.system().table("incident").find(str(sys_id)) is None
    assert not client.GlideRecord("incident").get(str(sys_id))


@exercises(CLIENT, "insert with a sys_id of one's own")
def test_own_sys_id(client: Any) -> None:
    record = client.GlideRecord("incident")
    record.initialize()
    record.set_new_guid_value("0123456789ABCDEF0123456789abcdef")
    assert record.insert() == "0123456789ABCDEF0123456789abcdef"


@exercises(CLIENT, "paging over several pages")
@pytest.mark.parametrize("size", [5, 10, 36, 37, 100])
def test_paging(client: Any, size: int) -> None:
    found = client.GlideRecord("incident", batch_size=size)
    found.add_query("short_description", "STARTSWITH", "compat")
    found.order_by("short_description")
    found.query()
    assert found.get_row_count() == 37
    assert [str(each.short_description) for each in found] == [f"compat {number:02}" for number in range(37)]


@exercises(CLIENT, "limit, fields and order")
def test_limit_and_fields(client: Any) -> None:
    found = compat(client)
    found.fields = ["number", "caller_id", "short_description"]
    found.limit = 3
    found.order_by_desc("short_description")
    found.query()
    rows = [each.serialize() for each in found]
    assert [row["short_description"] for row in rows] == ["compat 36", "compat 35", "compat 34"]
    # It always asks for the sys_id as well.
    assert (
        {"number", "caller_id", "short_description"}
        <= set(rows[0])
        <= {
            "number",
            "caller_id",
            "short_description",
            "sys_id",
        }
    )


@exercises(CLIENT, "query builder")
def test_queries(client: Any) -> None:
    both = compat(client)
    both.add_query("impact", "1").add_or_condition("impact", "3")
    both.add_not_null_query("caller_id")
    both.add_null_query("assigned_to")
    both.query()
    assert both.get_row_count() == 25
    active = compat(client)
    active.add_active_query()
    active.add_encoded_query("impact=2^ORDERBYDESCshort_description")
    active.query()
    assert active.next()
    assert active.short_description == "compat 34"


@exercises(CLIENT, "join and related list queries")
def test_joins(client: Any, running: Running) -> None:
    joined = client.GlideRecord("sys_user")
    joined.add_join_query("incident", "sys_id", "caller_id")
    joined.query()
    assert [str(each.user_name) for each in joined] == ["admin"]
    related = client.GlideRecord("sys_user")
    related.add_rl_query("sys_user_has_role", "user", ">0").add_query("role.name", "admin")
    related.add_query("user_name", "admin")
    related.query()
    assert related.get_row_count() == 1


@exercises(CLIENT, "display values and dot-walking")
def test_display_values(client: Any) -> None:
    found = compat(client)
    found.fields = ["impact", "caller_id", "caller_id.user_name", "opened_at"]
    found.limit = 1
    found.order_by("short_description")
    found.query()
    assert found.next()
    assert found.get_value("impact") == "1"
    assert found.get_display_value("impact") == "1 - High"
    assert found.get_display_value("caller_id") == "System Administrator"
    assert found.caller_id.user_name == "admin"
    assert found.opened_at.date_value().strftime("%Y-%m-%d %H:%M:%S") == found.get_value("opened_at")


@exercises(CLIENT, "attachments")
def test_attachments(client: Any, tmp_path: Path) -> None:
    found = compat(client)
    found.limit = 1
    found.query()
    assert found.next()
    data = b"line one\nline two\n" * 5000
    location = found.add_attachment("notes.txt", io.BytesIO(data), content_type="text/plain")
    listed = found.get_attachments()
    assert len(listed) == 1
    assert listed.next()
    assert location == listed.get_link()
    assert (listed.file_name, listed.size_bytes) == ("notes.txt", str(len(data)))
    assert listed.read() == data
    with listed.as_temp_file() as file:
        assert file.read() == data
    assert listed.write_to(str(tmp_path)).read_bytes() == data
    single = client.Attachment("incident")
    assert single.get(str(listed.sys_id))
    single.delete()
    assert len(found.get_attachments()) == 0


@exercises(CLIENT, "batch: many updates and deletes in one request")
def test_batch(client: Any, running: Running) -> None:
    found = compat(client)
    found.add_query("impact", "1")
    found.query()
    for record in found:
        record.short_description = "compat batched"
    assert found.update_multiple()
    table = running.instance.system().table("incident")
    assert table.count("short_description=compat batched") == 13
    gone = client.GlideRecord("incident")
    gone.add_query("short_description", "compat batched")
    assert gone.delete_multiple()
    assert table.count("short_description=compat batched") == 0


@exercises(CLIENT, "queries too long for an address go through the Batch API")
def test_long_query(client: Any) -> None:
    found = client.GlideRecord("incident")
    for number in range(1200):
        found.add_query("short_description", "!=", f"nothing {number:04}")
    found.add_query("short_description", "STARTSWITH", "compat")
    found.query()
    assert found.get_row_count() == 37


@exercises(CLIENT, "OAuth: password grant")
def test_oauth_password(running: Running) -> None:
    from pysnc.auth import ServiceNowPasswordGrantFlow

    flow = ServiceNowPasswordGrantFlow("admin", "admin", CLIENT_ID, CLIENT_SECRET)
    client = pysnc.ServiceNowClient(running.https, flow, verify=running.ca_file)
    found = compat(client)
    found.query()
    assert found.get_row_count() == 37
    client.session.close()


@exercises(CLIENT, "OAuth: client credentials grant")
def test_oauth_client_credentials(running: Running) -> None:
    from pysnc.auth import ServiceNowClientCredentialsFlow

    running.instance.set_property("glide.oauth.inbound.client.credential.grant_type.enabled", "true")
    flow = ServiceNowClientCredentialsFlow(CLIENT_ID, CLIENT_SECRET)
    client = pysnc.ServiceNowClient(running.https, flow, verify=running.ca_file)
    found = compat(client)
    found.query()
    assert found.get_row_count() == 37
    client.session.close()
    wrong = ServiceNowClientCredentialsFlow(CLIENT_ID, "wrong")
    with pytest.raises(pysnc.exceptions.AuthenticationException, match="access_denied"):
        pysnc.ServiceNowClient(running.https, wrong, verify=running.ca_file)


@exercises(CLIENT, "its own error classes")
def test_errors(running: Running, client: Any) -> None:
    wrong = pysnc.ServiceNowClient(running.https, ("admin", "wrong"), verify=running.ca_file)
    with pytest.raises(pysnc.exceptions.AuthenticationException, match="(?i)not authenticated"):
        wrong.GlideRecord("incident").get("0" * 32)
    wrong.session.close()
    with pytest.raises(pysnc.exceptions.RequestException, match="Invalid table"):
        client.GlideRecord("nosuch").query()
    with pytest.raises(pysnc.exceptions.InstanceException):
        pysnc.ServiceNowClient(running.http, ("admin", "admin"))
    policy = client.GlideRecord("incident")
    policy.initialize()
    policy.state = "7"
    with pytest.raises(pysnc.exceptions.RoleException, match="mandatory"):
        policy.insert()


@exercises(
    CLIENT,
    "OAuth: JWT, through the proxy and with sandtable.oauth.assertion_in_header, since it drops the port of an address"
    " and sends the token in a header called Authentication",
)
def test_oauth_jwt(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    import jwt
    from pysnc.auth import ServiceNowJWTAuth

    from sandtable.oauth.setup import create_jwt_client
    from sandtable.serving.proxy import ConnectProxy

    key, certificate = signing_pair()
    instance = running.instance
    instance.set_property("sandtable.oauth.assertion_in_header", "true")
    known = create_jwt_client(instance, certificate, name="PySNC", user_field="user_name")
    now = int(instance.clock.timestamp())
    claims = {"iss": known.client_id, "aud": known.client_id, "sub": "itil", "iat": now, "exp": now + 300, "jti": "1"}
    assertion = jwt.encode(claims, key, algorithm="RS256", headers={"kid": known.key_id})
    address, _, port = running.secure_host.partition(":")
    with ConnectProxy((address, int(port))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        auth = ServiceNowJWTAuth(known.client_id, known.client_secret, assertion)
        client = pysnc.ServiceNowClient("dev00000", auth)
        found = compat(client)
        found.query()
        assert found.get_row_count() == 37
        client.session.close()


def signing_pair() -> tuple[str, str]:
    """Return a new private key and a certificate for it, both as PEM."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "compatibility test")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


@exercises(CLIENT, "aggregates", gap="it has no call for the Aggregate API")
def test_it_has_no_aggregates() -> None:
    assert not hasattr(pysnc, "GlideAggregate")
    assert not hasattr(pysnc.ServiceNowClient, "GlideAggregate")
