"""Asks for a token again at once when it was told to wait."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.auth.oauth_jwt",
            ("            answer = yield self.token_request()\n"),
            (
                "            answer = yield self.token_request()\n"
                "            if answer.status in (429, 503):\n"
                "                answer = yield self.token_request()\n"
            ),
        ),
    ),
    scenarios=("hurried",),
    caught_by=("faults.retry-after",),
    within=15,
)
