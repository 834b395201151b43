"""A sign-on page where an API answer was expected."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from sandtable.faults.forms import BadForm, entry
from sandtable.faults.pages import page
from sandtable.faults.wire import HTML, Exchange, Proceed, Reply

LOGIN = "/login.do"


@dataclass(frozen=True, slots=True)
class LoginRedirect:
    """The caller is sent to the login page, as by a single sign-on in front of the instance.

    A client that follows the redirect gets the page, with status 200.
    """

    kind: ClassVar[str] = "login-redirect"
    status: int = entry(302, "the status of the redirect", least=301, most=308)
    location: str = entry(LOGIN, "where to; a path or a URL")

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\x21-\x7e]+", self.location):
            raise BadForm("location", f"{self.location!r} can be in no header", "percent-encode what is no plain ASCII")

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if exchange.request.path == LOGIN:
            return proceed()
        headers = (("Content-Type", HTML), ("Location", self.location))
        return Reply(self.status, headers, page("Redirect", "Log in to continue."))
