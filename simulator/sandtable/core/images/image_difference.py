"""How two images of one instance differ, record by record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from operator import attrgetter
from typing import TYPE_CHECKING

from sandtable.core.store.changes import Change

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.moments import InstanceImage
    from sandtable.core.store.row import Row


def differences(instance: Instance, one: InstanceImage, other: InstanceImage) -> Iterator[Change]:
    """Yield what changed from one image to the other, table by table; the instance itself stays as it is."""

    def touched(table: str) -> bool:
        versions = [image.store.versions.get(table, 0) for image in (one, other)]
        return one.lineage is not other.lineage or versions[0] != versions[1]

    with closing(instance.fork(instance.name)) as before, closing(instance.fork(instance.name)) as after:
        before.load_image(one)
        after.load_image(other)
        for root in sorted(filter(touched, {*before.store.roots(), *after.store.roots()})):
            earlier, later = _rows(before, root, touched), _rows(after, root, touched)
            for sys_id in {**earlier, **later}:
                was, now = earlier.get(sys_id), later.get(sys_id)
                if was is None or now is None or (was.table, was.values) != (now.table, now.values):
                    yield Change(was, now)


def _rows(instance: Instance, root: str, touched: Callable[[str], bool]) -> dict[str, Row]:
    """Return the rows of the tables of a root that were touched, by their order of insertion."""
    if not instance.dictionary.has(root):
        return {}
    # Class by class: a row of a root that many tables extend has hundreds of columns that its own class does not use.
    tables = filter(touched, instance.dictionary.descendants(root))
    found = [row for table in tables for row in instance.store.of_class(table)]
    return {row.sys_id: row for row in sorted(found, key=attrgetter("seq"))}
