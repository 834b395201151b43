"""Follows redirects to any host with its credentials."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            "method, self.base + path, allow_redirects=False,",
            'method, self.base + path, hooks={"response": lambda answer, **_: self._http.get(answer.headers["Location"], auth=options.get("auth"), headers=options.get("headers")) if answer.is_redirect else answer}, allow_redirects=False,',
        ),
    ),
    scenarios=("redirected", "everything-fails"),
    within=60,
)
