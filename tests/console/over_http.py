"""A browser without scripts, and the forms that it is shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Browser:
    """A browser without scripts: it keeps cookies, and finds the token of the forms it is shown."""

    def __init__(self, app: Any, user: str = "admin") -> None:
        self.client = app.test_client()
        if user:
            self.client.post("/login.do", data={"user_name": user, "user_password": user}, headers=HTML)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={**HTML, **headers})

    def token(self) -> str:
        found = re.search(r'data-token="([0-9a-f]+)"', self.get("/navpage.do").text)
        assert found is not None
        return found[1]

    def post(self, path: str, data: dict[str, Any], token: str | None = None, **headers: str) -> Any:
        sent = {**data, "sysparm_ck": self.token() if token is None else token}
        return self.client.post(path, data=sent, headers={**HTML, **headers})


class ShownForm(HTMLParser):
    """What a page's form of that class, or of any, would send as it is: inputs, texts, what is chosen in selections."""

    def __init__(self, page: str, kind: str = "record-form") -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._kind = kind
        self._inside = False
        self._name, self._text = "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = not self._kind or self._kind in given.get("class", "").split()
        if not self._inside:
            return
        name = given.get("name", "")
        ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
        if tag == "input" and name and ticked and "disabled" not in given:
            self.sent[name] = given.get("value", "")
        if tag in ("textarea", "select"):
            self._name, self._text = name, ""
        if tag == "option" and self._name and ("selected" in given or self._name not in self.sent):
            self.sent[self._name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._inside:
            self.sent[self._name] = self._text.removeprefix("\n")
        if tag in ("textarea", "select"):
            self._name = ""
        self._inside = self._inside and tag != "form"
