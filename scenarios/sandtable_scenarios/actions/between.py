"""What stands between a connector and its instance: answers that come too late, and redirects to another host."""

from __future__ import annotations

from urllib.parse import urlsplit

from sandtable_scenarios.actions.trouble import EVERYWHERE
from sandtable_scenarios.checks.whole import STAYS_HOME
from sandtable_scenarios.stage.findings import NotOffered
from sandtable_scenarios.stage.world import StoryOver, World
from sandtable_scenarios.targets.abroad import Abroad, AbroadServer, Late
from sandtable_scenarios.targets.connectors import InProcess

MARGIN, LONGEST_WAIT = 0.5, 5.0


def answer_late(world: World, place: str) -> None:
    """Let the next answer of this kind come later than the connector waits for it."""
    when = EVERYWHERE[place]
    world.facts["fault"], world.facts["passing"] = "too late", ("too late",)
    if isinstance(world.connector, InProcess):
        session = world.instance.open_session()
        late = Late(session.get_adapter(world.instance.base_url), when)
        session.mount(world.instance.base_url, late)
        world.facts["session"], world.facts["late"] = session, late
        return
    patience = world.connector.offers.timeout
    if not 0 < patience <= LONGEST_WAIT:
        raise NotOffered("a time limit that can be waited for")
    fault = {"fault": "latency", "with": {"seconds": patience + MARGIN}, "when": {**when, **_ours(world)}, "times": 1}
    world.require_control().inject(fault)


def _ours(world: World) -> dict[str, str]:
    return {"user": world.instance.integration.user}


def redirect(world: World, place: str, host: str, status: int = 302) -> None:
    """Let the instance send the next call of this kind on to another host."""
    control, address = world.require_control(), urlsplit(world.instance.base_url)
    world.facts["fault"] = "sent on"
    if isinstance(world.connector, InProcess):
        name = address.hostname or ""
        url = {
            "elsewhere": "https://elsewhere.example.com",
            "sibling": f"https://evil.{name.partition('.')[2] or 'example.com'}",
            "evil": f"https://{name}.evil.example",
            "plain": f"http://other-{name}",
            "another port": f"{address.scheme}://{name}:8443",
        }[host]
        abroad = Abroad()
        session = world.instance.open_session()
        session.mount(url, abroad)
        world.facts["session"], world.facts["abroad"] = session, abroad
    else:
        server: AbroadServer | None = world.learned.get("abroad")
        if server is None:
            server = world.learned["abroad"] = AbroadServer()
        server.leaked.clear()
        world.facts["abroad"], url = server, server.url
    location = f"{url}/api/now/table/incident"
    fault = {"fault": "login-redirect", "with": {"location": location, "status": status}, "times": 1}
    control.inject({**fault, "when": {**EVERYWHERE[place], **_ours(world)}})


def look_abroad(world: World) -> None:
    """Check that no credentials reached the other host."""
    abroad = world.facts.get("abroad")
    if abroad is None:
        raise StoryOver
    world.visited("a redirect was followed abroad" if abroad.calls else "a redirect to abroad was not followed")
    leaked = sorted(set(abroad.leaked))
    world.check(STAYS_HOME, not leaked, "no credentials at another host", f"{', '.join(leaked)} sent to another host")
    world.facts.pop("session", None)


ACTIONS = {"answer_late": answer_late, "redirect": redirect, "look_abroad": look_abroad}
