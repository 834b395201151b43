"""How a reader signs in: by name and password, or by OAuth with a token that is asked for again when it has run out."""

from __future__ import annotations

from dataclasses import dataclass

import requests
from requests.auth import AuthBase

from sandtable.cloning.reading import CannotRead


@dataclass(frozen=True, slots=True)
class Account:
    """Who reads. With a client the name and password are exchanged for a token, or the client's own rights are used."""

    user: str = ""
    password: str = ""
    client_id: str = ""
    client_secret: str = ""
    token: str = ""


class Bearer(AuthBase):
    """Puts a token on each request; `renew` asks for another one."""

    def __init__(self, url: str, account: Account, session: requests.Session, timeout: float = 60.0) -> None:
        self._url, self._account, self._session, self._timeout = url.rstrip("/"), account, session, timeout
        self._token = account.token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with the token on it."""
        if not self._token:
            self.renew()
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def renew(self) -> bool:
        """Ask for a token, and tell whether one could be asked for. Raises CannotRead."""
        account = self._account
        if not account.client_id:
            return False
        form = {"client_id": account.client_id, "client_secret": account.client_secret}
        if account.user:
            form |= {"grant_type": "password", "username": account.user, "password": account.password}
        else:
            form["grant_type"] = "client_credentials"
        try:
            answer = requests.post(
                f"{self._url}/oauth_token.do", data=form, timeout=self._timeout, verify=self._session.verify
            )
            told = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise CannotRead(f"{self._url} gave no token: {type(error).__name__}") from None
        if not isinstance(told, dict) or not told.get("access_token"):
            raise CannotRead(f"{self._url} gave no token: {_why(told)}")
        self._token = str(told["access_token"])
        return True


def sign_in(url: str, account: Account, session: requests.Session) -> requests.Session:
    """Return the session with what signs the account in."""
    if account.client_id or account.token:
        session.auth = Bearer(url, account, session)
    elif account.user:
        session.auth = (account.user, account.password)
    return session


def _why(told: object) -> str:
    if isinstance(told, dict) and told.get("error"):
        return " ".join(str(told[key]) for key in ("error", "error_description") if told.get(key))
    return "the answer holds none"
