"""The container files, as far as they can be checked without a container: what they name exists and fits together."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import yaml

from sandtable.cli import OWN
from sandtable.cli.serving.beginning import begun_worlds
from sandtable.serving.assembly import make_worlds
from sandtable.serving.reach import Reach
from sandtable.settings.settings import Settings, load_settings
from sandtable.web.app import create_app
from sandtable_connector.registry import Registry
from sandtable_connector.settings.kibana_yml import read_kibana_yml

pytestmark = pytest.mark.ours("the container files name only what there is, and their parts work together")

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
COMPOSE = sorted(DOCKER.glob("compose*.yaml"))
INSIDE = "https://servicenow:8443"
SUB_ACTION = {
    "subAction": "pushToService",
    "subActionParams": {
        "incident": {"short_description": "disk full", "correlation_id": "rule:alert"},
        "comments": [{"commentId": "1", "comment": "from the compose file"}],
    },
}


def test_the_image_keeps_its_health_check_whatever_builds_it() -> None:
    """The OCI format, which buildah and podman write by themselves, has none."""
    for builder, format_asked in (("buildah", True), ("podman", True), ("docker", False)):
        shown = subprocess.run(
            ["make", "--dry-run", "image", f"BUILDER={builder}", "BASE=x"], cwd=ROOT, capture_output=True, text=True
        ).stdout
        assert f"{builder} build " in shown
        assert ("--format docker" in shown) is format_asked
        assert "--build-arg BASE=x" in shown


def services(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["services"]
    return found


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile with their arguments, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (DOCKER / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines) if word]


def ours(path: Path) -> dict[str, Any]:
    return {name: service for name, service in services(path).items() if service["image"] == "sandtable"}


# the image --------------------------------------------------------------------------------------------------------


def test_the_image_runs_our_commands_as_nobody_special() -> None:
    found = dict(instructions())
    assert int(found["USER"].partition(":")[0]) > 0
    assert json.loads(found["ENTRYPOINT"]) == ["sandtable"]
    (command,) = json.loads(found["CMD"])
    health = json.loads(found["HEALTHCHECK"].partition("CMD ")[2])
    assert health[0] == "python3"
    assert ("COPY", "docker/probe.py /opt/sandtable/") in instructions()
    assert health[-1] == "/opt/sandtable/probe.py"
    assert command in OWN


def test_the_image_has_what_instances_start_from_where_it_is_looked_for() -> None:
    (environment,) = [rest for word, rest in instructions() if word == "ENV"]
    (made,) = [rest for word, rest in instructions() if word == "RUN" and "keep_start_image=True" in rest]
    place = dict(re.findall(r"(\w+)=(\S+)", environment))["XDG_CACHE_HOME"]
    assert f"XDG_CACHE_HOME={place} " in made
    assert f"chmod -R a+rX {place}" in made
    assert place.startswith("/opt/sandtable/")


def test_the_settings_of_the_image_are_settings() -> None:
    (environment,) = [rest for word, rest in instructions() if word == "ENV"]
    pairs = dict(re.findall(r"(\w+)=(\S+)", environment))
    assert load_settings(environ={k: v for k, v in pairs.items() if k.startswith("SANDTABLE")}).host == "0.0.0.0"
    assert Settings().port == 8080
    assert dict(instructions())["EXPOSE"] == "8080"


def test_what_is_copied_into_the_image_is_let_through() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [
        part
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for part in rest.split()[:-1]
    ]
    assert len(copied) > 5
    for part in copied:
        assert (ROOT / part).exists(), part
        assert any(fnmatch.fnmatch(part, pattern) for pattern in kept), part


def test_the_libraries_of_the_image_are_those_of_the_package() -> None:
    (asked,) = re.findall(r"requirements\.py pyproject\.toml(.*?) >", "".join(rest for _, rest in instructions()))
    script = [sys.executable, str(DOCKER / "requirements.py"), str(ROOT / "pyproject.toml"), *asked.split()]
    listed = subprocess.run(script, capture_output=True, text=True, check=True).stdout.splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert listed == [
        *project["dependencies"],
        *(each for name in asked.split() for each in project["optional-dependencies"][name]),
    ]


# the compose files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_files_refer_to_what_they_hold(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    checked = document["services"]
    with_health = {name for name, service in checked.items() if "healthcheck" in service or "build" in service}
    for name, service in checked.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in checked, f"{name} depends on {other}"
            assert how["condition"] != "service_healthy" or other in with_health
        for mount in service.get("volumes", []):
            volume = mount.partition(":")[0]
            assert volume in document["volumes"] or (path.parent / volume).exists(), mount
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} would be reachable by other machines"
        if "build" in service:
            assert (path.parent / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_files_set_what_is_a_setting(path: Path) -> None:
    served = [service for service in ours(path).values() if "command" not in service and "entrypoint" not in service]
    assert served
    for service in served:
        settings = load_settings(environ=_filled(service["environment"]))
        mappings = service.get("ports", ["127.0.0.1:8080:8080"])  # behind a proxy it has none of its own
        assert [int(mapping.split(":")[2]) for mapping in mappings] == [settings.port]
        assert not settings.base_url, "links carry the address that the client asked, whatever port that is outside"


def test_the_kibana_stack_works_but_for_kibana(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The steps of the compose file, one after the other, with our own connector in the place of Kibana."""
    # In the containers nobody has set them.
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    path = DOCKER / "compose.kibana.yaml"
    parts = services(path)
    shared, ca = tmp_path / "shared", tmp_path / "ca"
    shared.mkdir()
    ca.mkdir()

    def moved(text: str) -> str:
        return text.replace("/shared", str(shared)).replace("/docker/", f"{DOCKER}/")

    prepare = [moved(word) if word != "/ca" else str(ca) for word in parts["prepare"]["entrypoint"][1:]]
    documents = []
    for password in ("the first", "changeme-too"):
        environment = {**_environment(parts["prepare"]), "ELASTICSEARCH_PASSWORD": password}
        made = subprocess.run([sys.executable, *prepare], capture_output=True, text=True, env=environment)
        assert made.returncode == 0, made.stderr
        documents.append(yaml.safe_load((shared / "kibana.yml").read_text()))
    text = (shared / "kibana.yml").read_text()
    first, document = documents
    assert first.pop("elasticsearch.password") == "the first"
    assert first == {name: value for name, value in document.items() if name in first}, "the keys stay"
    assert len(document["xpack.encryptedSavedObjects.encryptionKey"]) >= 32
    assert document["elasticsearch.password"] == "changeme-too"
    assert ca.stat().st_mode & 0o077 in (0, 0o055)

    environment = dict(parts["servicenow"]["environment"])
    environment |= {"PORT": "0", "SANDTABLE_CA_FOLDER": str(ca), "SANDTABLE_LOG": "off", "SANDTABLE_HOST": "127.0.0.1"}
    environment["SANDTABLE_LOAD"] = moved(environment["SANDTABLE_LOAD"])
    settings = load_settings(environ=environment)
    worlds = begun_worlds(settings)
    reach = Reach(create_app(worlds, settings), settings).start()
    try:
        here = f"https://localhost:{reach.server.port}"
        health = json.loads(dict(instructions())["HEALTHCHECK"].partition("CMD ")[2])
        own = {**_plain(), **environment, "PORT": str(reach.server.port)}
        probe = [sys.executable, *health[1:-1], str(DOCKER / "probe.py")]
        assert subprocess.run(probe, env=own).returncode == 0
        assert subprocess.run(probe, env={**own, "PORT": "1"}).returncode == 1
        (shared / "kibana.yml").write_text(text.replace(INSIDE, here).replace("/shared/", f"{shared}/"))
        registry = Registry(tmp_path / "registry", settings=read_kibana_yml(shared / "kibana.yml"))
        assert [each.id for each in registry.all()] == ["servicenow-basic", "servicenow-jwt"]
        for name in ("servicenow-basic", "servicenow-jwt"):
            result = registry.open(name).execute(SUB_ACTION)
            assert result.wire()["status"] == "ok", result.wire()
            # The second finds the incident of the first by its correlation ID.
            (incident,) = worlds.default.system().table("incident").query()
            assert (incident["correlation_id"], incident["short_description"]) == ("rule:alert", "disk full")
        users = {each.user for each in worlds.world(worlds.default.name).journal.entries() if each.method == "POST"}
        assert "elastic.integration" in users
    finally:
        reach.stop()


def _plain() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.upper().startswith("SANDTABLE_") and k != "PORT"}


def _environment(service: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment of a service as compose would fill it in, nothing being set outside."""
    return _plain() | _filled(service["environment"])


def _filled(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for name, value in environment.items()}


def test_the_proxy_leads_to_the_workers_that_the_compose_file_starts() -> None:
    found = services(DOCKER / "compose.scale.yaml")
    settings = load_settings(environ=_filled(found["servicenow"]["environment"]))
    where = urlsplit(settings.data)
    database = _filled(found[str(where.hostname)]["environment"])
    assert (where.scheme, where.username) == ("postgresql", database["POSTGRES_USER"])
    assert (where.password, where.path[1:]) == (database["POSTGRES_PASSWORD"], database["POSTGRES_DB"])
    assert found["servicenow"]["deploy"]["replicas"] == 3
    text = (DOCKER / "haproxy.cfg").read_text(encoding="utf-8")
    ((most, name, port),) = re.findall(r"^  server-template \w+ (\d+) (\w+):(\d+) ", text, re.MULTILINE)
    assert name in found
    assert int(port) == settings.port
    assert int(most) >= found["servicenow"]["deploy"]["replicas"]
    (bound,) = re.findall(r"^  bind :(\d+)", text, re.MULTILINE)
    assert found["proxy"]["ports"] == [f"127.0.0.1:{bound}:{bound}"]


def test_the_manifest_runs_workers_with_settings_that_there_are() -> None:
    documents = list(yaml.safe_load_all((DOCKER / "kubernetes.yaml").read_text(encoding="utf-8")))
    kinds = {each["kind"]: each for each in documents}
    deployment = kinds["Deployment"]["spec"]
    assert deployment["replicas"] == 3
    pod = deployment["template"]
    (container,) = pod["spec"]["containers"]
    given = {each["name"]: each.get("value", "from-a-secret") for each in container["env"]}
    settings = load_settings(environ=given)
    assert (settings.data, settings.sample_logins, settings.plane_token) == ("from-a-secret", False, "from-a-secret")
    assert settings.port == container["ports"][0]["containerPort"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert pod["spec"]["securityContext"]["runAsUser"] == int(dict(instructions())["USER"].partition(":")[0])
    probes = [container[name]["httpGet"]["path"] for name in ("startupProbe", "readinessProbe", "livenessProbe")]
    worlds = make_worlds(Settings(port=0))
    reach = Reach(create_app(worlds, Settings(plane_token="t")), Settings(port=0)).start()
    try:
        assert [requests.get(reach.server.url + path).status_code for path in probes] == [200] * 3
    finally:
        reach.stop()
    selector = deployment["selector"]["matchLabels"].items()
    assert selector <= pod["metadata"]["labels"].items()
    assert kinds["Service"]["spec"]["selector"].items() <= pod["metadata"]["labels"].items()


def test_the_certificate_of_the_stack_is_checked(tmp_path: Path) -> None:
    settings = Settings(port=0, tls=True, tls_names="servicenow", ca_folder=str(tmp_path), log="off")
    reach = Reach(create_app(make_worlds(settings), settings), settings).start()
    try:
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"https://localhost:{reach.server.port}/_sandtable/health/live", verify=True)
    finally:
        reach.stop()
