"""Repeats a read at once that was refused with Retry-After."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.service",
            ("        response = self.sender.send(Request(method, url, headers, content))\n"),
            (
                "        response = self.sender.send(Request(method, url, headers, content))\n"
                "        for _ in range(2):\n"
                '            if method == "GET" and response.status in (429, 503):\n'
                "                response = self.sender.send(Request(method, url, headers, content))\n"
            ),
        ),
    ),
    scenarios=("hurried",),
    caught_by=("faults.retry-after",),
    within=15,
)
