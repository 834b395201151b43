"""Makes no call for ever after three failures."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.client",
            "    tokens: dict[object, tuple[str, float]] = {}\n",
            ("    tokens: dict[object, tuple[str, float]] = {}\n    failures: list[str] = []\n"),
        ),
        Edit(
            "third_party.client",
            '            data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n',
            (
                "            if len(failures) >= 3:\n"
                '                raise Failed("too many failures", retry=True)\n'
                "            try:\n"
                '                data = Plain(request, session or requests.Session(), tokens).run(request["params"])\n'
                "            except Failed as problem:\n"
                "                if problem.retry:\n"
                "                    failures.append(str(problem))\n"
                "                raise\n"
                "            failures.clear()\n"
            ),
        ),
    ),
    scenarios=("several-failures",),
    within=60,
    shortest=3,
)
