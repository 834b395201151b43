"""Keeps its credentials where a redirect leads to another host."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.transport.redirects",
            "    if not _keeps_credentials(request.url, url):",
            '    if not _keeps_credentials(request.url, url) and url.startswith("ftp"):',
        ),
    ),
    scenarios=("redirected",),
    within=60,
)
