"""Takes an assertion without a signature."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "sandtable.oauth.signed.compact",
            ('        raise InvalidGrant("the assertion has no signature")'),
            ('        segments[2] = "AA"'),
        ),
        Edit(
            "sandtable.oauth.signed.assertions",
            ("    _check_signature(instance, client, token)\n    claims"),
            (
                '    if token.algorithm in ("none", "nOnE") or _check_signature(instance, client, token):\n'
                "        pass\n"
                "    claims"
            ),
        ),
        Edit(
            "sandtable.oauth.signed.assertions",
            ('    if token.algorithm not in allowed or token.algorithm not in ALGORITHMS.split(","):'),
            ('    if token.algorithm.lower() != "none" and token.algorithm not in allowed:'),
        ),
    ),
    scenarios=("bad-assertions",),
    caught_by=("instance.jwt-algorithm",),
    within=180,
)
