"""An instance of its own for tests of OAuth that need no wire, with a JWT client that asks the token endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.instances import lent

from sandtable.core.platform.instance import Instance
from sandtable.oauth.endpoints import server
from sandtable.oauth.endpoints.profiles import Answer
from sandtable.oauth.endpoints.request import HttpRequest
from sandtable.serving.assembly import create_instance

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="session")
def oauth_instance() -> Instance:
    return create_instance(random_seed=7)


@pytest.fixture
def instance(oauth_instance: Instance) -> Iterator[Instance]:
    """The instance as it was when it was made."""
    with lent(oauth_instance):
        yield oauth_instance


@pytest.fixture
def ask(instance: Instance) -> Callable[..., tuple[Answer, str]]:
    """Send a form to the token endpoint without HTTP; returns the answer and the true reason of a refusal."""

    def send(form: Any, **options: Any) -> tuple[Answer, str]:
        reasons: list[str] = []
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        asked = HttpRequest("POST", body, headers={"content-type": FORM}, **options)
        answer = server.answer_token_request(instance, asked, reasons.append)
        return answer, reasons[0] if reasons else ""

    return send
