"""An instance under test: the simulator in this process, the simulator over HTTP, or a real instance."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from sandtable_scenarios.stage.findings import TargetUnreachable
from sandtable_scenarios.targets.control import PlaneOfTarget
from sandtable_scenarios.targets.table_api import TableApi
from sandtable_scenarios.targets.wire import Wire

BASELINE = "scenarios-baseline"
# What a simulated instance offers beside its records. A real instance offers none of these.
SIMULATED = frozenset({"control", "clock", "faults", "journal", "snapshot", "switches"})
EVERYWHERE = frozenset({"admin", "itsm"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and its password; the password stays out of every printed form."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r})"


class InstanceTarget:
    """One instance as the scenarios see it: an address, users, perhaps a test plane."""

    def __init__(
        self,
        base_url: str,
        open_session: Callable[[], requests.Session],
        *,
        kind: str,
        admin: Credentials,
        integration: Credentials,
        plane_token: str = "",
        pause: float = 0.0,
        keep_alive: Any = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.kind = kind
        self.admin = admin
        self.integration = integration
        self._open = open_session
        self._keep_alive = keep_alive
        self.session = open_session()
        if pause:
            self.session.hooks["response"].append(lambda *_, **__: time.sleep(pause))
        self.table = TableApi(self.base_url, self.session, admin.user, admin.password)
        self.wire = Wire(self.base_url, open_session)
        control = PlaneOfTarget(self.base_url, open_session(), plane_token)
        self.control: PlaneOfTarget | None = control if control.is_there() else None
        self.capabilities = EVERYWHERE | (SIMULATED if self.control else frozenset()) | self._discovered()

    def _discovered(self) -> frozenset[str]:
        found = set()
        for capability, table in (
            ("oauth", "jwt_verifier_map"),
            ("cors", "sys_cors_rule"),
            ("sir", "sn_si_incident"),
            ("itom", "em_event"),
        ):
            response = self.table.call("GET", table, params={"sysparm_limit": "1"})
            if response.status_code == 401:
                raise TargetUnreachable(f"the instance refuses {self.admin.user!r}: check the admin user and password")
            if response.status_code == 200:
                found.add(capability)
        return frozenset(found)

    def mark(self) -> None:
        """Remember the present state, to go back to; nothing happens where there is no test plane."""
        if hasattr(self._keep_alive, "mark"):
            self._keep_alive.mark()
        elif self.control is not None:
            self.control.save(BASELINE)

    def go_back(self) -> None:
        """Go back to the marked state, without faults, with an empty journal."""
        if self.control is not None:
            self.control.clear_faults()
        if hasattr(self._keep_alive, "go_back"):
            # It begins a new journal as well.
            self._keep_alive.go_back()
        elif self.control is not None:
            self.control.restore(BASELINE)
            self.control.forget_requests()

    @property
    def scope(self) -> str:
        """The encoded query, ending in ``^`` if not empty, of what a story may have touched.

        A simulated instance is ours alone. On a real one only what our two users made lately is looked at.
        """
        if self.control is not None:
            return ""
        users = f"sys_created_by={self.integration.user}^ORsys_created_by={self.admin.user}"
        return f"{users}^sys_created_onRELATIVEGT@hour@ago@2^"

    def open_session(self) -> requests.Session:
        """Return a fresh session without credentials that reaches this instance."""
        return self._open()

    def close(self) -> None:
        """Let go of the sessions and of an instance that was started in this process."""
        self.session.close()
        if hasattr(self._keep_alive, "close"):
            self._keep_alive.close()


DEFAULT_ADMIN = Credentials("admin", "admin")
DEFAULT_INTEGRATION = Credentials("elastic.integration", "elastic-integration")


SIMULATOR = "sandtable.library.in_process:rehearsal_instance"
LISTENING = "sandtable.library.in_process:listening_instance"


def simulator_for(connector: str) -> str:
    """Return the factory of a simulator that a connector can reach: a program and a Kibana want a socket."""
    return LISTENING if connector.startswith(("cmd:", "http://", "https://")) else SIMULATOR


def instance_from(
    text: str,
    *,
    admin: Credentials = DEFAULT_ADMIN,
    integration: Credentials = DEFAULT_INTEGRATION,
    plane_token: str = "",
    verify: bool | str = True,
    pause: float | None = None,
) -> InstanceTarget:
    """Return the instance that a command-line value names: ``module:factory`` in this process, or an http(s) address.

    Raises TargetUnreachable when nothing answers there. A target without a test plane is treated as a real instance:
    what the scenarios create is tagged and removed, and calls are spaced by ``pause`` seconds (0.1 by default).
    """
    if text.startswith(("http://", "https://")):

        def open_http() -> requests.Session:
            session = requests.Session()
            session.verify = verify
            return session

        probe = PlaneOfTarget(text, open_http(), plane_token).is_there()
        gap = pause if pause is not None else (0.0 if probe else 0.1)
        kind = "simulator" if probe else "real"
        return InstanceTarget(
            text, open_http, kind=kind, admin=admin, integration=integration, plane_token=plane_token, pause=gap
        )
    module, _, factory = text.partition(":")
    if not factory:
        raise TargetUnreachable(f"{text!r} does not name an instance; write module:factory or an http(s) address")
    try:
        made = getattr(importlib.import_module(module), factory)()
    except (ImportError, AttributeError) as problem:
        raise TargetUnreachable(f"instance {text!r} cannot be loaded: {problem}") from problem
    return InstanceTarget(
        made.base_url, made.session, kind="in-process", admin=admin, integration=integration, keep_alive=made
    )
