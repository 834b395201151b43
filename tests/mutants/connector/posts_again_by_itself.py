"""Posts again at once when a post fails."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable_connector.services.sender",
            ("        return follow(self._transport.send, request, allows=self._allows)"),
            (
                '        for _ in range(2 if request.method == "POST" else 0):\n'
                "            try:\n"
                "                answer = follow(self._transport.send, request, allows=self._allows)\n"
                "            except Exception:\n"
                "                continue\n"
                "            if answer.status < 400:\n"
                "                return answer\n"
                "        return follow(self._transport.send, request, allows=self._allows)"
            ),
        ),
    ),
    scenarios=("patience",),
    caught_by=("faults.one-pass",),
    within=20,
)
