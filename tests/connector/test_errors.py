"""The error tree is the one its docstring draws, and no text shows a secret."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import pytest

from sandtable_connector import errors
from sandtable_connector.errors import ConnectorError, Permanent, Redactor, Transient

pytestmark = pytest.mark.ours("the class of an error says whether to try again, and no text shows a secret")


def drawn_tree() -> dict[str, str]:
    """Return each class of the drawn tree with the class it stands under."""
    parents: dict[int, str] = {0: "ConnectorError"}
    tree = {}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"    ((?:[│ ] {3})*)[├└]── (\w+) ", line)
        if match:
            depth = len(match[1]) // 4 + 1
            parents[depth] = match[2]
            tree[match[2]] = parents[depth - 1]
    return tree


def real_tree(base: type[ConnectorError]) -> dict[str, str]:
    tree = {}
    for child in base.__subclasses__():
        if child.__module__ == errors.__name__:
            tree[child.__name__] = base.__name__
            tree |= real_tree(child)
    return tree


def test_the_drawing_is_the_tree() -> None:
    assert drawn_tree() == real_tree(ConnectorError)


@pytest.mark.parametrize("name, parent", sorted(real_tree(ConnectorError).items()))
def test_whether_to_try_again_is_the_class(name: str, parent: str) -> None:
    kind = getattr(errors, name)
    assert issubclass(kind, Transient) is kind.retry
    assert issubclass(kind, Permanent) is not kind.retry
    assert kind.__doc__


@pytest.mark.documented("RFC 9110, status codes: 4xx is the client's, 5xx the server's, 429 asks to come back")
@pytest.mark.parametrize(
    "status, kind",
    [
        (400, errors.RequestRefused),
        (401, errors.NotAuthenticated),
        (403, errors.AccessDenied),
        (404, errors.NotFound),
        (409, errors.RequestRefused),
        (429, errors.RateLimited),
        (500, errors.ServerFailed),
        (503, errors.ServerFailed),
        (304, errors.ServerFailed),
    ],
)
def test_each_status_has_its_class(status: int, kind: type[ConnectorError]) -> None:
    error = errors.for_status(status, {"error": 1})
    assert type(error) is kind
    assert (error.message, error.status) == (f"Request failed with status code {status}", status)


@pytest.mark.documented("RFC 9110, status codes: 4xx is the client's, 5xx the server's, 429 asks to come back")
@pytest.mark.parametrize("from_task", [True, False])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 502, 503, 504])
def test_whether_an_execution_says_to_try_again(stage: Any, status: int, from_task: bool) -> None:
    for preset, expected in (("documented", status == 429 or status >= 500), ("kibana-8.13", True)):
        connector = stage.connector(stage.Script([stage.refused(status)]), preset)
        params = {"subAction": "getChoices", "subActionParams": {"fields": ["urgency"]}}
        result = connector.execute(params, from_task=from_task)
        assert (result.status, result.retry) == ("error", expected)


def test_a_restated_error_keeps_its_class_and_facts() -> None:
    error = errors.NotFound("a", status=404, code="X", answer={"error": 1}, user_error=True)
    restated = error.restated("b")
    assert type(restated) is errors.NotFound
    assert str(restated) == "b"
    assert (restated.status, restated.code, restated.answer, restated.user_error) == (404, "X", {"error": 1}, True)


def test_an_error_can_be_pickled_and_copied() -> None:
    error = errors.RateLimited("slow down", status=429)
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is errors.RateLimited
        assert (other.message, other.status, other.retry) == ("slow down", 429, True)


@pytest.mark.parametrize(
    "secrets, public, text, expected",
    [
        (["hunter22"], [], "it was hunter22!", "it was [redacted]!"),
        (["abc", None, ""], [], "abc", "abc"),
        (["admin1", "admin1-long"], [], "admin1-long admin1", "[redacted] [redacted]"),
        (["admin"], ["admin"], "User admin", "User admin"),
        (["a.c*d"], [], "a.c*d axcxd", "[redacted] axcxd"),
    ],
)
def test_the_redactor(secrets: list[str | None], public: list[str], text: str, expected: str) -> None:
    assert Redactor(secrets, public=public)(text) == expected


@pytest.mark.parametrize(
    "url, shown",
    [
        ("https://u:p@h/x@y", "https://[redacted]@h/x@y"),
        ("https://h/x@y", "https://h/x@y"),
        ("http://u@h:1", "http://[redacted]@h:1"),
    ],
)
def test_a_url_is_shown_without_credentials(url: str, shown: str) -> None:
    assert errors.without_credentials(url) == shown
