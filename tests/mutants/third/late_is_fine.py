"""Takes an answer that did not come in time for a success."""

from __future__ import annotations

from tests.mutants.planting import Edit, Mutant

MUTANT = Mutant(
    edits=(
        Edit(
            "third_party.calls",
            ('        except requests.RequestException as problem:\n            raise Failed(f"no answer'),
            (
                "        except requests.Timeout:\n"
                "            answer = requests.Response()\n"
                "            answer.status_code = 200\n"
                '            answer._content = b\'{"result": [{"sys_id": "0", "status": "inserted"}]}\'\n'
                "            return answer\n"
                "        except requests.RequestException as problem:\n"
                '            raise Failed(f"no answer'
            ),
        ),
    ),
    scenarios=("slow",),
    within=60,
)
