"""The order of checks: of several faults the first in the documented order is the reason; and records over the wire."""

from __future__ import annotations

from typing import Any

import pytest

Side = Any  # JwtSide of the conftest beside this file


@pytest.mark.assumed("the order of checks is our reading of RFC 7515, 7523 and the product's documentation")
def test_the_first_fault_is_the_reason(jwt_side: Side) -> None:
    """Send an assertion with every fault there is, mend one after the other, and read the reasons in turn."""
    system = jwt_side.instance.system()
    system.table("oauth_jwt_claims").insert(
        {"oauth_jwt": jwt_side.registered.oauth_jwt, "claim_name": "tenant", "claim_value": "a"}
    )
    role = system.table("sys_user_role").first("name=admin")
    granted = system.table("sys_user_has_role").insert({"user": jwt_side.user, "role": role.sys_id, "state": "active"})
    assert jwt_side.ask(jwt_side.form(jwt_side.sign(jwt_side.claims("jti", tenant="a")))).status_code == 401
    jwt_side.change_client(active="false")
    jwt_side.change("sys_certificate", jwt_side.registered.sys_certificate, active="false")
    claims = {"aud": "other", "iss": "other", "exp": 1, "nbf": jwt_side.now + 9999, "iat": "now", "sub": "", "jti": 7}
    header = jwt_side.header(alg="PS256", kid="unknown", crit=["x"])
    form = jwt_side.form(client_secret="wrong", client_id="nobody", scope="everything", grant_type="jwt")
    key, alg = jwt_side.ring["other"].private, "PS256"

    def reason() -> str:
        sent = jwt_side.sign({k: v for k, v in claims.items() if v is not None}, header, key=key, alg=alg)
        answer = jwt_side.ask({**form, "assertion": "" if form["grant_type"] == "jwt" else sent})
        if answer.status_code == 200:
            return "none"
        return str(jwt_side.reasons()[-1]).partition(" - ")[2]

    def admin_gone() -> None:
        system.table("sys_user_has_role").delete(granted.sys_id)

    mends: list[tuple[str, Any]] = [
        ("unsupported_grant_type: ", lambda: form.update(grant_type=jwt_side.form()["grant_type"])),
        ("invalid_client: there is no client", lambda: form.update(client_id=jwt_side.client_id)),
        ("invalid_client: client", lambda: jwt_side.change_client(active="true")),
        ("invalid_client: the client_secret", lambda: form.update(client_secret="test-only-secret")),
        ("invalid_scope: ", lambda: form.pop("scope")),
        ("invalid_grant: the header has crit", lambda: header.pop("crit")),
        ("invalid_grant: alg 'PS256' is not allowed", lambda: header.update(alg="ES256")),
        ("invalid_grant: kid 'unknown'", lambda: header.update(kid=jwt_side.registered.key_id)),
        ("invalid_grant: alg 'ES256' does not fit", lambda: header.update(alg="RS256")),
        (
            "invalid_grant: JWT verifier map 'Under test': certificate 'Under test' is inactive",
            lambda: jwt_side.change("sys_certificate", jwt_side.registered.sys_certificate, active="true"),
        ),
        ("invalid_grant: the signature is not by", None),
        ("invalid_grant: aud ", lambda: claims.update(aud=jwt_side.client_id)),
        ("invalid_grant: iss ", lambda: claims.update(iss=jwt_side.client_id)),
        ("invalid_grant: exp ", lambda: claims.update(exp=jwt_side.now + 60)),
        ("invalid_grant: nbf ", lambda: claims.update(nbf=None)),
        ("invalid_grant: iat ", lambda: claims.update(iat=jwt_side.now)),
        ("invalid_grant: claim 'tenant' is missing", lambda: claims.update(tenant="a")),
        ("invalid_grant: sub is blank", lambda: claims.update(sub="nobody@example.com")),
        ("invalid_grant: no user has email", lambda: claims.update(sub="jwt.user@example.com")),
        ("invalid_grant: Grant access to admin is not allowed", admin_gone),
        ("invalid_grant: jti is no text", lambda: claims.update(jti="once")),
        ("none", lambda: None),
        ("invalid_grant: JTI already used", lambda: None),
    ]
    for expected, mend in mends:
        assert reason().startswith(expected)
        if mend is None:
            key, alg = jwt_side.ring["own"].private, "RS256"
        else:
            mend()


@pytest.mark.recorded("all three records can be created through the Table API as an administrator, each with 201")
def test_a_client_made_through_the_table_api(jwt_side: Side) -> None:
    def insert(table: str, **values: str) -> dict[str, Any]:
        answer = jwt_side.wire.post(f"/api/now/table/{table}", json={"name": "By hand", **values})
        assert answer.status_code == 201
        record: dict[str, Any] = answer.json()["result"]
        return record

    certificate = insert("sys_certificate", pem_certificate=jwt_side.ring["other"].certificate)
    assert certificate["subject"] == "CN=test only"
    client = insert("oauth_jwt", user_field="user_name", client_secret="by-hand")
    row = insert("jwt_verifier_map", oauth_jwt=client["sys_id"], sys_certificate=certificate["sys_id"])
    assert client["client_secret"] == "********"
    claims = jwt_side.claims(iss=client["client_id"], aud=client["client_id"], sub="jwt.user")
    signed = jwt_side.sign(claims, jwt_side.header(kid=row["kid"]), key=jwt_side.ring["other"].private)
    form = jwt_side.form(signed, client_id=client["client_id"], client_secret="by-hand")
    assert jwt_side.ask(form).status_code == 200
    # Writing back what the API shows does not break the client.
    path = f"/api/now/table/oauth_jwt/{client['sys_id']}"
    assert jwt_side.wire.put(path, json={"client_secret": "********", "name": "Renamed"}).status_code == 200
    again = jwt_side.sign({**claims, "jti": "2"}, jwt_side.header(kid=row["kid"]), key=jwt_side.ring["other"].private)
    assert jwt_side.ask({**form, "assertion": again}).status_code == 200


@pytest.mark.ours("a certificate that is none is refused over the wire, with the reason where it is asked for")
def test_a_refused_upload(jwt_side: Side) -> None:  # J56
    weak = jwt_side.ring["small"].certificate
    for pem, reason in ((weak, "its RSA key has 1024 bits"), ("nonsense", "it is no PEM text")):
        answer = jwt_side.wire.post(
            "/api/now/table/sys_certificate",
            json={"name": "Refused", "pem_certificate": pem},
            headers={"X-Sandtable-Explain": "true"},
        )
        assert answer.status_code == 403
        assert answer.json()["error"]["message"] == "Operation Failed"
        assert reason in answer.headers["X-Sandtable-Explain"]
        assert jwt_side.reasons()[-1].startswith("sys_certificate 'Refused': pem_certificate is refused")
    assert jwt_side.instance.system().table("sys_certificate").count("name=Refused") == 0
