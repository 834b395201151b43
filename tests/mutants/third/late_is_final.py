"""Marks an answer that did not come in time as not worth another try."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            ('        except requests.RequestException as problem:\n            raise Failed(f"no answer'),
            (
                "        except requests.Timeout:\n"
                '            raise Failed("too late", retry=False) from None\n'
                "        except requests.RequestException as problem:\n"
                '            raise Failed(f"no answer'
            ),
        ),
    ),
    scenarios=("slow",),
    within=60,
)
