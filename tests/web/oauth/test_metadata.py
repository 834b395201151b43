"""Metadata: of clients, which clients publish, and of the instance, which it publishes itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.web.conftest import Wire
from tests.web.oauth.test_oauth_authorization_code import CALLBACK, OTHER, VERIFIER, Browser, sent

from sandtable.core.platform.instance import Instance
from sandtable.core.values.errors import OperationFailed
from sandtable.oauth.grants.authorization_code import challenge_of
from sandtable.scripting.planted import Stub
from sandtable.scripting.tools import host_of

ADDRESS = "https://client.example.com/oauth/metadata.json"
TABLE = "oauth_entity_cimd"
documented = pytest.mark.documented("clients known by a metadata document: CIMD workflow, configure a CIMD client")
CHALLENGE = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
ASKED = {"client_id": ADDRESS, **CHALLENGE}


class Known(Browser):
    """A person with a browser, and a client that is known by its metadata document."""

    def __init__(self, wire: Wire, instance: Instance, user: str) -> None:
        super().__init__(wire, instance, user)
        values = {"name": "Known", "client_id": ADDRESS, "scope_restriction_status": "unrestricted"}
        self.entity = instance.system().table(TABLE).insert(values)

    def plant(self, status: int = 200, **document: Any) -> None:
        found = {"client_id": ADDRESS, "client_name": "Known", "redirect_uris": [CALLBACK], **document}
        host_of(self.instance).plant(Stub(ADDRESS, status=status, body=json.dumps(found)))

    def change(self, **values: str) -> None:
        self.instance.system().table(TABLE).update(self.entity.sys_id, values)


@pytest.fixture
def known(wire: Wire, instance: Instance, oauth_user: str) -> Iterator[Known]:
    instance.clock.freeze()
    yield Known(wire, instance, oauth_user)
    host_of(instance).forget()


@documented
def test_a_client_that_is_known_by_its_document(known: Known) -> None:
    known.plant()
    entity = known.entity
    kept = ("public_client", "client_secret", "inbound_grant_type", "metadata_sync_mode", "cache_lifespan")
    assert [entity[name] for name in kept] == ["true", "", "authz_code", "live", "3600"]
    code = known.code(**ASKED)
    answer = known.redeem(code, client_id=ADDRESS, client_secret="-", code_verifier=VERIFIER)
    assert answer.status_code == 200, answer.text
    assert known.bearer(answer.json()["access_token"]) == 200


@documented
def test_securely_scoped_by_default(instance: Instance) -> None:
    made = instance.system().table(TABLE).insert({"name": "New", "client_id": ADDRESS})
    assert made["scope_restriction_status"] == "restricted"


@documented
def test_a_document_is_kept_for_its_time(known: Known) -> None:
    known.plant()
    known.sign_in(**ASKED)
    assert known.get(**ASKED).status_code == 200
    known.plant(redirect_uris=[OTHER])
    assert known.get(**ASKED).status_code == 200
    known.instance.clock.advance(3_601)
    refused = known.get(**ASKED)
    assert (refused.status_code, "Location" in refused.headers) == (400, False)
    assert "is not in the metadata" in known.last_reason()
    assert known.get(**ASKED, redirect_uri=OTHER).status_code == 200


@documented
def test_a_static_client_is_what_its_record_says(known: Known) -> None:
    known.plant(redirect_uris=[OTHER])
    known.change(metadata_sync_mode="static", redirect_url=f"{CALLBACK},{OTHER}/")
    assert "code" in sent(_allowed(known, **ASKED))
    assert known.get(**ASKED, redirect_uri=OTHER).status_code == 400


@documented
def test_localhost_has_to_be_allowed(known: Known) -> None:
    local = "http://127.0.0.1:8123/callback"
    known.plant(redirect_uris=[local])
    known.sign_in(**ASKED, redirect_uri=local)
    assert known.get(**ASKED, redirect_uri=local).status_code == 400
    known.change(localhost_redirection_allowed="true")
    assert known.get(**ASKED, redirect_uri=local).status_code == 200


@pytest.mark.parametrize(
    "document",
    [
        {"client_id": "https://other.example.com/x"},
        {"redirect_uris": "https://client.example.com/callback"},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"grant_types": ["client_credentials"]},
        {"status": 404},
    ],
)
@documented
def test_a_document_that_does_not_describe_the_client(known: Known, document: dict[str, Any]) -> None:
    known.plant(**document)
    assert known.get(**ASKED).status_code in (400, 401)
    assert "metadata" in known.last_reason()


@documented
def test_pkce_is_required(known: Known) -> None:
    known.plant()
    assert sent(known.get(client_id=ADDRESS))["error"] == "invalid_request"


@pytest.mark.ours("nothing is fetched from the network, and the ledger says what counts instead")
def test_without_a_planted_document_the_record_counts(known: Known) -> None:
    known.change(redirect_url=CALLBACK)
    known.sign_in(**ASKED)
    assert known.get(**ASKED).status_code == 200
    assert [note.name for note in known.instance.ledger.entries() if note.kind == "outbound"] == ["metadata document"]


@pytest.mark.parametrize(
    "address", ["http://a.example.com/x", "https://a.example.com", "client", "https://a@b.example/x"]
)
@documented
def test_the_client_id_is_an_https_address(instance: Instance, address: str) -> None:
    with pytest.raises(OperationFailed):
        instance.system().table(TABLE).insert({"name": "New", "client_id": address})


def _allowed(known: Known, **asked: str) -> Any:
    known.sign_in(**asked)
    return known.decide("allow", **asked)


@pytest.mark.parametrize("path", ["openid-configuration", "oauth-protected-resource"])
@pytest.mark.documented("releases before Brazil have neither")
def test_earlier_releases_publish_nothing(wire: Wire, path: str) -> None:
    assert wire.get(f"/.well-known/{path}", auth=None).status_code == 404


@pytest.mark.documented("Brazil publishes where its OAuth endpoints are: Brazil release notes")
def test_openid_configuration(wire: Wire, instance: Instance) -> None:
    instance.set_property("sandtable.oauth.openid_discovery", "true")
    found = wire.get("/.well-known/openid-configuration", auth=None).json()
    assert found["issuer"] == wire.base_url
    assert found["token_endpoint"] == f"{wire.base_url}/oauth_token.do"
    assert wire.get(found["jwks_uri"].removeprefix(wire.base_url), auth=None).json() == {"keys": []}


@pytest.mark.documented("OAuth Protected Resource fields; RFC 9728")
def test_protected_resources(wire: Wire, instance: Instance) -> None:
    instance.set_property("sandtable.oauth.protected_resource_metadata", "true")
    server = "/sncapps/mcp-server/mcp/sn_mcp_server_default"
    expected = {
        "resource": f"{wire.base_url}{server}",
        "resource_name": "ServiceNow MCP Server",
        "authorization_servers": [wire.base_url],
        "bearer_methods_supported": ["header"],
    }
    for path in ("", server):
        assert wire.get(f"/.well-known/oauth-protected-resource{path}", auth=None).json() == expected
    resources = instance.system().table("oauth_protected_resource")
    record = resources.query()[0]
    resources.update(record.sys_id, {"scopes_supported": "a,b", "allow_glide_as_authorization_server": "false"})
    found = wire.get("/.well-known/oauth-protected-resource", auth=None).json()
    assert (found["scopes_supported"], "authorization_servers" in found) == (["a", "b"], False)
    assert wire.get("/.well-known/oauth-protected-resource/other", auth=None).status_code == 404
    resources.update(record.sys_id, {"active": "false"})
    assert wire.get("/.well-known/oauth-protected-resource", auth=None).status_code == 404
