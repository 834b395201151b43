"""Sends a call again whose answer did not come in time."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            ('        except requests.RequestException as problem:\n            raise Failed(f"no answer'),
            (
                "        except requests.Timeout:\n"
                "            return self._http.request(method, self.base + path, allow_redirects=False, timeout=3600, **options)\n"
                "        except requests.RequestException as problem:\n"
                '            raise Failed(f"no answer'
            ),
        ),
    ),
    scenarios=("slow",),
    within=60,
)
