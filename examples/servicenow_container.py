"""The instance as a testcontainers class; needs `pip install testcontainers` and a container engine.

with ServiceNowContainer() as servicenow:
    IncidentClient(servicenow.url, *servicenow.admin).open("disk full")
    servicenow.reset()
"""

from __future__ import annotations

from urllib.request import Request, urlopen

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

PORT = 8080


class ServiceNowContainer(DockerContainer):
    """A ServiceNow instance in a container; settings are environment variables, as in docs/settings.md."""

    def __init__(self, image: str = "sandtable", **settings: str) -> None:
        super().__init__(image)
        self.admin = ("admin", settings.get("admin_password", "admin"))
        self._token = settings.get("plane_token", "")
        self.integration = ("elastic.integration", settings.get("integration_password", "elastic-integration"))
        self.with_exposed_ports(PORT)
        for name, value in settings.items():
            self.with_env(f"SANDTABLE_{name.upper()}", value)
        self.waiting_for(HttpWaitStrategy(PORT, "/_sandtable/health/ready").for_status_code(200))

    @property
    def url(self) -> str:
        """The address of the instance on this machine."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(PORT)}"

    def reset(self) -> None:
        """Make the instance as new."""
        headers = {"X-Sandtable-Token": self._token} if self._token else {}
        with urlopen(Request(f"{self.url}/_sandtable/reset", b"{}", headers)) as answer:  # noqa: S310
            answer.read()
