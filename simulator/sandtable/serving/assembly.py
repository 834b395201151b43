"""Where an instance is put together: baseline, applications, users, settings. Only here, and in tests, all meet."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sandtable.apps import BASE_APPS, CATALOGUE, DEFAULT_APPS
from sandtable.core.applications import application, database_views
from sandtable.core.assembly import parts_of
from sandtable.core.images import releases
from sandtable.core.images.baseline import BORN, install_baseline, read_dictionary
from sandtable.core.platform.instance import Instance
from sandtable.core.platform.moments import InstanceImage
from sandtable.core.schema.dictionary_data import Family, parse_families, read_baseline
from sandtable.core.schema.physical import StoreError
from sandtable.core.store.opening import is_shared
from sandtable.core.values.clock import TEXT_FORMAT, Clock
from sandtable.core.values.errors import DatabaseUnavailable, InsufficientStorage, OperationFailed
from sandtable.core.values.ledger import Ledger
from sandtable.core.values.passwords import verify_password
from sandtable.core.values.texts import nearest
from sandtable.oauth import rules as oauth
from sandtable.oauth.inbound.client_certificates import trusted
from sandtable.packages.update_sets import capture
from sandtable.serving import start_image, upgrade
from sandtable.serving.scripts import ScriptsOnDemand
from sandtable.settings.settings import Settings
from sandtable.web.worlds.worlds import Worlds

if TYPE_CHECKING:
    from sandtable.core.schema.columns import Table

ADMIN, INTEGRATION = "admin", "elastic.integration"


class AssemblyError(Exception):
    """An instance that cannot be put together; the text says why and what to do."""


def create_instance(
    *,
    random_seed: int | None = None,
    empty: bool = False,
    name: str = "dev00000",
    base_url: str = "",
    data: str = "",
    strict: bool = False,
    properties: Mapping[str, str] | None = None,
    admin_password: str = Settings.admin_password,
    integration_password: str = Settings.integration_password,
    sample_logins: bool = True,
    release: str = Settings.release,
    basic_auth: str = Settings.basic_auth,
    kind: str = Settings.instance,
    clock: Callable[[], float] = time.time,
    keep_start_image: bool = False,
    world: str = "",
    near: Instance | None = None,
) -> Instance:
    """Return an instance with the default applications and users, or (`empty`) as one is before anybody set it up.

    `random_seed` makes ids repeatable; `data` names a file that keeps the instance, and an instance found in it is
    returned as it was left; without `sample_logins` nobody signs in whose password is their user name; `release`,
    `basic_auth` and `kind` (upgraded or new) say what a new one answers as; `clock` is a source of unix seconds;
    `keep_start_image` keeps what new instances start from in the user's cache folder; in a database that is shared,
    `world` is what it is called there, and it uses the connections of one `near`. Raises AssemblyError.
    """
    if random_seed is not None and is_shared(data):
        raise AssemblyError("several processes give out ids, which cannot be made repeatable; leave out random_seed")
    try:
        wanted = releases.release(release, basic_auth=basic_auth, kind=kind)
    except releases.UnknownRelease as error:
        raise AssemblyError(str(error)) from None
    try:
        instance = Instance(
            clock=Clock(clock),
            random=random.Random(random_seed),  # noqa: S311 - ids, not secrets
            name=name,
            base_url=base_url,
            path=data,
            world=world,
            near=near,
            parts=parts_of(CATALOGUE, rules=(*oauth.RULES, *capture.RULES), host=ScriptsOnDemand()),
            ledger=Ledger(strict=strict),
        )
    except StoreError as error:
        raise AssemblyError(str(error)) from None
    try:
        return _filled_once(
            instance,
            empty=empty,
            keep=keep_start_image,
            passwords={ADMIN: admin_password, INTEGRATION: integration_password},
            properties=properties or {},
            samples=sample_logins,
            wanted=wanted,
        )
    except BaseException as error:
        with contextlib.suppress(sqlite3.Error, InsufficientStorage, DatabaseUnavailable):
            instance.close()
        if isinstance(error, StoreError):
            raise AssemblyError(str(error)) from None
        if not isinstance(error, sqlite3.DatabaseError | InsufficientStorage | DatabaseUnavailable):
            raise
        detail = f"it is damaged ({error})" if isinstance(error, sqlite3.DatabaseError) else error.detail
        raise AssemblyError(
            f"{data or 'the instance'} cannot be used: {detail}; give another file, or a copy"
        ) from None


def _filled_once(instance: Instance, **options: Any) -> Instance:
    """Return the instance as `_filled` does; of several processes that begin at once, one fills it."""
    if instance.sharing is None:
        return _filled(instance, **options)
    with instance.store.beside.turn("filling"):
        instance.refresh()
        instance.store.was_empty = not instance.store.roots()
        return _filled(instance, **options)


def _filled(
    instance: Instance,
    *,
    empty: bool,
    keep: bool,
    passwords: Mapping[str, str],
    properties: Mapping[str, str],
    samples: bool,
    wanted: releases.Release,
) -> Instance:
    """Return the instance with what it starts with, or as it was left in its file."""
    _follow(instance)
    if instance.store.roots():
        _reopen(instance, keep=keep)
    else:
        _fill(instance, empty=empty, keep=keep)
        if wanted != releases.release():
            releases.apply_release(instance, wanted)
        if instance.store.path or instance.sharing is not None:
            upgrade.mark(instance, _definitions())
    if instance.sharing is not None:
        instance.sharing.settle()
    defaults = Settings()
    with instance.transaction():
        for user_name, password, default in (
            (ADMIN, passwords[ADMIN], defaults.admin_password),
            (INTEGRATION, passwords[INTEGRATION], defaults.integration_password),
        ):
            if password != default:
                _set_password(instance, user_name, password)
        for user_name in () if samples else sample_logins(instance):
            _set_password(instance, user_name, "")
        for key, value in properties.items():
            _set_switch(instance, key, value)
    return instance


def _set_switch(instance: Instance, name: str, value: str) -> None:
    """Set a system property; one of ours must exist, and be set to what it takes. Raises AssemblyError."""
    known = instance.cached(
        ("switches",),
        ("sys_properties",),
        lambda: [each["name"] for each in instance.system().table("sys_properties").query("nameSTARTSWITHsandtable.")],
    )
    if name.startswith("sandtable.") and name not in known:
        near = nearest(name, known)
        meant = f"; did you mean {near}?" if near else ""
        raise AssemblyError(f"there is no switch {name}{meant}")
    try:
        instance.set_property(name, value)
    except OperationFailed as error:
        raise AssemblyError(error.detail or str(error)) from None


def warm(settings: Settings) -> None:
    """Make what instances start from, for processes that are forked afterwards to share."""
    _beginning(empty=settings.empty, keep=settings.start_image)


def make_worlds(settings: Settings, gather: Callable[[Instance, Callable[..., Instance]], Worlds] = Worlds) -> Worlds:
    """Return the worlds of a server: the default instance by the settings, and the means to make more in memory.

    `gather` makes them of the two. Raises AssemblyError.
    """

    def make(name: str, **options: Any) -> Instance:
        given: dict[str, Any] = {
            "empty": settings.empty,
            "random_seed": settings.random_seed,
            "strict": settings.strict,
            "base_url": "",
            "properties": settings.properties,
            "admin_password": settings.admin_password,
            "integration_password": settings.integration_password,
            "sample_logins": settings.sample_logins,
            "keep_start_image": settings.start_image,
            "release": settings.release,
            "basic_auth": settings.basic_auth,
            "kind": settings.instance,
        }
        return create_instance(name=name, **{**given, **options})

    default = make(settings.name, base_url=settings.base_url, data=settings.data)
    return _shared_worlds(default, make, settings) if default.store.shared else gather(default, make)


def _shared_worlds(default: Instance, make: Callable[..., Instance], settings: Settings) -> Worlds:
    """Return the worlds of a database that several servers have in common."""
    from sandtable.core.store.postgres.layout import Places
    from sandtable.web.worlds.shared.worlds import SharedWorlds

    places = Places(default.store.connections, default.name)

    def opened(name: str, **options: Any) -> Instance:
        return make(name, data=settings.data, world=places.full_name(name.lower()), near=default, **options)

    return SharedWorlds(default, make, opened, places)


# Baseline definitions depend on the shipped files alone, so instances may share them.
@lru_cache(maxsize=1)
def _baseline() -> Family:
    return read_baseline()


@lru_cache(maxsize=1)
def _shipped_by_applications() -> Mapping[str, Table]:
    known = {table.name: table for table in _baseline().tables}
    shipped: dict[str, Table] = {}
    for app in CATALOGUE:
        if app not in BASE_APPS:
            family = parse_families([(app.name, app.tables)], {**known, **shipped}, app.scope)
            shipped |= {table.name: table for table in family.tables}
    return shipped


@dataclass(frozen=True, slots=True)
class Beginning:
    """What new instances of a kind start from; without rules, which are code."""

    shipped: tuple[Table, ...]
    image: InstanceImage


# Every new instance of a kind starts with the same records, so instances may share the making of them.
@lru_cache(maxsize=2)
def _beginning(*, empty: bool, keep: bool) -> Beginning:
    if keep:
        found: Beginning = start_image.kept("empty" if empty else "full", lambda: _made(empty=empty))
        return found
    return _made(empty=empty)


def _unfilled() -> Instance:
    born = datetime.strptime(BORN, TEXT_FORMAT).replace(tzinfo=UTC).timestamp()
    # By a text, which no number that an instance is given for its ids can equal: it would give out the same ids again.
    ids = random.Random("the beginning of every instance")  # noqa: S311
    return Instance(clock=Clock(lambda: born), random=ids, parts=parts_of(CATALOGUE, rules=oauth.RULES))


def _made(*, empty: bool) -> Beginning:
    first = _unfilled()
    _ship(first)
    install_baseline(first, _baseline())
    with first.transaction():
        for app in BASE_APPS if empty else DEFAULT_APPS:
            application.install(first, app, demo=True)
        database_views.define_all(first)
    image = replace(first.image(), rules=None)
    first.close()
    return Beginning((*_baseline().tables, *_shipped_by_applications().values()), image)


def _fill(instance: Instance, *, empty: bool, keep: bool) -> None:
    beginning = _beginning(empty=empty, keep=keep)
    instance.ship(beginning.shipped)
    ids, rules = instance.random.getstate(), instance.rules.state()
    instance.load_image(replace(beginning.image, rules=rules))
    instance.random.setstate(ids)


def _ship(instance: Instance) -> None:
    instance.ship(_baseline().tables)
    instance.ship(_shipped_by_applications().values())


def _follow(instance: Instance) -> None:
    """Let an instance that other processes change as well read its dictionary again when they have changed it."""
    if instance.sharing is not None:
        instance.sharing.read_dictionary = lambda: _read_again(instance)


def _read_again(instance: Instance) -> None:
    instance.dictionary.put_tables([*_baseline().tables, *_shipped_by_applications().values()])
    read_dictionary(instance)


def _reopen(instance: Instance, *, keep: bool) -> None:
    _ship(instance)
    instance.dictionary.put_tables([*_baseline().tables, *_shipped_by_applications().values()])
    if "sys_metadata" not in instance.store.roots():
        raise AssemblyError(f"{instance.store.path} is a database, but not the data file of an instance")
    read_dictionary(instance)
    if upgrade.is_due(instance, _definitions()):
        _upgrade(instance, keep=keep)
    instance.store.seal_rest()


def _definitions() -> upgrade.Baseline:
    return upgrade.Baseline(start_image.definitions(), tuple(app.scope for app in CATALOGUE))


def _upgrade(instance: Instance, *, keep: bool) -> None:
    """Bring an instance of another version the definitions that it lacks, as one of its kind starts with them."""
    empty = not any(application.installed(instance, app.scope) for app in DEFAULT_APPS if app not in BASE_APPS)
    with contextlib.closing(_unfilled()) as fresh:
        _fill(fresh, empty=empty, keep=keep)
        said = releases.release_in_force(instance)
        with contextlib.suppress(releases.UnknownRelease):
            wanted = releases.release(said.family, basic_auth=said.basic_auth, kind=said.kind)
            if wanted != releases.release():
                releases.apply_release(fresh, wanted)
        added = upgrade.bring(instance, fresh, _definitions())
    if added:
        what = f"{added} definitions of this version added"
        instance.store.notice = "; ".join(filter(None, (instance.store.notice, what)))


def client_authorities(worlds: Worlds) -> str:
    """Return the authorities (PEM) whose client certificates an instance behind one server takes; empty without one."""
    found = (trusted(each) for each in worlds.instances())
    return "\n".join(dict.fromkeys(each for each in found if each))


def sample_logins(instance: Instance) -> list[str]:
    """Return who signs in with the user name as the password, the two users apart that have settings of their own."""
    users = [record for record in instance.related("sys_user") if record.get("user_password")]
    names = [(record.get("user_name", ""), record["user_password"]) for record in users]
    return sorted(name for name, kept in names if name not in (ADMIN, INTEGRATION) and verify_password(name, kept))


def _set_password(instance: Instance, user_name: str, password: str) -> None:
    users = instance.system().table("sys_user")
    found = users.first(filters={"user_name": user_name})
    if found is not None:
        users.update(found.sys_id, {"user_password": password})
