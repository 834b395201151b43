"""The applications that can be installed here, as the store shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from sandtable.core.applications import application
from sandtable.core.values.errors import AccessDenied, PlatformError
from sandtable.web.console.frame import show
from sandtable.web.console.lists.actions import refuse_forgery
from sandtable.web.console.sign_in import redirect, required
from sandtable.web.console.visitor import wait_for_form

if TYPE_CHECKING:
    from sandtable.web.transaction import Transaction

TABLE = application.STORE_TABLE


def store_page(transaction: Transaction) -> Response:
    """List what can be installed; a POST installs one or takes it away. Raises AccessDenied."""
    visitor = required(transaction)
    if isinstance(visitor, Response):
        return visitor
    instance, session = transaction.instance, visitor.session
    if not instance.access.can(session, "create", TABLE):
        raise AccessDenied("Read")
    if request.method == "POST":
        wait_for_form()
        refuse_forgery(visitor)
        try:
            with instance.transaction():
                visitor.tell("ok", _changed(transaction, request.form.get("scope", ""), request.form.get("do", "")))
        except PlatformError as error:
            visitor.tell("error", error.detail or error.message)
        return redirect(f"{request.script_root}/$allappsmgmt.do")
    with instance.transaction():
        records = {each["scope"]: each for each in session.table(TABLE).query()}
        catalogue = [each for each in instance.part(application.Catalogue).values() if each.scope != "global"]
        present = {each.scope for each in application.applications(instance)}
    catalogue.sort(key=lambda each: (each.scope in present, each.name.casefold()))
    apps = [
        {
            "app": each,
            "installed": each.scope in present,
            "sys_id": records[each.scope].sys_id if each.scope in records else "",
        }
        for each in catalogue
    ]
    return show(transaction, visitor, "store.html", title="All Available Applications", apps=apps)


def _changed(transaction: Transaction, scope: str, action: str) -> str:
    """Install or remove an application as an administrator, and return what is told of it."""
    access = transaction.session.table(TABLE)
    app = transaction.instance.part(application.Catalogue).get(scope)
    if app is None:
        return "There is no such application."
    if action == "remove":
        for record in access.query():
            if application.named_by(transaction.instance, record) is app:
                access.delete(record.sys_id)
        return f"{app.name} was removed."
    access.insert({"scope": scope})
    return f"{app.name} was installed."
