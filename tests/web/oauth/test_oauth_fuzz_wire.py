"""Random requests to the OAuth endpoints over the wire: an answer of the endpoint's own each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.ours("bad input gets a clear refusal, never a 500")
TAMED = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

# What a client library lets through as the value of a header.
header_values = st.text(
    st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f\x85\xa0"), max_size=40
)
forms = st.lists(
    st.tuples(
        st.sampled_from(
            ["grant_type", "client_id", "client_secret", "username", "password", "assertion", "token", "x"]
        ),
        st.text(max_size=30) | st.sampled_from(["password", "refresh_token", "fuzz", "a.b.c", "\x00", "\ud7ff"]),
    ),
    max_size=6,
)


@TAMED
@given(
    path=st.sampled_from(["/oauth_token.do", "/oauth_revoke_token.do", "/oauth_auth.do"]),
    method=st.sampled_from(["GET", "POST", "POST", "POST", "PUT", "DELETE"]),
    body=st.binary(max_size=80) | forms,
    query=st.text(max_size=20),
    content_type=st.sampled_from(["application/x-www-form-urlencoded", "application/json", None]) | header_values,
    authorization=st.none() | header_values | header_values.map(lambda text: f"Basic {text}"),
    cookie=st.none() | header_values.map(lambda text: f"JSESSIONID={text}"),
    profile=st.sampled_from(["servicenow", "rfc"]),
)
def test_any_request(
    wire: Wire,
    instance: Any,
    path: str,
    method: str,
    body: Any,
    query: str,
    content_type: str | None,
    authorization: str | None,
    cookie: str | None,
    profile: str,
) -> None:
    instance.set_property("sandtable.oauth.error_profile", profile)
    given_headers = {"Content-Type": content_type, "Authorization": authorization, "Cookie": cookie}
    headers = {name: value.encode("latin-1") for name, value in given_headers.items() if value is not None}
    answer = wire.request(method, f"{path}?{quote(query)}", auth=None, data=body, headers=headers)
    assert answer.status_code in (200, 400, 401, 405, 413), answer.text
    assert "X-Sandtable-Error" not in answer.headers
    if path != "/oauth_auth.do":
        assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
        assert isinstance(answer.json(), dict)
