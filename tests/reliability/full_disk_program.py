"""Fills the disk that a program may use, as seen by the program: run by test_full_disk.py, alone in a process."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import requests

from sandtable.library.in_process import WSGIAdapter
from sandtable.serving.assembly import create_instance
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

URL = "http://dev00000.example.com/api/now/table/incident"
ADMIN = ("admin", "admin")


def main(folder: Path) -> dict[str, Any]:
    """Write incidents until there is no space, read, make space, and write again; return what was answered."""
    path = folder / "instance.db"
    instance = create_instance(random_seed=1, data=str(path))
    client = requests.Session()
    client.mount("http://", WSGIAdapter(create_app(Worlds(instance))))
    client.auth = ADMIN
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = path.with_name(path.name + "-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 600_000, unlimited[1]))
    written: list[str] = []
    refused: list[Any] = []
    for number in range(400):
        answer = client.post(URL, json={"short_description": f"number {number}", "description": "x" * 20_000})
        if answer.status_code == 201:
            written.append(answer.json()["result"]["sys_id"])
        else:
            refused.append([answer.status_code, answer.json()["error"]["message"]])
        if len(refused) == 3:
            break
    reads = [client.get(f"{URL}/{sys_id}").status_code for sys_id in written]
    listed = client.get(f"{URL}?sysparm_fields=sys_id&sysparm_limit=1000")
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    afterwards = client.post(URL, json={"short_description": "there is space again"})
    instance.close()
    again = create_instance(data=str(path))
    kept = {record.sys_id for record in again.system().table("incident").query()}
    again.close()
    return {
        "written": len(written),
        "refused": refused,
        "reads": sorted(set(reads)),
        "listed": [listed.status_code, len(listed.json()["result"])],
        "afterwards": afterwards.status_code,
        "lost": [each for each in written if each not in kept],
        "kept": len(kept),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))))
