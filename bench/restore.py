"""What it costs to put an instance of ten thousand incidents back, beside the requests that a test makes of it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

INCIDENTS = 10_000
ROUNDS = 15


def run(*, most: int = INCIDENTS) -> None:
    """Print medians and their ratios to one insert over the Table API; `most` is how many incidents at most."""
    from sandtable.library.in_process import DEFAULT_URL, session_for
    from sandtable.library.plane_client import PlaneClient
    from sandtable.serving.assembly import create_instance
    from sandtable.web.app import create_app
    from sandtable.web.worlds.worlds import Worlds

    instance = create_instance(random_seed=1)
    count = min(INCIDENTS, most)
    with instance.transaction():
        incidents = instance.system().table("incident")
        for number in range(count):
            incidents.insert({"short_description": f"incident {number}", "correlation_id": f"rule:{number}"})
    worlds = Worlds(instance)
    world = worlds.world(instance.name)
    session = session_for(create_app(worlds), DEFAULT_URL)
    control = PlaneClient(DEFAULT_URL, session=session)

    def insert() -> None:
        session.post(f"{DEFAULT_URL}/api/now/table/incident", json={"urgency": "1"}, auth=("admin", "admin"))

    insert()
    base = median(insert)
    print(f"{count} incidents")
    report("insert one over the Table API", base, base)
    image = instance.image()
    moment = instance.snapshot()

    def undo() -> None:
        instance.restore(moment)

    report("insert ten, go back to a moment", median(undo, before=lambda: [insert() for _ in range(10)]), base)
    instance.release(moment)
    report("take an image", median(instance.image), base)
    report("become an image", median(lambda: instance.load_image(image)), base)
    report("reset a world", median(world.reset, before=insert), base)
    report("fork a world", median(lambda: worlds.drop(fork(worlds))), base)
    control.snapshot("a")
    report("reset over the test plane", median(control.reset, before=insert), base)
    report("restore over the test plane", median(lambda: control.restore("a"), before=insert), base)

    def restored_insert() -> None:
        world.reset()
        insert()

    report("reset, then insert one", median(restored_insert), base)


def fork(worlds: object) -> str:
    worlds.fork("copy", worlds.default.name)  # type: ignore[attr-defined]
    return "copy"


def median(action: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """Return the median seconds of an action; what is done before each round does not count."""
    taken = []
    for _ in range(ROUNDS):
        before()
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def report(what: str, seconds: float, base: float) -> None:
    """Print one figure with its ratio."""
    print(f"{what:<34}{seconds * 1000:9.2f} ms   x{seconds / base:.2f}", flush=True)
