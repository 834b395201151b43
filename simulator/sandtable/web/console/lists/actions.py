"""What can be done with the chosen rows of a list; each record is written for itself, and what is refused is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from sandtable.core.values.errors import ApiAccessDenied, PlatformError
from sandtable.web.console.sign_in import redirect
from sandtable.web.console.visitor import carries_token, inside, wait_for_form

if TYPE_CHECKING:
    from sandtable.web.console.visitor import Visitor
    from sandtable.web.transaction import Transaction

DELETE, ASSIGN = "sysverb_delete_multiple", "assign_to_me"
NO_TOKEN = "the form does not carry the token of this session; open the page again and send it from there"


def refuse_forgery(visitor: Visitor) -> None:
    """Refuse a form that another site could have sent. Raises ApiAccessDenied."""
    if not carries_token(visitor):
        raise ApiAccessDenied("Forged request", NO_TOKEN)


def carry_out(transaction: Transaction, visitor: Visitor, table: str) -> Response:
    """Do what was chosen with the ticked rows, and lead back to the list. Raises ApiAccessDenied without the token."""
    instance = transaction.instance
    wait_for_form()
    refuse_forgery(visitor)
    chosen, action = request.form.getlist("sys_id"), request.form.get("sys_action", "")
    back = inside(request.form.get("sysparm_goto_url", "")) or f"/{table}_list.do"
    if not chosen:
        visitor.tell("warning", "No row is ticked.")
    elif action not in (DELETE, ASSIGN):
        visitor.tell("warning", "Choose what to do with the ticked rows.")
    else:
        done, problems = 0, []
        access = visitor.session.table(table)
        for sys_id in chosen:
            try:
                with instance.transaction():
                    if action == DELETE:
                        access.delete(sys_id)
                    else:
                        access.update(sys_id, {"assigned_to": visitor.session.user_sys_id})
                done += 1
            except PlatformError as error:
                problems.append(error.detail or error.message)
        if done:
            what = "deleted" if action == DELETE else "assigned to you"
            visitor.tell("ok", f"{done} record{'' if done == 1 else 's'} {what}.")
        for text in dict.fromkeys(problems):
            visitor.tell("error", f"{problems.count(text)} not changed: {text}")
    return redirect(f"{request.script_root}{back}")
