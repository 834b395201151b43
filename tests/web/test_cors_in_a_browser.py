"""A page in a real browser calls the health resource of an instance on another origin, as Kibana's form does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.browsing import Window

from sandtable.core.platform.instance import Instance
from sandtable.serving.server import Server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.recorded("what Chromium does with the answers; Elastic's set-up guide: a CORS rule for Kibana's URL"),
]
HEALTH = "/api/x_elas2_inc_int/elastic_api/health"
PAGE = """<!DOCTYPE html><meta charset="utf-8"><pre id="outcome">nothing</pre><script>
(async () => {
  let outcome;
  try {
    const answer = await fetch(%s, {headers: {Authorization: "Basic " + btoa(%s)}});
    outcome = {status: answer.status, body: await answer.json()};
  } catch (error) {
    outcome = {blocked: error.name};
  }
  document.getElementById("outcome").textContent = JSON.stringify(outcome);
})();
</script>"""


class Page(BaseHTTPRequestHandler):
    """Serves a page that calls the address in its query with the credentials in its query, and shows what came."""

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        page = PAGE % (json.dumps(asked["call"][0]), json.dumps(asked["as"][0])) if "call" in asked else ""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def kibana() -> Iterator[str]:
    """The origin of the page: another for each test, because a browser remembers what an origin may do."""
    site = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=site.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://localhost:{site.server_port}"
    site.shutdown()
    thread.join()
    site.server_close()


@pytest.fixture
def call(window: Window, kibana: str, server: Server) -> Iterator[Any]:
    """Open the page; return what it shows, and what the browser wrote to its console."""
    page = window.page
    said: list[str] = []

    def heard(message: Any) -> None:
        said.append(message.text)

    def run(user: str = "elastic.integration:elastic-integration") -> tuple[dict[str, Any], str]:
        page.goto(f"{kibana}/?call={server.url}{HEALTH}&as={user}")
        page.wait_for_function("document.getElementById('outcome').textContent != 'nothing'")
        shown: dict[str, Any] = json.loads(page.text_content("#outcome"))
        return shown, "\n".join(said)

    page.on("console", heard)
    yield run
    page.remove_listener("console", heard)


def set_domain(instance: Instance, domain: str) -> None:
    rules = instance.system().table("sys_cors_rule")
    shipped = rules.first("rest_api.name=Elastic ITSM API")
    assert shipped is not None
    rules.update(shipped.sys_id, {"domain": domain})


def test_with_the_rule_the_page_reads_the_answer(instance: Instance, kibana: str, call: Any) -> None:
    set_domain(instance, kibana)
    shown, _ = call()
    assert shown["status"] == 200
    assert shown["body"]["result"]["scope"] == "x_elas2_inc_int"


def test_with_the_rule_the_page_reads_a_refusal_too(instance: Instance, kibana: str, call: Any) -> None:
    set_domain(instance, kibana)
    shown, _ = call("elastic.integration:wrong")
    assert (shown["status"], shown["body"]["status"]) == (401, "failure")


def test_without_the_rule_the_browser_hides_the_answer(instance: Instance, call: Any) -> None:
    for record in instance.system().table("sys_cors_rule").query():
        instance.system().table("sys_cors_rule").delete(record.sys_id)
    shown, console = call()
    assert shown == {"blocked": "TypeError"}
    assert "blocked by CORS policy" in console


def test_with_a_rule_for_another_port_the_browser_hides_the_answer(instance: Instance, kibana: str, call: Any) -> None:
    set_domain(instance, kibana[:-1] + ("2" if kibana.endswith("1") else "1"))
    shown, console = call()
    assert shown == {"blocked": "TypeError"}
    assert "blocked by CORS policy" in console


def test_a_rule_whose_headers_leave_authorization_out(instance: Instance, kibana: str, call: Any) -> None:
    set_domain(instance, kibana)
    rules = instance.system().table("sys_cors_rule")
    for record in rules.query("rest_api.name=Elastic ITSM API"):
        rules.update(record.sys_id, {"access_control_allow_headers": "Content-Type"})
    shown, console = call()
    assert shown == {"blocked": "TypeError"}
    assert "authorization" in console.lower()
