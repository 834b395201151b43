"""Takes scheme and host of the instance's address, and not its path."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            '        self.base = str(config["apiUrl"]).rstrip("/")',
            '        from urllib.parse import urlsplit\n        parts = urlsplit(str(config["apiUrl"]))\n        self.base = f"{parts.scheme}://{parts.netloc}"',
        ),
    ),
    scenarios=("misconfigured",),
    caught_by=("config.address",),
    within=40,
    shortest=1,
)
