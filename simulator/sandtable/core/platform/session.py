"""Who is at work on an instance, with which roles, in which language and time zone."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sandtable.core.platform.record import Record
from sandtable.core.platform.table_access import TableAccess
from sandtable.core.platform.views import Views, is_view
from sandtable.core.platform.writing.script_host import Scripts
from sandtable.core.query import QueryContext

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

EXPLANATIONS_KEPT = 200


class Session:
    """One user's view of an instance.

    `enforced` says whether access control applies: always for people, never for the system. `importing` says that the
    writes come from an import set's transform, `runs_rules` whether business rules run. Roles are looked up when asked
    for, so a session sees a role that was granted a moment ago.
    """

    def __init__(
        self,
        instance: Instance,
        user: Record | None,
        *,
        user_name: str = "",
        user_sys_id: str = "",
        enforced: bool = True,
        scope: str = "global",
        importing: bool = False,
        runs_rules: bool = True,
    ) -> None:
        self.instance = instance
        self.user = user
        self.user_name = user["user_name"] if user is not None else user_name
        self.user_sys_id = user.sys_id if user is not None else user_sys_id
        self.enforced = enforced
        self.scope = scope
        self.importing = importing
        self.runs_rules = runs_rules
        self.explanations: deque[str] = deque(maxlen=EXPLANATIONS_KEPT)
        self._elevated: Session | None = None
        self._local: tuple[int, tuple[str, str]] | None = None

    def __repr__(self) -> str:
        return f"<Session of {self.user_name} on {self.instance.name}, {'' if self.enforced else 'not '}enforced>"

    @property
    def roles(self) -> frozenset[str]:
        """The names of all roles: the user's own, those of their groups, and those contained in either."""
        return self.instance.roles_of(self.user_sys_id)

    @property
    def is_admin(self) -> bool:
        return not self.enforced or "admin" in self.roles

    def has_role(self, *names: str) -> bool:
        """Tell whether the user has any of the roles; an administrator has all."""
        if not self.enforced:
            return True
        roles = self.roles
        return "admin" in roles or any(name in roles for name in names)

    @property
    def language(self) -> str:
        return self._preference("preferred_language", "glide.sys.language", "en")

    @property
    def time_zone(self) -> str:
        """The user's time zone, such as `Europe/Berlin`; else that of the instance."""
        return self._preference("time_zone", "glide.sys.default.tz", "UTC")

    @property
    def date_format(self) -> str:
        return self._preference("date_format", "glide.sys.date_format", "yyyy-MM-dd")

    @property
    def time_format(self) -> str:
        return self._preference("time_format", "glide.sys.time_format", "HH:mm:ss")

    @property
    def time_format_and_zone(self) -> tuple[str, str]:
        """The pattern of a date with its time, and the zone; remembered until anything is written."""
        generation = self.instance.store.generation
        if self._local is None or self._local[0] != generation:
            pattern = f"{self.date_format} {self.time_format}"
            self._local = (generation, (pattern, self.time_zone))
        return self._local[1]

    def _preference(self, element: str, property_name: str, default: str) -> str:
        own = self.user[element] if self.user is not None else ""
        return own or self.instance.property(property_name, default) or default

    def table(self, name: str) -> TableAccess:
        """Return access to a table, a database view's rows brought up to date. Raises UnknownTable."""
        if is_view(self.instance, name):
            self.instance.part(Views).refresh(self.instance, name)
        return TableAccess(self, name)

    def in_scope(self, scope: str) -> Session:
        """Return the same user acting inside an application scope."""
        return self._variant(enforced=self.enforced, scope=scope)

    def for_import(self) -> Session:
        """Return the same user writing as a transform does: data policies that spare import sets do not apply."""
        twin = self._variant(enforced=self.enforced, scope=self.scope)
        twin.importing = True
        return twin

    def without_access_control(self) -> Session:
        """Return the same user with access control off, as business rules and transforms run."""
        if not self.enforced:
            return self
        if self._elevated is None:
            self._elevated = self._variant(enforced=False, scope=self.scope)
        return self._elevated

    def without_business_rules(self) -> Session:
        """Return the same user whose writes start no business rule, as events that come in through a web service."""
        twin = self._variant(enforced=self.enforced, scope=self.scope)
        twin.runs_rules = False
        return twin

    def _variant(self, *, enforced: bool, scope: str) -> Session:
        twin = Session(
            self.instance,
            self.user,
            user_name=self.user_name,
            user_sys_id=self.user_sys_id,
            enforced=enforced,
            scope=scope,
            importing=self.importing,
            runs_rules=self.runs_rules,
        )
        twin.explanations = self.explanations
        return twin

    def explain(self, text: str) -> None:
        """Add a line to `explanations`: why something was refused, dropped or hidden. Only the newest are kept."""
        self.explanations.append(text)

    def query_context(self) -> QueryContext:
        """Return what the resolution of an encoded query needs to know of this session."""
        instance = self.instance
        host = instance.part(Scripts).host
        return QueryContext(
            dictionary=instance.dictionary,
            clock=instance.clock,
            user_sys_id=self.user_sys_id,
            user_name=self.user_name,
            time_zone=self.time_zone,
            note=instance.ledger.note,
            property=instance.property,
            lookup=instance.lookup,
            related=instance.related,
            script=None if host is None else lambda text: host.query_value(self, text),
        )
