"""Stack Management > Connectors: the list, the flyouts to create and edit one, its test, and the guided update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sandtable_connector.connector_types import ITSM, TYPES, ConnectorType, connector_type
from sandtable_connector.errors import ConfigurationError, ConnectorError, ParametersRefused
from sandtable_connector.forms.form import FormChoice, form_choices, form_inputs, form_params
from sandtable_connector.forms.guided_update import AFFECTS_ALL, guided_update
from sandtable_connector.pages.fields import (
    ACTION_LABELS,
    ACTION_ORDER,
    BASIC,
    INPUTS,
    LONG_INPUTS,
    OAUTH,
    complaints,
    config_and_secrets,
    mode_of,
)
from sandtable_connector.pages.screen import CONNECTORS, Asked, Page, Screen, redirect
from sandtable_connector.registry import ConnectorRecord, NoSuchConnector

# What a test may ask of a connector beside pushing: only ITSM closes.
EVENTS = (("trigger", "Trigger"), ("resolve", "Resolve"))


def answer(pages: Screen, asked: Asked, inside: str) -> Page:
    """Return the list, a flyout above it, or what comes of a form."""
    try:
        if asked.is_post:
            return _acted(pages, asked, inside)
        if inside.startswith("new/"):
            return _flyout(pages, asked, kind=connector_type(inside.removeprefix("new/")))
        if inside:
            name, _, tab = inside.partition("/")
            return _opened(pages, asked, name, tab or "configuration")
    except NoSuchConnector as error:
        return pages.show("message.html", asked.token, status=404, title="Not found", text=error.message)
    except ConfigurationError as error:
        return pages.show("message.html", asked.token, status=400, title="Not possible", text=error.message)
    if inside:
        return redirect(CONNECTORS)
    return pages.show("connectors.html", asked.token, **_list(pages), told=asked.query.get("told", ""))


def _list(pages: Screen) -> dict[str, Any]:
    records = pages.workbench.registry.all()
    return {
        "title": "Connectors",
        "connectors": [(each, connector_type(each.type_id).name) for each in records],
        "types": TYPES,
        "deprecated": sum(1 for each in records if each.is_deprecated),
    }


def _opened(pages: Screen, asked: Asked, connector_id: str, tab: str) -> Page:
    record = pages.workbench.registry.get(connector_id)
    if tab == "test":
        return _test(pages, asked, record, {}, event="trigger")
    if tab == "update":
        return _update_page(pages, asked, record, dict(record.config or {}), "")
    values = {name: _text(value) for name, value in (record.config or {}).items()}
    return _flyout(
        pages, asked, kind=connector_type(record.type_id), record=record, values={**values, "name": record.name}
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _flyout(
    pages: Screen,
    asked: Asked,
    *,
    kind: ConnectorType,
    record: ConnectorRecord | None = None,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Page:
    return pages.show(
        "flyout.html",
        asked.token,
        status=status,
        **_list(pages),
        kind=kind,
        record=record,
        values=values or {},
        mode=mode_of(values or {}),
        inputs=INPUTS,
        modes=((BASIC, "Basic"), (OAUTH, "OAuth")),
        errors=errors or {},
        problem=problem,
        tab="configuration",
        told=asked.query.get("told", ""),
    )


# forms ---------------------------------------------------------------------------------------------------------------


def _acted(pages: Screen, asked: Asked, inside: str) -> Page:
    registry = pages.workbench.registry
    if inside.startswith("new/"):
        return _save(pages, asked, connector_type(inside.removeprefix("new/")), None)
    name, _, action = inside.partition("/")
    record = registry.get(name)
    if action == "delete":
        try:
            registry.delete(record.id)
        except ConnectorError as error:
            return pages.show("message.html", asked.token, status=400, title="Not possible", text=error.message)
        return redirect(f"{CONNECTORS}?told={quote(f'{record.name} was deleted.')}")
    if action == "test":
        fields = {name: text for name, text in asked.form.items() if name in ACTION_LABELS and text.strip()}
        return _test(pages, asked, record, fields, event=asked.form.get("event", "trigger"), run=True)
    if action == "update":
        return _updated(pages, asked, record)
    return _save(pages, asked, connector_type(record.type_id), record)


def _save(pages: Screen, asked: Asked, kind: ConnectorType, record: ConnectorRecord | None) -> Page:
    """Check the form, then the instance, and keep the connector."""
    values = dict(asked.form)
    registry = pages.workbench.registry
    was_oauth = bool((record.config or {}).get("isOAuth")) if record is not None else None
    keeps = record is not None and not record.is_missing_secrets and was_oauth == (mode_of(values) == OAUTH)
    errors = complaints(values, keeps_secrets=keeps)
    config, given = config_and_secrets(kind, values)
    problem = ""
    if not errors:
        if record is not None and kind.has_app:
            # Only the guided update makes a deprecated connector write in the new way.
            config["usesTableApi"] = bool((record.config or {}).get("usesTableApi", True))
        secrets: dict[str, Any] = dict(given)
        if record is not None and keeps:
            secrets = registry.secrets_of(record.id, given)
        try:
            made, _ = pages.workbench.candidate(kind.id, config, secrets)
            if kind.has_app and config.get("usesTableApi") is False:
                made.service().check_application()
            if record is None:
                kept = registry.create(kind.id, values["name"].strip(), config, secrets)
            else:
                kept = registry.update(record.id, name=values["name"].strip(), config=config, secrets=secrets)
            if "and_test" in values:
                return redirect(f"{CONNECTORS}/{quote(kept.id)}/test")
            return redirect(f"{CONNECTORS}?told={quote(f'{kept.name} was saved.')}")
        except ConnectorError as error:
            problem = error.message
    return _flyout(pages, asked, kind=kind, record=record, values=values, errors=errors, problem=problem, status=422)


# testing -------------------------------------------------------------------------------------------------------------


def _test(
    pages: Screen,
    asked: Asked,
    record: ConnectorRecord,
    fields: Mapping[str, str],
    *,
    event: str,
    run: bool = False,
) -> Page:
    """Show the Test tab: the form with the instance's choices, and after a run its result and the requests it made."""
    kind = connector_type(record.type_id)
    choices: Mapping[str, tuple[FormChoice, ...]] = {}
    problem = refused = ""
    result = None
    exchanges: tuple[Any, ...] = ()
    allowed: tuple[str, ...] = form_inputs(kind, deprecated=record.is_deprecated)
    try:
        connector, trace = pages.workbench.opened(record.id)
        choices, failed = form_choices(connector)
        problem = f"Unable to get choices: {failed}" if failed else ""
        if run:
            try:
                wanted = {name: text for name, text in fields.items() if name in allowed}
                if event == "resolve":
                    wanted = {name: text for name, text in wanted.items() if name == "correlation_id"}
                params = form_params(connector, wanted, event="resolve" if event == "resolve" else "trigger")
                result = connector.execute(params)
            except ParametersRefused as error:
                refused = error.message
        exchanges = tuple(trace.exchanges)
    except ConnectorError as error:
        problem = error.message
    drawn = [
        (
            name,
            ACTION_LABELS[name],
            choices.get(name) if name in kind.form_choices else None,
            fields.get(name, ""),
            name in LONG_INPUTS,
            name == ("severity" if not kind.table or kind.id == ".servicenow-itom" else "short_description"),
        )
        for name in ACTION_ORDER
        if name in allowed
    ]
    return pages.show(
        "test.html",
        asked.token,
        **_list(pages),
        kind=kind,
        record=record,
        inputs=drawn,
        events=EVENTS if kind is ITSM else (),
        event=event,
        problem=problem,
        refused=refused,
        result=result,
        exchanges=[each.wire() for each in exchanges],
        tab="test",
        told="",
    )


# the guided update ---------------------------------------------------------------------------------------------------


def _update_page(
    pages: Screen, asked: Asked, record: ConnectorRecord, values: Mapping[str, Any], problem: str, status: int = 200
) -> Page:
    if not record.is_deprecated:
        raise ConfigurationError(f"{record.name} is not deprecated; there is nothing to update")
    kind = connector_type(record.type_id)
    return pages.show(
        "update.html",
        asked.token,
        status=status,
        **_list(pages),
        kind=kind,
        record=record,
        values={name: _text(value) for name, value in values.items()},
        mode=mode_of({name: _text(value) for name, value in values.items()}),
        modes=((BASIC, "Basic"), (OAUTH, "OAuth")),
        inputs=INPUTS,
        errors={},
        problem=problem,
        warning=AFFECTS_ALL,
        tab="configuration",
        told="",
    )


def _updated(pages: Screen, asked: Asked, record: ConnectorRecord) -> Page:
    kind = connector_type(record.type_id)
    values = {**asked.form, "name": record.name}
    errors = complaints(values, keeps_secrets=True)
    config, secrets = config_and_secrets(kind, values)
    if errors:
        return _update_page(pages, asked, record, values, " ".join(errors.values()), 422)
    try:
        guided_update(pages.workbench.registry, record.id, config=config, secrets=secrets)
    except ConnectorError as error:
        return _update_page(pages, asked, record, values, error.message, 422)
    return redirect(f"{CONNECTORS}?told={quote(f'{record.name} was updated.')}")
