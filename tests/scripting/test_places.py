"""Script includes, access controls, defaults, queries, events, jobs, client calls and processors."""

from __future__ import annotations

from typing import Any

import pytest
from tests.scripting.conftest import Bench

from sandtable.core.applications.jobs import run_due_jobs

CLASS = "var {0} = Class.create(); {0}.prototype = {{ initialize: function (a) {{ this.a = a; }}, {1} type: '{0}' }};"


def class_of(name: str, members: str = "") -> str:
    return CLASS.format(name, members)


@pytest.mark.documented(
    "ServiceNowDocs, script includes: classes, inheritance, functions without a class, inactive ones"
)
@pytest.mark.parametrize(
    "script, value",
    [
        ("new Base(1).hi()", "hi 1"),
        ("new Child(2).hi()", "child hi 2"),
        ("new Child(2) instanceof Base", True),
        ("Child.prototype.type", "Child"),
        ("twice(4)", 8),
        ("typeof Sleeping", "undefined"),
        ("gs.include('twice'); twice(1)", 2),
        ("global.twice(3)", 6),
        ("var Base = 5; Base", 5),
    ],
)
def test_script_includes(bench: Bench, script: str, value: Any) -> None:
    bench.include("Base", class_of("Base", "hi: function () { return 'hi ' + this.a; },"))
    bench.include(
        "Child",
        "var Child = Class.create(); Child.prototype = Object.extendsObject(Base, { hi: function () { return 'child ' + Base.prototype.hi.call(this); }, type: 'Child' });",
    )
    bench.include("twice", "function twice(x) { return x * 2; }")
    bench.include("Sleeping", class_of("Sleeping"), active=False)
    assert bench.value(script) == value


@pytest.mark.documented("ServiceNowDocs, application scopes: an include runs in its own scope, whoever calls it")
def test_scopes_of_includes(bench: Bench) -> None:
    app = bench.application("x_acme_inc")
    other = bench.application("x_acme_two")
    bench.include(
        "Who", class_of("Who", "scope: function () { return gs.getCurrentScopeName(); },"), sys_scope=app.sys_id
    )
    bench.include("Hidden", class_of("Hidden"), sys_scope=app.sys_id, access="package_private")
    bench.include("Top", class_of("Top", "scope: function () { return gs.getCurrentScopeName(); },"))
    assert bench.value("new x_acme_inc.Who().scope()") == "x_acme_inc"
    assert bench.value("new Who().scope() + new global.Top().scope()", scope="x_acme_inc") == "x_acme_incglobal"
    assert other.sys_id
    assert '"Top" is not defined.' in bench.run("new Top()", scope="x_acme_two").error
    assert (
        "execute access to x_acme_inc.Hidden not granted"
        in bench.run("new x_acme_inc.Hidden()", scope="x_acme_two").error
    )


@pytest.mark.documented("ServiceNowDocs, access control rules: the script's answer decides")
@pytest.mark.parametrize(
    "script, seen",
    [
        ("answer = current.short_description == 'open';", ["open"]),
        ("answer = false;", []),
        ("gs.hasRole('itil') && current.short_description == 'shut'", []),
        ("return current.short_description == 'shut';", ["shut"]),
        ("broken(", []),
    ],
)
def test_access_scripts(bench: Bench, script: str, seen: list[str]) -> None:
    bench.add("sys_db_object", name="u_guarded", label="Guarded")
    bench.add("sys_dictionary", name="u_guarded", element="short_description", internal_type="string", max_length="100")
    bench.add("sys_security_acl", name="u_guarded", type="record", operation="read", advanced=True, script=script)
    for text in ("open", "shut"):
        bench.add("u_guarded", short_description=text)
    bench.add("sys_user", user_name="plain")
    rows = bench.instance.acting_as("plain").table("u_guarded").query()
    assert [row["short_description"] for row in rows] == seen


@pytest.mark.documented("ServiceNowDocs, default values: javascript: before an expression")
def test_default_values(bench: Bench) -> None:
    bench.add(
        "sys_dictionary",
        name="incident",
        element="u_who",
        internal_type="string",
        max_length="60",
        default_value="javascript:gs.getUserName() + ' ' + current.urgency",
    )
    assert bench.add("incident", urgency="2")["u_who"] == "system 2"
    assert bench.add("incident", u_who="given")["u_who"] == "given"
    assert bench.value("var g = new GlideRecord('incident'); g.newRecord(); g.getValue('u_who')") == "admin 3"


@pytest.mark.documented("ServiceNowDocs, script sandbox: what a query value may call, and what it may not")
def test_query_values(bench: Bench) -> None:
    bench.include("urgent", "function urgent() { return ['1', '2']; }", sandbox_callable=True)
    bench.include("closed", "function closed() { return ['1', '2']; }")
    for urgency in ("1", "2", "3"):
        bench.add("incident", urgency=urgency, short_description="sandbox")
    rows = bench.instance.acting_as("admin").table("incident")
    assert len(rows.query("short_description=sandbox^urgencyINjavascript:urgent()")) == 2
    assert rows.query("short_description=sandbox^urgencyINjavascript:closed()") == []
    before = rows.count()
    rows.query("numberINjavascript:(function(){ var g = new GlideRecord('incident'); g.insert(); return '1'; })()")
    assert rows.count() == before
    assert "insert" in bench.noted()


@pytest.mark.documented("ServiceNowDocs, events: the queue, script actions and their variables")
def test_events_and_script_actions(bench: Bench) -> None:
    bench.system.table("sysevent_register").insert({"event_name": "acme.event", "table": "incident"})
    bench.add(
        "sysevent_script_action",
        name="Act",
        event_name="acme.event",
        script="gs.log([event.parm1, event.parm2, current.number].join(), 'ev');",
        condition_script="event.parm1 != 'no'",
    )
    number = bench.value(
        "var g = new GlideRecord('incident'); g.initialize(); g.insert(); gs.eventQueue('acme.event', g, 'a', 'b'); gs.eventQueue('acme.event', g, 'no', ''); g.getValue('number')"
    )
    assert bench.logged("ev") == []
    run_due_jobs(bench.instance)
    assert bench.logged("ev") == [f"a,b,{number}"]
    assert {row["state"] for row in bench.system.table("sysevent").query("name=acme.event")} == {"processed"}


@pytest.mark.documented("ServiceNowDocs, scheduled scripts: when they run, as whom, and on what condition")
def test_scheduled_scripts(bench: Bench) -> None:
    admin = bench.system.table("sys_user").first(filters={"user_name": "admin"})
    assert admin is not None
    bench.add(
        "sysauto_script",
        name="Daily",
        run_type="daily",
        run_time="1970-01-01 13:00:00",
        run_as=admin.sys_id,
        script="gs.log(gs.getUserName() + ' ' + new GlideDateTime().getValue(), 'job');",
    )
    bench.add(
        "sysauto_script",
        name="Never",
        run_type="daily",
        run_time="1970-01-01 13:00:00",
        conditional=True,
        condition="false",
        script="gs.log('never', 'job');",
    )
    job = bench.add("sysauto_script", name="Demand", run_type="on_demand", script="gs.log('demand', 'job');")
    run_due_jobs(bench.instance)
    assert bench.logged("job") == []
    bench.instance.clock.advance(3600)
    run_due_jobs(bench.instance)
    run_due_jobs(bench.instance)
    bench.instance.clock.advance(24 * 3600)
    run_due_jobs(bench.instance)
    assert bench.logged("job") == ["admin 2024-05-01 13:00:00", "admin 2024-05-02 13:00:00"]
    bench.run(f"var j = new GlideRecord('sysauto_script'); j.get('{job.sys_id}'); gs.executeNow(j);")
    run_due_jobs(bench.instance)
    assert bench.logged("job")[-1] == "demand"


@pytest.mark.documented(
    "the vendor's SDK 4.12, ScheduledScript and its columns of sysauto; scheduled script executions"
)
@pytest.mark.parametrize(
    "values, moments",
    [
        ({"run_type": "daily", "run_time": "1970-01-01 14:00:00", "time_zone": "America/New_York"}, ["01 13", "02 13"]),
        ({"run_type": "daily", "entered_time": "1970-01-01 09:00:00", "time_zone": "Asia/Tokyo"}, ["02 00", "03 00"]),
        ({"run_type": "daily", "run_time": "1970-01-01 13:00:00", "repeat_every": "2"}, ["01 13", "03 13"]),
        ({"run_type": "daily", "run_time": "1970-01-01 13:00:00", "run_start": "2024-05-03 00:00:00"}, ["03 13", "04 13"]),
        ({"run_type": "daily", "run_time": "1970-01-01 13:00:00", "run_end": "2024-05-01 20:00:00"}, ["01 13"]),
        ({"run_type": "weekly", "run_daysofweek": "146"}, ["02 00", "04 00", "06 00"]),
        ({"run_type": "weekly", "run_dayofweek": "2"}, ["07 00", "14 00"]),
        ({"run_type": "monthly", "run_dayofmonth": "31"}, ["31 00", "30 00"]),
        ({"run_type": "week_in_month", "run_weekinmonth": "2", "run_dayofweek": "3"}, ["08 00", "12 00"]),
        ({"run_type": "day_and_month_in_year", "run_month": "6", "run_dayofmonth": "3"}, ["03 00", "03 00"]),
        ({"run_type": "day_week_month_year", "run_month": "5", "run_weekinmonth": "5", "run_dayofweek": "5"}, ["31 00", "30 00"]),
        ({"run_type": "business_calendar_start"}, []),
    ],
)  # fmt: skip
def test_when_scheduled_scripts_run(bench: Bench, values: dict[str, str], moments: list[str]) -> None:
    bench.add("sysauto_script", name="Job", script="gs.log(new GlideDateTime().getValue(), 'job');", **values)
    for _ in range(len(moments)):
        run_due_jobs(bench.instance)
        waiting = bench.system.table("sys_trigger").first("name=Job")
        if waiting is None:
            break
        bench.instance.clock.freeze(waiting["next_action"].replace(" ", "T") + "Z")
    run_due_jobs(bench.instance)
    assert [line[8:13] for line in bench.logged("job")] == moments
    assert ("sysauto.run_type business_calendar_start" in bench.noted()) == (not moments)


@pytest.mark.assumed("the SDK knows six weeks of a month, which only calendar weeks have")
def test_a_week_of_a_month(bench: Bench) -> None:
    values = {
        "run_type": "week_in_month",
        "run_weekinmonth": "1",
        "run_dayofweek": "6",
    }  # May 2024 began on a Wednesday
    for choice, day in (("weekday", "2024-05-04 00:00:00"), ("calendar", "2024-05-04 00:00:00")):
        bench.instance.set_property("sandtable.script.week_in_month", choice)
        bench.add("sysauto_script", name=choice, script="1", **values)
        bench.add("sysauto_script", name=f"{choice} sunday", script="1", **{**values, "run_dayofweek": "7"})
        run_due_jobs(bench.instance)
        found = {each["name"]: each["next_action"] for each in bench.system.table("sys_trigger").query()}
        assert found[choice] == day
        assert found[f"{choice} sunday"] == ("2024-05-05 00:00:00" if choice == "weekday" else "2024-09-01 00:00:00")


@pytest.mark.documented("the vendor's SDK 4.12, ScheduledScript: maxDrift")
def test_a_job_that_is_too_late(bench: Bench) -> None:
    given = {"run_type": "daily", "run_time": "1970-01-01 13:00:00", "script": "gs.log('ran', 'job');"}
    bench.add("sysauto_script", name="Punctual", max_drift="1970-01-01 00:30:00", **given)
    run_due_jobs(bench.instance)
    bench.instance.clock.advance(2 * 3600)
    run_due_jobs(bench.instance)
    assert bench.logged("job") == []
    assert bench.logged("Scheduler") == ["Punctual was due at 2024-05-01 13:00:00 and is too late to run"]


@pytest.mark.documented("ServiceNowDocs, GlideAjax: parameters, answer and items; who may call")
def test_client_calls(bench: Bench) -> None:
    bench.include(
        "Ajax",
        "var Ajax = Class.create(); Ajax.prototype = Object.extendsObject(AbstractAjaxProcessor, { hello: function () {"
        " this.newItem('thing').setAttribute('a', 'b'); return 'hi ' + this.getParameter('sysparm_who'); },"
        " _own: function () { return 'secret'; }, type: 'Ajax' });",
        client_callable=True,
    )
    bench.include("Closed", class_of("Closed"))

    def ask(name: str, method: str, user: str = "admin") -> str:
        query = f"sysparm_processor={name}&sysparm_name={method}&sysparm_who=me"
        return bench.call("POST", f"/xmlhttp.do?{query}", user=user).get_data(as_text=True)

    assert 'answer="hi me"' in ask("Ajax", "hello")
    assert '<thing a="b"/>' in ask("Ajax", "hello")
    # A browser sends the parameters as a form, which names the processor as well.
    form = {"sysparm_processor": "Ajax", "sysparm_name": "hello", "sysparm_who": "a form"}
    assert 'answer="hi a form"' in bench.call("POST", "/xmlhttp.do", data=form).get_data(as_text=True)
    assert "secret" not in ask("Ajax", "_own")
    assert "answer" not in ask("Closed", "anything")


@pytest.mark.documented("ServiceNowDocs, processors: a script that answers the address of its path")
def test_processors(bench: Bench) -> None:
    bench.add(
        "sys_processor",
        name="P",
        type="script",
        path="acme_page",
        script="g_processor.writeJSON({x: g_request.getParameter('x'), t: g_target});",
    )
    answer = bench.call("GET", "/acme_page.do?x=1")
    assert (answer.json, answer.mimetype) == ({"x": "1", "t": "acme_page"}, "application/json")


@pytest.mark.documented("ServiceNowDocs, background scripts: the page, for administrators")
def test_the_page_for_background_scripts(bench: Bench) -> None:
    bench.add("sys_user", user_name="plain", user_password="plain")  # noqa: S106 - test-only
    assert "<textarea" in bench.call("GET", "/sys.scripts.do").get_data(as_text=True)
    form = {"script": "gs.print('a < b'); gs.info('c');", "runscript": "Run script", "sys_scope": "global"}
    text = bench.call("POST", "/sys.scripts.do", data=form).get_data(as_text=True)
    assert "*** Script: a &lt; b\n*** Script: c" in text
    assert bench.call("POST", "/sys.scripts.do", data=form, user="plain").status_code == 403


@pytest.mark.ours("the test plane runs scripts, and plants answers for their outbound calls")
def test_the_test_plane(bench: Bench) -> None:
    def plane(method: str, path: str, **options: Any) -> Any:
        return bench.call(method, f"/_sandtable{path}", user="", **options)

    assert plane("POST", "/outbound", json={"url": "https://a.example.com", "body": "x"}).status_code == 201
    script = "var m = new sn_ws.RESTMessageV2(); m.setEndpoint('https://a.example.com/b'); m.execute().getBody()"
    answer = plane("POST", "/scripts", json={"script": f"gs.info('l'); {script}"}).json
    assert (answer["value"], answer["error"], answer["lines"]) == (
        "x",
        "",
        [{"level": "info", "source": "*** Script", "text": "l"}],
    )
    assert plane("GET", "/outbound").json["calls"] == [{"method": "GET", "url": "https://a.example.com/b", "body": ""}]
    assert plane("DELETE", "/outbound").status_code == 204
    assert plane("POST", "/scripts", json={"script": "1", "user": "nobody here"}).status_code == 404


@pytest.mark.assumed("public scripts, and script includes of the platform itself: sys_trigger with a script of its own")
def test_triggers_that_scripts_make(bench: Bench) -> None:
    bench.value(
        "var once = new ScheduleOnce(); once.script = \"gs.log('one', 'later')\"; once.setLabel('One');"
        "once.setAsSeconds(60); once.schedule();"
        "var every = new GlideRecord('sys_trigger'); every.initialize(); every.name = 'Many'; every.trigger_type = 1;"
        "every.next_action = new GlideDateTime(); every.setValue('repeat', '1970-01-01 00:10:00');"
        "every.script = \"gs.log('many', 'later')\"; every.job_id.setDisplayValue('RunScriptJob'); every.insert();"
        "var never = new GlideRecord('sys_trigger'); never.script = \"gs.log('never', 'later')\"; never.state = 2;"
        "never.next_action = new GlideDateTime(); never.insert();"
    )
    run_due_jobs(bench.instance)
    assert bench.logged("later") == ["many"]
    bench.instance.clock.advance(60)
    run_due_jobs(bench.instance)
    run_due_jobs(bench.instance)
    assert sorted(bench.logged("later")) == ["many", "one"]
    bench.instance.clock.advance(540)
    run_due_jobs(bench.instance)
    assert sorted(bench.logged("later")) == ["many", "many", "one"]
    left = bench.system.table("sys_trigger").query("nameINOne,Many")
    assert [(each["name"], each["job_id"] != "", each["next_action"]) for each in left] == [
        ("Many", True, "2024-05-01 12:20:00")
    ]
