"""How two images of one instance differ, record by record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from sandtable.core.store.changes import Change

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.moments import InstanceImage
    from sandtable.core.store.row import Row


def differences(instance: Instance, one: InstanceImage, other: InstanceImage) -> Iterator[Change]:
    """Yield what changed from one image to the other, table by table; the instance itself stays as it is."""
    with closing(instance.fork(instance.name)) as before, closing(instance.fork(instance.name)) as after:
        before.load_image(one)
        after.load_image(other)
        for root in sorted({*before.store.roots(), *after.store.roots()}):
            if one.lineage is other.lineage and _version(one, root) == _version(other, root):
                continue
            earlier, later = _rows(before, root), _rows(after, root)
            for sys_id in {**earlier, **later}:
                was, now = earlier.get(sys_id), later.get(sys_id)
                if was is None or now is None or (was.table, was.values) != (now.table, now.values):
                    yield Change(was, now)


def _version(image: InstanceImage, root: str) -> int:
    return image.store.versions.get(root, 0)


def _rows(instance: Instance, root: str) -> dict[str, Row]:
    if not instance.dictionary.has(root):
        return {}
    return {row.sys_id: row for row in instance.store.rows(root)}
