"""What a list of the console costs beside the Table API's answer for the same rows, among many incidents."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from werkzeug.test import Client

ROWS, ROUNDS = 20, 25
QUERIES = {"all": "", "open, newest first": "active=true^ORDERBYDESCnumber"}


def run(*, most: int = 100_000) -> None:
    """Print CPU milliseconds and their ratios to the list of plain values; `most` is how many incidents at most."""
    from sandtable.demodata import load
    from sandtable.serving.assembly import create_instance
    from sandtable.settings.settings import Settings
    from sandtable.web.app import create_app
    from sandtable.web.worlds.worlds import Worlds

    instance = create_instance(random_seed=1)
    load(instance, scale=max(min(most, 100_000) // 1000, 1))
    app = create_app(Worlds(instance), Settings(log="off"))
    browser, client = app.test_client(), app.test_client()
    browser.post("/login.do", data={"user_name": "admin", "user_password": "admin"}, headers={"Accept": "text/html"})
    print(f"{instance.system().table('incident').count():,} incidents, {ROWS} rows")
    for name, query in QUERIES.items():
        plain = f"/api/now/table/incident?sysparm_limit={ROWS}&sysparm_query={query}"
        asked = {
            "Table API": (client, plain),
            "Table API, display values too": (client, f"{plain}&sysparm_display_value=all"),
            "page": (browser, f"/incident_list.do?sysparm_userpref_rowcount={ROWS}&sysparm_query={query}"),
        }
        spent: dict[str, list[float]] = {each: [] for each in asked}
        # Taken in turns, so that whatever else the machine does is shared by all of them.
        for _ in range(ROUNDS):
            for each, (who, path) in asked.items():
                spent[each].append(cpu(who, path))
        base = statistics.median(spent["Table API"])
        for each, times in spent.items():
            median = statistics.median(times)
            print(f"  {name:<20} {each:<30} {median * 1e3:6.2f} ms  {median / base:5.2f} x")


def cpu(client: Client, path: str) -> float:
    """Return the CPU seconds of one request. Raises RuntimeError for anything but 200: a refusal is cheap."""
    headers = {"Accept": "text/html"} if path.startswith("/incident") else {"Authorization": "Basic YWRtaW46YWRtaW4="}
    began = time.process_time()
    answer = client.get(path, headers=headers)
    spent = time.process_time() - began
    if answer.status_code != 200:
        raise RuntimeError(f"{path} was answered {answer.status_code}")
    return spent
