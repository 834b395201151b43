"""What the demo prints: a timeline, then a table of the incidents, then how it went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandtable.demo.stage import ADMIN, Played, Stage
from sandtable.demo.story import Step, Story
from sandtable_connector.transport.trace import Exchange

STATES = {"1": "New", "2": "In Progress", "3": "On Hold", "6": "Resolved", "7": "Closed", "8": "Canceled"}
ENDED = frozenset({"6", "7", "8"})
COLOURS = {"created": "green", "updated": "cyan", "closed": "magenta", "refused": "yellow", "failed": "red"}
WIDTH = 110


class Telling:
    """Tells the story while it is played. Each method that may find something wrong returns how many things."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(width=WIDTH, highlight=False, soft_wrap=True)

    def opening(self, stage: Stage, story: Story) -> None:
        """Say who is on stage."""
        who = f"{len(stage.people)} people ({', '.join(stage.people[:3])} ...)"
        self._console.print(f"instance  {stage.url}  with {who}")
        self._console.print(f"story     {len(story.alerts)} alert documents of five rules; times are UTC\n")

    def step(self, played: Played, step: Step) -> int:
        """Tell of one step."""
        line = Text()
        if step.alert is not None:
            call = step.calls[0]
            line.append(f"{call.at:%H:%M:%S}  ", "dim")
            line.append(f"{call.rule_name}: {_short(call.alert_id)} ")
            line.append("recovered" if call.kind == "recovered" else "active", "bold")
            line.append(f"  -> {call.sub_action}")
        else:
            line.append("          a person closes the incident in ServiceNow")
        self._console.print(line)
        for exchange in played.exchanges:
            self._console.print(Text(f"            {_request(exchange)}", "dim"))
        end = Text("          = ")
        end.append(played.outcome, COLOURS.get(played.outcome, ""))
        if played.incident is not None:
            state = STATES.get(played.incident["state"], played.incident["state"])
            end.append(f"  {played.incident['number']}  {state}")
        if played.comments:
            end.append(f"  {played.comments} comment{'' if played.comments == 1 else 's'}", "dim")
        if played.error:
            end.append(f"  {_plain(played.error)}", "yellow")
        self._console.print(end)
        for text in played.wrong:
            self._console.print(Text(f"          ! {text}", "bold red"))
        return len(played.wrong)

    def table(self, incidents: list[dict[str, Any]], end: Mapping[str, str], names: Mapping[str, str]) -> int:
        """Show all incidents, and compare their states with the end of the story."""
        table = Table("number", "state", "opened", "closed", "short description", "correlation ID", box=None)
        table.columns[4].overflow = table.columns[5].overflow = "ellipsis"
        for column in table.columns:
            column.no_wrap = True
        for each in incidents:
            table.add_row(
                each["number"]["value"],
                each["state"]["display_value"],
                each["opened_at"]["value"][11:],
                each["closed_at"]["value"][11:],
                _short(each["short_description"]["value"], 34),
                _short(each["correlation_id"]["value"], 30),
            )
        self._console.print()
        self._console.print(table)
        states = {names.get(each["sys_id"]["value"], "?"): each["state"]["value"] for each in incidents}
        wrong = sorted(set(states.items()) ^ set(end.items()))
        for name, state in wrong:
            self._console.print(Text(f"! {name}: state {state} is not as the story ends", "bold red"))
        return len(wrong)

    def closing(self, wrong: int) -> None:
        """Say how it went."""
        if wrong:
            self._console.print(Text(f"\n{wrong} things are not as the rules say", "bold red"))
        else:
            self._console.print("\nevery step ended as the rules say")

    def still_open(self, incidents: list[dict[str, Any]], why: Mapping[str, str], names: Mapping[str, str]) -> None:
        """Say of each incident that is still open why it is, where the story knows."""
        for each in incidents:
            reason = why.get(names.get(each["sys_id"]["value"], ""))
            if reason and each["state"]["value"] not in ENDED:
                self._console.print(f"{each['number']['value']} stays open: {reason}")

    def where_to_watch(self) -> None:
        """Say how to watch the story in a browser."""
        self._console.print("watch it in a browser: make demo ARGS=--live")

    def live(self, address: str) -> None:
        """Say where the demo plays."""
        self._console.print(f"the demo plays at {address}  (Ctrl-C ends it)")

    def how_to_look(self, url: str) -> None:
        """Say how to look at the instance that goes on running, with a browser first."""
        user = ":".join(ADMIN)
        self._console.print(f"\nstill serving at {url}; Ctrl-C ends it. In a browser (user admin, password admin):")
        for path in ("/incident_list.do", "/$pa_dashboard.do", "/_console/workshop/requests"):
            self._console.print(f"  {url}{path}")
        self._console.print("and from a shell:")
        self._console.print(f"  curl -s -u {user} '{url}/api/now/table/incident?sysparm_fields=number,state'")
        self._console.print(f"  curl -s -u {user} '{url}/api/now/table/sys_journal_field?sysparm_fields=element,value'")


def _request(exchange: Exchange) -> str:
    parts = urlsplit(exchange.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return f"{exchange.method} {_short(target, 78)}  {exchange.status or exchange.error}"


def _short(text: str, longest: int = 60) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _plain(text: str) -> str:
    return _short(text.removeprefix("[ServiceNow][CloseIncident] "), 90)
