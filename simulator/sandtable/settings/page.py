"""The settings as a page of documentation, from the same fields that the command line and the environment use."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sandtable.settings.settings import PREFIX, Settings

HEAD = """# Settings

How one `sandtable serve` is run. What belongs to the instance itself (users, roles, switches of its behaviour) is a
record in it, not a setting; `properties` is the bridge for the ones you want from the first moment on.

A setting comes from the nearest of: command-line flag, environment variable, TOML file, default. The file is the one
named by `--config` or `SANDTABLE_CONFIG`, else `sandtable.toml` in the working directory. `PORT` is honoured too,
behind `SANDTABLE_PORT`. A key that does not exist, in the file or as `SANDTABLE_...` in the environment, is an error
that names it. Names that belong to others are left alone: those of the other commands (`SANDTABLE_APP_*`,
`SANDTABLE_CLONE_*`, `SANDTABLE_CONNECTOR_*`, `SANDTABLE_DOCTOR_*`, `SANDTABLE_DRIFT_*`, `SANDTABLE_OAUTH_*`,
`SANDTABLE_REHEARSE_*`, `SANDTABLE_SCENARIOS_*`, `SANDTABLE_TEST_*`; `SANDTABLE_API_KEY`, `SANDTABLE_BEHAVIOUR`,
`SANDTABLE_CONNECTORS`, `SANDTABLE_ENCRYPTION_KEY`, `SANDTABLE_KIBANA_YML`), and what Kubernetes adds for a service of
our name (`SANDTABLE_SERVICE_*`, `SANDTABLE_PORT_8080_*`, and `SANDTABLE_PORT` when it holds an address such as
`tcp://10.0.0.1:8080`).

`SANDTABLE_URL` is the address of a running instance: the commands that work on one (`reset`, `load`, `faults`,
`requests`, `app`, `health`, `doctor` ...) take it where they are given none. Files of yours, such as a `kibana.yml`,
may use it too.

`sandtable serve --show-settings` prints the settings in force, without the secrets.

```toml
# sandtable.toml
port = 8090
name = "acme"
random_seed = 7

[properties]
"glide.rest.max_content_length" = "25"
```

| setting | default | flag | environment | meaning |
|---|---|---|---|---|
"""


def settings_page() -> str:
    """Return docs/settings.md."""
    return HEAD + "".join(f"{_row(item)}\n" for item in dataclasses.fields(Settings))


def _row(item: dataclasses.Field[Any]) -> str:
    flag = f"--{item.name.replace('_', '-')}"
    if str(item.type) == "bool":
        flag = f"{flag}, --no-{flag[2:]}"
    if item.name == "properties":
        flag = "--property NAME=VALUE"
    cells = (f"`{item.name}`", _default(item), f"`{flag}`", f"`{PREFIX}{item.name.upper()}`", item.metadata["help"])
    return f"| {' | '.join(cells)} |"


def _default(item: dataclasses.Field[Any]) -> str:
    value = getattr(Settings(), item.name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value in ("", None) or (isinstance(value, Mapping) and not value):
        return "none"
    return f"`{value}`"
