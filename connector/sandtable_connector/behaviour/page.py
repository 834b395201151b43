"""The page docs/behaviour-switches.md, written from the fields of `Behaviour`.

``python -m sandtable_connector.behaviour.page`` prints it.
"""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

from sandtable_connector.behaviour.switches import PRESETS, Behaviour

_HEAD = """# Behaviour switches of the connector

`Behaviour` is one value of named switches. `Behaviour.documented()` is the default: what Elastic's documentation
promises, and the safe choice where it is silent. The `kibana-*` presets are what Kibana does, quirks included.

```python
from sandtable_connector import Behaviour

documented = Behaviour.documented()
faithful = Behaviour.preset("kibana-8.13")
assert faithful.close_target == "newest"
mixed = documented.having(jti_claim=True, correlation_id_limit=None)
```

| preset | stands for |
|---|---|
"""


_STAYS = """## What the presets do otherwise than Kibana

Kibana's connector code was run beside the presets, request by request, in 1,297 cases. Of the 38 kinds of differences
that were found 37 are gone; what is left differs on purpose:

- HTTP that is malformed (a bad header name, two lengths, a broken chunk) is refused or read by Python's HTTP, in other
  words than Node's: no instance sends it. This is the one of the 38.
- `[::1]` as a host, an `apiUrl` without a scheme, and control characters in headers are treated as releases of axios
  differ among themselves; here they are refused or work.
- axios 1.6.3 loses credentials at redirects with some releases of follow-redirects; the presets keep them within one
  host.
- A template that names a function outside a section prints some text; Kibana prints the source of its function.
- Config and secrets are looked at when a connector is made, so a task never meets refused ones; under `kibana-9` Kibana
  looks at each attempt, and such a task is tried again.
- Numbers in templates follow the CLDR of Node 20.20 (ICU 78); an older Node writes another sign in some places, such as
  `’` between the thousands of `de-CH`.
- Credentials in `apiUrl` are refused when a connector is made: they would show up wherever the address does.
"""


def page() -> str:
    """Return the whole page: the presets, then every switch with its meaning, its values and its evidence."""
    presets = {name: make() for name, make in PRESETS.items()}
    lines = [_HEAD.rstrip("\n")]
    lines += [f"| `{name}` | {_first_sentence(make.__doc__)} |" for name, make in PRESETS.items()]
    for item in dataclasses.fields(Behaviour):
        if item.name == "name":
            continue
        lines += ["", f"## `{item.name}`", "", str(item.metadata["meaning"]), ""]
        lines += ["| " + " | ".join(presets) + " |", "|" + "---|" * len(presets)]
        values = [f"`{_shown(getattr(behaviour, item.name))}`" for behaviour in presets.values()]
        lines += ["| " + " | ".join(values) + " |", "", f"Evidence: {item.metadata['evidence']}"]
    return "\n".join([*lines, "", _STAYS.rstrip("\n")]) + "\n"


def _first_sentence(text: str | None) -> str:
    return (text or "").strip().splitlines()[0].removeprefix("Return ").rstrip(".")


def _shown(value: Any) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return repr(value) if isinstance(value, str) else str(value)


if __name__ == "__main__":
    sys.stdout.write(page())
