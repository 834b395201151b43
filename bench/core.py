"""What an operation of the core costs at a thousand, a hundred thousand and a million incidents."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import create_instance

STEPS = (1_000, 100_000, 1_000_000)
ROUNDS = 300


def run(*, most: int = STEPS[-1]) -> None:
    """Print microseconds and the ratio to the smallest instance for each operation and size."""
    instance = create_instance(random_seed=1)
    first: dict[str, float] = {}
    print(f"{'operation':34}" + "".join(f"{f'{size:,}':>22}" for size in STEPS if size <= most))
    results: dict[str, list[str]] = {}
    filled = 0
    for size in (each for each in STEPS if each <= most):
        fill(instance, filled, size)
        filled = size
        for name, cost in operations(instance, size):
            first.setdefault(name, cost)
            results.setdefault(name, []).append(f"{cost:>10,.0f} us  x{cost / first[name]:<6.1f}")
    for name, cells in results.items():
        print(f"{name:34}" + "".join(f"{cell:>22}" for cell in cells))


def fill(instance: Instance, start: int, end: int) -> None:
    """Put incidents straight into the store: the rules cost the same at any size, the indexes do not."""
    base = instance.system().table("incident").insert({"short_description": "a pattern"}).values_copy()
    with instance.transaction():
        for number in range(start, end):
            values = dict(base)
            values["number"] = f"INC{number + 1_000_000:07}"
            values["correlation_id"] = f"rule-{number % 97}:{instance.new_sys_id()}"
            values["state"] = str(1 + number % 3)
            values["sys_created_on"] = f"2024-01-{number % 28 + 1:02} {number % 24:02}:{number % 60:02}:00"
            values["sys_updated_on"] = values["sys_created_on"]
            instance.store.insert("task", "incident", instance.new_sys_id(), values)


def operations(instance: Instance, size: int) -> Iterator[tuple[str, float]]:
    """Yield the name and the cost in microseconds of each operation, on an instance of that size."""
    incidents = instance.acting_as("admin").table("incident")
    numbers = [f"INC{(number * 7919) % size + 1_000_000:07}" for number in range(ROUNDS)]
    found = [record for number in numbers[:100] if (record := incidents.first(f"number={number}")) is not None]
    ids = [record.sys_id for record in found]
    correlations = [record["correlation_id"] for record in found]

    def each(items: list[str], action: Callable[[str], object]) -> float:
        for item in items[:20]:
            action(item)
        best = float("inf")
        for _ in range(3):
            began = time.perf_counter()
            for item in items:
                action(item)
            best = min(best, (time.perf_counter() - began) / len(items) * 1e6)
        return best

    yield "get by sys_id", each(ids, incidents.get)
    yield "get by number", each(numbers, lambda number: incidents.first(f"number={number}"))
    yield (
        "newest open by correlation_id",
        each(
            correlations,
            lambda value: incidents.first(f"ORDERBYDESCsys_created_on^correlation_id={value}^active=true"),
        ),
    )
    yield "first page of twenty", each([""] * 20, lambda _: incidents.query("ORDERBYDESCsys_created_on", limit=20))
    flips = iter(range(10**9))
    yield "update", each(ids, lambda sys_id: incidents.update(sys_id, {"description": f"changed {next(flips)}"}))
    yield "insert", each(numbers, lambda _: incidents.insert({"short_description": "new", "correlation_id": "x:y"}))
