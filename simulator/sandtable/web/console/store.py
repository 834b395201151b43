"""The applications that can be installed here, as the store shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from sandtable.core import application
from sandtable.core.errors import AccessDenied, PlatformError
from sandtable.web.body import wait_for_body
from sandtable.web.console.frame import show
from sandtable.web.console.lists.actions import refuse_forgery
from sandtable.web.console.sign_in import redirect, required

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
        wait_for_body(request, instance)
        refuse_forgery(visitor)
        try:
            with instance.transaction():
                visitor.tell("ok", _changed(transaction, request.form.get("scope", ""), request.form.get("do", "")))
        except PlatformError as error:
            visitor.tell("error", error.detail or error.message)
        return redirect(f"{request.script_root}/$allappsmgmt.do")
    with instance.transaction():
        records = {each["scope"]: each for each in session.table(TABLE).query()}
        apps = [
            {
                "app": each,
                "installed": application.installed(instance, each.scope),
                "sys_id": records[each.scope].sys_id if each.scope in records else "",
            }
            for each in instance.catalogue.values()
            if each.scope != "global"
        ]
    apps.sort(key=lambda each: (each["installed"], each["app"].name.casefold()))  # type: ignore[union-attr]
    return show(transaction, visitor, "store.html", title="All Available Applications", apps=apps)


def _changed(transaction: Transaction, scope: str, action: str) -> str:
    """Install or remove an application as an administrator, and return what is told of it."""
    access = transaction.session.table(TABLE)
    app = transaction.instance.catalogue.get(scope)
    if app is None:
        return "There is no such application."
    if action == "remove":
        for record in access.query():
            if application.named_by(transaction.instance, record) is app:
                access.delete(record.sys_id)
        return f"{app.name} was removed."
    access.insert({"scope": scope})
    return f"{app.name} was installed."
