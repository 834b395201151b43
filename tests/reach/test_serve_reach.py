"""`sandtable serve --tls --proxy` and `sandtable ca`, run as a user runs them."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from sandtable.cli import main
from sandtable.serving.tls.authority import DevelopmentAuthority
from sandtable.settings.settings import Settings, SettingsError, load_settings

pytestmark = pytest.mark.ours("serve says where it is, which certificate to trust, and never a secret")
COMMAND = [sys.executable, "-m", "sandtable.cli"]


class Running:
    """A `sandtable serve` in a process of its own, with what it has written so far."""

    def __init__(self, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.upper().startswith("SANDTABLE_") and k != "PORT"}
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=kept | environment,
        )
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline().strip()
        found = re.match(r"ready at (\S+)", self.ready)
        self.url = found.group(1) if found else ""

    def stop(self) -> str:
        """Stop it in good order; return all it has written."""
        self.process.send_signal(signal.SIGTERM)
        output, errors = self.process.communicate()
        assert self.process.returncode == 0, errors
        return "\n".join((self.ready, output, errors))


@pytest.fixture
def serve() -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(*arguments: str, **environment: str) -> Running:
        started.append(Running(arguments, environment))
        assert started[-1].url, started[-1].process.communicate()
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


def line_of(process: subprocess.Popen[str], words: str) -> str:
    """Read what the process writes to its log until a line has the words."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line.strip()
    raise AssertionError(f"no line with {words!r}")


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        yield made


def test_tls_and_proxy(serve: Callable[..., Running], session: requests.Session, tmp_path: Path) -> None:
    server = serve("--tls", "--proxy", "0", "--name", "acme", XDG_DATA_HOME=str(tmp_path))
    assert server.url.startswith("https://127.0.0.1:")
    certificate = line_of(server.process, "CA certificate").rpartition(" ")[2]
    assert certificate == str(tmp_path / "sandtable" / "ca.crt")
    proxy = line_of(server.process, "proxy for *.service-now.com").partition("HTTPS_PROXY=")[2]
    session.verify = certificate
    path = "/api/now/table/incident?sysparm_limit=1"
    assert session.get(server.url + path, auth=("admin", "admin")).status_code == 200
    session.proxies = {"https": proxy}
    assert session.get("https://acme.service-now.com" + path, auth=("admin", "admin")).status_code == 200
    server.stop()


def test_the_ca_command_tells_and_exports(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(main, ["ca", "--ca-folder", str(tmp_path / "ca"), *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    path = Path(run().strip())
    assert path == tmp_path / "ca" / "ca.crt"
    assert run("--export", "-") == path.read_text()
    copy = tmp_path / "copy.crt"
    assert run("--export", str(copy)).strip() == str(copy)
    assert copy.read_text() == path.read_text()
    described = json.loads(run("--json"))
    assert described["certificate"] == str(path)
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", described["sha256"])
    assert json.loads(run("--renew", "--json"))["sha256"] != described["sha256"]
    assert "PRIVATE" not in run("--export", "-")


def test_the_ca_command_names_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(main, ["ca", "--ca-folder", str(tmp_path / "file" / "x")])
    assert (result.exit_code, "--ca-folder" in result.output) == (1, True)
    result = CliRunner().invoke(main, ["ca", "--ca-folder", str(tmp_path), "--export", str(tmp_path / "no" / "x")])
    assert (result.exit_code, "cannot be written" in result.output) == (1, True)


def test_a_certificate_of_ones_own(
    serve: Callable[..., Running], session: requests.Session, authority: DevelopmentAuthority, tmp_path: Path
) -> None:
    pem = tmp_path / "own.pem"
    pem.write_text(authority.issue(["127.0.0.1"]))
    server = serve("--tls-certificate", str(pem), "--tls-key", str(pem), XDG_DATA_HOME=str(tmp_path / "unused"))
    session.verify = str(authority.certificate_path)
    assert session.get(f"{server.url}/_sandtable/health/ready").status_code == 200
    server.stop()
    assert not (tmp_path / "unused").exists()


@pytest.mark.parametrize("content", ["", "nonsense"])
def test_an_unusable_certificate_is_named(tmp_path: Path, content: str) -> None:
    pem = tmp_path / "own.pem"
    pem.write_text(content)
    for certificate in (pem, tmp_path / "missing.pem"):
        arguments = [*COMMAND, "serve", "--port", "0", "--tls-certificate", str(certificate), "--tls-key", str(pem)]
        done = subprocess.run(arguments, capture_output=True, text=True)
        assert done.returncode == 1
        assert str(certificate) in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "values, words",
    [
        ({"proxy": 70000}, "proxy must be a port"),
        ({"proxy": 8080}, "a port of its own"),
        ({"proxy": 0, "proxy_hosts": " , "}, "proxy_hosts is empty"),
        ({"proxy_hosts": "https://a.service-now.com"}, "proxy_hosts lists host names"),
        ({"proxy_hosts": "*"}, "proxy_hosts lists host names"),
        ({"tls_names": "a b"}, "tls_names lists host names"),
    ],
)
def test_settings_that_cannot_be(values: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load_settings(values, environ={})


def test_names_and_addresses_are_hosts() -> None:
    settings = load_settings({"proxy_hosts": "*.service-now.com, snow,10.0.0.1,::1", "tls_names": "snow"}, environ={})
    assert settings.proxy_hosts.count(",") == 3


@pytest.mark.documented("this project's security page: loopback by default, and a warning with default passwords")
def test_nobody_else_is_let_in_by_default(serve: Callable[..., Running], tmp_path: Path) -> None:
    default = Settings()
    assert (default.host, default.exposed) == ("127.0.0.1", False)
    warned = serve("--host", "0.0.0.0", "--log", "off").stop()
    assert "warning: 0.0.0.0 can be reached by other machines" in warned
    for words in ("--admin-password", "--integration-password", "--no-sample-logins", "--plane-token"):
        assert words in warned
    own = ["--admin-password", "a1", "--integration-password", "b2", "--plane-token", "c3", "--no-sample-logins"]
    quiet = serve("--host", "0.0.0.0", *own, "--log", "off").stop()
    assert "warning" not in quiet


def test_the_test_plane_wants_the_token_that_was_set(serve: Callable[..., Running], session: requests.Session) -> None:
    server = serve("--plane-token", "hunter2", "--log", "off")
    worlds = f"{server.url}/_sandtable/worlds"
    assert session.get(worlds).status_code == 401
    assert session.get(worlds, headers={"X-Sandtable-Token": "hunter3"}).status_code == 401
    assert session.get(worlds, auth=("admin", "admin")).status_code == 401
    assert session.get(worlds, headers={"X-Sandtable-Token": "hunter2"}).status_code == 200
    page = {"X-Sandtable-Token": "hunter2", "Origin": "https://evil.example.com"}
    assert session.get(worlds, headers=page).status_code == 403
    assert session.get(f"{server.url}/_sandtable/health/ready").status_code == 200
    off = serve("--no-plane", "--log", "off")
    assert session.get(f"{off.url}/_sandtable/worlds").status_code == 404


SECRETS = {
    "password": "hunter2-password",
    "admin_password": "hunter2-admin",
    "plane": "hunter2-plane",
    "client_secret": "hunter2-client",
    "assertion": "hunter2.assertion.jwt",
    "refresh_token": "hunter2-refresh",
    "bearer": "hunter2-bearer",
    "api_key": "hunter2-key",
    "cookie": "hunter2cookie",
    "user_token": "hunter2-usertoken",
    "code": "hunter2-code",
}


@pytest.mark.parametrize("kind", ["text", "json"])
def test_no_secret_is_in_any_log(
    serve: Callable[..., Running], session: requests.Session, tmp_path: Path, kind: str
) -> None:
    server = serve(
        *("--log", kind, "--tls", "--proxy", "0", "--admin-password", SECRETS["admin_password"]),
        *("--plane-token", SECRETS["plane"]),
        XDG_DATA_HOME=str(tmp_path),
    )
    session.verify = line_of(server.process, "CA certificate").rpartition(" ")[2]
    table = f"{server.url}/api/now/table/sys_user?sysparm_limit=1"
    assert session.get(table, auth=("admin", SECRETS["admin_password"])).status_code == 200
    session.cookies.clear()
    assert session.get(table, auth=("admin", SECRETS["password"])).status_code == 401
    for headers in (
        {"Authorization": f"Bearer {SECRETS['bearer']}"},
        {"x-sn-apikey": SECRETS["api_key"]},
        {"Cookie": f"JSESSIONID={SECRETS['cookie']}", "X-UserToken": SECRETS["user_token"]},
        {"X-Sandtable-Token": SECRETS["plane"]},
    ):
        session.get(table, headers=headers)
        session.get(f"{server.url}/_sandtable/health/ready", headers=headers)
        session.cookies.clear()
    names = ("password", "client_secret", "assertion", "refresh_token", "code")
    form = {name: SECRETS[name] for name in names}
    for grant in ("password", "refresh_token", "authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"):
        answer = session.post(
            f"{server.url}/oauth_token.do", data={"grant_type": grant, "username": "admin", "client_id": "x", **form}
        )
        assert answer.status_code in (400, 401)
    session.post(f"{server.url}/oauth_token.do", params={"grant_type": "password", **form})
    session.get(table, params={"x-sn-apikey": SECRETS["api_key"], "sysparm_ck": SECRETS["user_token"]})
    user = {"user_name": "log.reader", "user_password": SECRETS["password"]}
    admin = ("admin", SECRETS["admin_password"])
    assert session.post(f"{server.url}/api/now/table/sys_user", json=user, auth=admin).status_code == 201
    system_log = session.get(f"{server.url}/api/now/table/syslog", auth=admin)
    assert system_log.status_code == 200
    written = server.stop() + system_log.text
    assert "/oauth_token.do" in written
    for name, secret in SECRETS.items():
        assert secret not in written, name
        assert base64.b64encode(secret.encode()).decode() not in written, name
        assert base64.b64encode(f"admin:{secret}".encode()).decode() not in written, name
    assert "PRIVATE KEY" not in written
