"""Why: a query matched a record or not, an origin was refused, credentials opened nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sandtable.core.query import Query, evaluate, parse, render, resolve
from sandtable.core.store.row import Selection
from sandtable.core.values.errors import PlatformError
from sandtable.faults.forms import REQUIRED, BadForm, entry
from sandtable.oauth import tokens
from sandtable.oauth.errors import InvalidGrant
from sandtable.oauth.inbound import api_keys
from sandtable.web.plane.operations import Call, Operation
from sandtable.web.plane.records import access_to
from sandtable.web.steps.cors import decide
from sandtable.web.wire.why_refused import NO_CREDENTIALS, why_not_basic

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.record import Record
    from sandtable.core.query import QueryContext

TOPIC = "Explain"
MOST_PARTS = 50  # of a query that are explained one by one


@dataclass(frozen=True, slots=True)
class QueryForm:
    """A query, and perhaps a record and a user to look at it with."""

    table: str = entry(REQUIRED, "the table that is queried", example="incident")
    query: str = entry(REQUIRED, "an encoded query", example="active=true^state=2")
    sys_id: str = entry("", "a record: does it match, and which condition does it fail?")
    user: str = entry("", "a user name: what does access control hide? The platform itself when left out")


@dataclass(frozen=True, slots=True)
class OriginForm:
    """A call from a page."""

    origin: str = entry(REQUIRED, "what the browser sends as Origin", example="https://kibana.example.com:5601")
    path: str = entry(REQUIRED, "the path that the page calls", example="/api/now/table/incident")
    method: str = entry("GET", "the method that it calls with")


@dataclass(frozen=True, slots=True)
class CredentialsForm:
    """Credentials of one kind, and the call that they are for."""

    user: str = entry("", "a user name")
    password: str = entry("", "the password of that user")
    bearer: str = entry("", "an access token")
    api_key: str = entry("", "an API key")
    path: str = entry("/api/now/table/incident", "the path of the call")
    method: str = entry("GET", "the method of the call")


def explain_query(call: Call) -> dict[str, Any]:
    """Take a query apart, and say which part lets which records through."""
    form = call.form(QueryForm)
    access_to(call, form.table)
    instance = call.instance
    session = _session(instance, form.user)
    ignored: list[str] = []

    def note(kind: str, name: str, detail: str = "") -> None:
        ignored.append(f"{kind}:{name}" + (f" ({detail})" if detail else ""))

    # Notes of an explanation are its own: they must neither enter the ledger nor stop it in strict mode.
    context = replace(session.query_context(), note=note)
    with instance.lock:
        try:
            query = parse(form.query)
            result = _taken_apart(instance, form.table, query, context)
            record = _of_record(instance, form, query, session, context) if form.sys_id else None
        except PlatformError as error:
            raise BadForm("query", str(error), "see the documentation of encoded queries") from None
    answer: dict[str, Any] = {"table": form.table, "query": form.query, **result}
    if form.user:
        hidden = instance.access.hides_query(session, form.table, query)
        answer["user"] = {
            "name": session.user_name,
            "roles": sorted(session.roles),
            "may_read_table": instance.access.can(session, "read", form.table),
            "query_is_refused": hidden,
            "reasons": list(session.explanations),
        }
    if record is not None:
        answer["record"] = record
    return {**answer, "ignored": list(dict.fromkeys(ignored))}


def _taken_apart(instance: Instance, table: str, query: Query, context: QueryContext) -> dict[str, Any]:
    """Return the parts of a query, each with how many records it matches alone and together with those before it.

    Each part is a question to the store of its own, so only the first MOST_PARTS are asked about; `parts_left_out` says
    how many are not.
    """
    alternatives = []
    left, parts_left_out = MOST_PARTS, 0
    for alternative in query.alternatives:
        parts = []
        taken = alternative[:left]
        left -= len(taken)
        parts_left_out += len(alternative) - len(taken)
        for index, group in enumerate(taken):
            alone = _count(instance, table, Query(((group,),)), context)
            together = _count(instance, table, Query((alternative[: index + 1],)), context)
            parts.append({"condition": _text(Query(((group,),))), "alone": alone, "left": together})
        if parts:
            alternatives.append(parts)
    order = [f"{each.path} {'descending' if each.descending else 'ascending'}" for each in query.order]
    return {
        "records": _count(instance, table, Query(), context),
        "matching": _count(instance, table, query, context),
        "alternatives": alternatives,
        "order": order,
        "parts_left_out": parts_left_out,
    }


def _of_record(
    instance: Instance, form: QueryForm, query: Query, session: Session, context: QueryContext
) -> dict[str, Any]:
    record = instance.system().table(form.table).find(form.sys_id)
    if record is None:
        return {"sys_id": form.sys_id, "exists": False, "why": f"no record of {form.table} has this sys_id"}
    conditions: list[dict[str, Any]] = []
    for number, alternative in enumerate(query.alternatives):
        for group in alternative:
            single = Query(((group,),))
            holds = evaluate(single, record, form.table, context)
            conditions.append(
                {
                    "alternative": number + 1,
                    "condition": _text(single),
                    "holds": holds,
                    "values": _values(record, single),
                }
            )
    matches = evaluate(query, record, form.table, context)
    visible = instance.access.can(session, "read", record.table, record)
    failing = [each["condition"] for each in conditions if not each["holds"]]
    why = "every condition of an alternative holds" if matches else f"these do not hold: {', '.join(failing)}"
    if matches and not visible:
        why = f"it matches, and access control hides it from {session.user_name}"
    return {"sys_id": form.sys_id, "exists": True, "matches": matches, "visible": visible, "why": why} | {
        "conditions": conditions
    }


def _values(record: Record, query: Query) -> dict[str, str]:
    terms = [term for group in query.alternatives[0] for term in group]
    paths = [path for term in terms if (path := getattr(term, "path", ""))]
    return {path: record[path] for path in paths if "." not in path and not path.startswith("123TEXT")}


def _count(instance: Instance, table: str, query: Query, context: QueryContext) -> int:
    return instance.store.count(Selection(table, resolve(query, table, context), None, 0))


def _text(query: Query) -> str:
    try:
        return render(query)
    except ValueError:
        return repr(query.alternatives)


def explain_origin(call: Call) -> dict[str, Any]:
    """Say what a CORS preflight or a call from a page would be told, and by which rule."""
    form = call.form(OriginForm)
    with call.instance.transaction():
        decision = decide(call.instance, form.origin, form.method.upper(), form.path.partition("?")[0])
    return {
        "allowed": decision.permits,
        "why": decision.why,
        "rule": decision.rule.name if decision.rule is not None else None,
        "methods": list(decision.methods),
        "access_control_allow_origin": decision.allowed_origin if decision.permits else "",
    }


def explain_credentials(call: Call) -> dict[str, Any]:
    """Say whether credentials open anything, whose they are, and if they do not, why."""
    form = call.form(CredentialsForm)
    given = [name for name in ("user", "bearer", "api_key") if getattr(form, name)]
    if len(given) > 1:
        raise BadForm(given[1], f"cannot be combined with {given[0]}", "give credentials of one kind")
    instance = call.instance
    reasons: list[str] = []
    session: Session | None = None
    with instance.transaction():
        if form.user:
            why = why_not_basic(instance, form.user, form.password)
            reasons += [why] if why else []
            session = None if why else instance.acting_as(form.user)
        elif form.bearer:
            try:
                owner = tokens.check_bearer(instance, form.bearer)["user"]
                session = instance.acting_as(instance.system().table("sys_user").get(owner))
            except InvalidGrant as error:
                reasons.append(error.reason)
        elif form.api_key:
            session = api_keys.session_for_api_key(
                instance, form.api_key, form.path, reasons.append, method=form.method.upper()
            )
        else:
            reasons.append(NO_CREDENTIALS)
        roles = sorted(session.roles) if session is not None else []
    user = session.user_name if session is not None else ""
    return {"accepted": session is not None, "user": user, "roles": roles, "reasons": reasons}


def _session(instance: Instance, user: str) -> Session:
    if not user:
        return instance.system()
    try:
        return instance.acting_as(user)
    except LookupError as error:
        raise BadForm("user", str(error), "GET /_sandtable/records/sys_user lists the users") from None


OPERATIONS = (
    Operation("POST", "/explain/query", explain_query, TOPIC, "Why a query matches a record, or does not.", QueryForm),
    Operation("POST", "/explain/origin", explain_origin, TOPIC, "Why a page may call, or may not.", OriginForm),
    Operation(
        "POST", "/explain/credentials", explain_credentials, TOPIC, "Why credentials are refused.", CredentialsForm
    ),
)
