"""Dates, gs, users, attachments, texts, outbound calls, GlideQuery: each claim as a script and its value."""

from __future__ import annotations

from typing import Any

import pytest
from tests.scripting.conftest import Bench

DOCS = "ServiceNowDocs, api-reference: the class's own page and its samples"

DATES: list[tuple[str, str, Any]] = [
    ("now is the instance's clock", "new GlideDateTime().getValue()", "2024-05-01 12:00:00"),
    ("JavaScript's own date too", "[new Date().getTime(), Date.now()]", [1714564800000, 1714564800000]),
    ("a text is read as UTC", "new GlideDateTime('2014-08-31 08:00:00').getNumericValue()", 1409472000000),
    ("month first is tried before day first", "new GlideDateTime('03/04/2020 10:00:00').getValue()", "2020-03-04 10:00:00"),
    ("a bad text does not throw", "var g = new GlideDateTime('rubbish'); [g.isValid(), g.getErrorMsg()]", [False, "Invalid date time: 'rubbish', ignored"]),
    ("days are added", "var g = new GlideDateTime('2020-02-28 10:00:00'); g.addDaysUTC(2); g.getValue()", "2020-03-01 10:00:00"),
    ("months end with their last day", "var g = new GlideDateTime('2020-01-31 10:00:00'); g.addMonthsUTC(1); g.getValue()", "2020-02-29 10:00:00"),
    ("the zone of a Java class", "var g = new GlideDateTime('2024-07-01 10:00:00'); g.setTZ(Packages.java.util.TimeZone.getTimeZone('Europe/Berlin')); g.getDisplayValue()", "2024-07-01 12:00:00"),
    ("a difference", "GlideDateTime.subtract(new GlideDateTime('2011-08-28 09:00:00'), new GlideDateTime('2011-08-31 08:00:00')).getDisplayValue()", "2 Days 23 Hours"),
    ("comparisons", "var a = new GlideDateTime('2020-01-01 00:00:00'), b = new GlideDateTime('2020-01-02 00:00:00'); [a.before(b), a.after(b), a.compareTo(b), b.compareTo(a), a.equals(new GlideDateTime(a)), a.onOrBefore(a)]", [True, False, -1, 1, True, True]),
    ("parts", "var g = new GlideDateTime('2014-08-31 08:00:00'); [g.getDayOfWeekUTC(), g.getMonthUTC(), g.getYearUTC(), g.getDayOfMonthUTC(), g.getDaysInMonthUTC()]", [7, 8, 2014, 31, 31]),
    ("the week of the year", "new GlideDateTime('2011-12-01 00:00:00').getWeekOfYearUTC()", 49),
    ("the session's zone", "var g = new GlideDateTime('2014-08-31 08:00:00'); [g.getLocalTime().getByFormat('HH:mm:ss'), g.getDSTOffset(), g.isDST(), g.getTZOffset()]", ["01:00:00", 3600000, True, -25200000]),
    ("a local time is stored in UTC", "var g = new GlideDateTime(); g.setDisplayValue('2014-01-01 12:00:00'); g.getValue()", "2014-01-01 20:00:00"),
    ("a duration", "var d = new GlideDuration('3 12:00:00'); [d.getDayPart(), d.getRoundedDayPart(), d.getDurationValue(), d.getDisplayValue(), d.getValue()]", [3, 4, "3 12:00:00", "3 Days 12 Hours", "1970-01-04 12:00:00"]),
    ("durations add up to new ones", "var a = new GlideDuration('1 00:00:00'); var b = a.add(new GlideDuration('0 01:00:00')); [a.getDurationValue(), b.getDurationValue()]", ["1 00:00:00", "1 01:00:00"]),
    ("a date", "var d = new GlideDate(); d.setValue('2015-01-01'); [d.getValue(), d.getByFormat('dd-MM-yyyy'), d.getMonthNoTZ(), d.getYearNoTZ()]", ["2015-01-01", "01-01-2015", 1, 2015]),
    ("a time", "var t = new GlideTime(); t.setValue('1970-01-01 11:20:30'); [t.getByFormat('HH:mm'), t.getHourOfDayUTC()]", ["11:20", 11]),
    ("date functions of gs", "[gs.daysAgo(1), gs.daysAgoStart(0), gs.daysAgoEnd(0), gs.beginningOfThisMonth(), gs.monthsAgo(1)]", ["2024-04-30 12:00:00", "2024-05-01 07:00:00", "2024-05-02 06:59:59", "2024-05-01 07:00:00", "2024-04-01 12:00:00"]),
    ("a difference in the user's format", "gs.dateDiff('2011-11-04 08:00:00', '2011-11-03 07:00:00', false)", "-1 01:00:00"),
    ("a difference in seconds", "gs.dateDiff('2020-01-01 00:00:00', '2020-01-01 00:01:00', true)", "60"),
    ("a class is called without new", "GlideDateTime('2020-01-01 00:00:00').getValue()", "2020-01-01 00:00:00"),
]  # fmt: skip

SYSTEM: list[tuple[str, str, Any]] = [
    ("a missing property", "[gs.getProperty('no.such'), gs.getProperty('no.such', 'x')]", [None, "x"]),
    ("a property is written", "gs.setProperty('made.here', 'y', 'why'); gs.getProperty('made.here')", "y"),
    ("nil", "[gs.nil(''), gs.nil(null), gs.nil('x'), gs.nil(0)]", [True, True, False, False]),
    ("a table exists", "[gs.tableExists('incident'), gs.tableExists('nope')]", [True, False]),
    ("who", "[gs.getUserName(), gs.getUser().getName(), gs.getUserDisplayName() != '', gs.getUserID().length]", ["admin", "admin", True, 32]),
    ("an administrator has every role", "[gs.hasRole('itil'), gs.hasRole('no_such_role'), gs.getUser().hasRole('admin')]", [True, True, True]),
    ("not before a page", "[gs.isInteractive(), gs.isLoggedIn()]", [False, True]),
    ("ids", "/^[0-9a-f]{32}$/.test(gs.generateGUID())", True),
    ("base64 and addresses", "[gs.base64Encode('hä'), gs.base64Decode('aMOk'), gs.urlEncode('a b&c'), gs.urlDecode('a+b%26c')]", ["aMOk", "hä", "a+b%26c", "a b&c"]),
    ("an unknown message is its key, with its parts filled in", "gs.getMessage('Hello {0} and {1}', ['a', 'b'])", "Hello a and b"),
    ("messages are kept in the session", "gs.addErrorMessage('bad'); gs.addErrorMessage('worse'); gs.getErrorMessages()", ["bad", "worse"]),
    ("xml becomes an object", "JSON.parse(gs.xmlToJSON('<a><b>1</b><b>2</b></a>')).a.b", ["1", "2"]),
    ("json the old way", "var j = new JSON(); [j.encode({a: [1, null]}), j.decode('{\"b\": 2}').b]", ['{"a":[1,null]}', 2]),
    ("arrays", "var a = new ArrayUtil(); [a.contains([1, 2], 2), a.indexOf(['a', 'b'], 'b'), a.unique([1, 1, 2]), a.union([1], [2]), a.intersect([1, 2], [2, 3]), a.diff([1, 2], [2]), a.concat([1], [1])]", [True, 1, [1, 2], [1, 2], [2], [1], [1, 1]]),
    ("JSUtil", "[JSUtil.nil(''), JSUtil.notNil('x'), JSUtil.toBoolean('true'), JSUtil.toBoolean('yes'), JSUtil.type_of([]), JSUtil.instance_of(new GlideRecord('incident'), 'GlideRecord')]", [True, True, True, False, "Array", True]),
    ("texts", "[GlideStringUtil.escapeHTML('<a>'), GlideStringUtil.unEscapeHTML('&lt;a&gt;'), GlideStringUtil.escapeQueryTermSeparator('a^b'), GlideStringUtil.getNumeric('a1b2'), GlideStringUtil.isEligibleSysID('x')]", ["&lt;a&gt;", "<a>", "a^^b", "12", False]),
    ("tables and what they extend", "var t = new TableUtils('incident'); [t.getAbsoluteBase(), new GlideTableHierarchy('incident').getTables(), t.hasExtensions()]", ["task", ["incident", "task"], False]),
    ("a document", "var x = new XMLDocument2(); x.parseXML('<a><b c=\"1\">t</b><b>u</b></a>'); [x.isValid(), x.getNodeText('//b'), x.getNode('/a/b[2]').getTextContent(), x.getFirstNode('/a/b').getAttribute('c'), x.getDocumentElement().getNodeName()]", [True, "t", "u", "1", "a"]),
    ("a document that is none", "var x = new XMLDocument2(); x.parseXML('<a>'); x.isValid()", False),
    ("a document in the making", "var x = new XMLDocument2(); x.parseXML('<r/>'); var e = x.createElement('a'); x.setCurrentElement(e); x.setAttribute('k', 'v'); x.createElementWithTextValue('b', '<'); x.getDocumentElement().toString()", '<r><a k="v"><b>&lt;</b></a></r>'),
    ("a filter minds letter case", "var g = new GlideRecord('incident'); g.initialize(); g.short_description = 'Abc'; [GlideFilter.checkRecord(g, 'short_description=Abc'), GlideFilter.checkRecord(g, 'short_description=xyz')]", [True, False]),
    ("an attachment is written and read", "var g = new GlideRecord('incident'); g.initialize(); g.get(g.insert()); var s = new GlideSysAttachment(); var id = s.write(g, 'a.txt', 'text/plain', 'content'); var a = new GlideRecord('sys_attachment'); a.get(id); [s.getContent(a), s.getContentBase64(a), g.hasAttachments(), s.copy('incident', g.getUniqueValue(), 'incident', g.getUniqueValue()).length]", ["content", "Y29udGVudA==", True, 1]),
    ("digests", "new GlideDigest().getSHA256Hex('a').substring(0, 8)", "ca978112"),
]  # fmt: skip

QUERY: list[tuple[str, str, Any]] = [
    ("insert, get and types", "var q = new GlideQuery('incident').insert({short_description: 'gq', urgency: 2}).get(); var o = new GlideQuery('incident').get(q.sys_id, ['urgency', 'urgency$DISPLAY', 'active']).get(); [o.urgency, o.urgency$DISPLAY, o.active]", [2, "2 - Medium", True]),
    ("a stream", "for (var i = 0; i < 3; i++) new GlideQuery('incident').insert({short_description: 'st' + i}); new GlideQuery('incident').where('short_description', 'STARTSWITH', 'st').orderBy('short_description').select('short_description').map(function (r) { return r.short_description; }).filter(function (t) { return t != 'st1'; }).toArray(10)", ["st0", "st2"]),
    ("an empty optional", "var o = new GlideQuery('incident').where('short_description', 'no such').selectOne(); [o.isPresent(), o.orElse('other')]", [False, "other"]),
    ("counting and grouping", "new GlideQuery('incident').insert({short_description: 'gg', urgency: 1}); new GlideQuery('incident').insert({short_description: 'gg', urgency: 1}); var c = new GlideQuery('incident').where('short_description', 'gg'); [c.count(), c.aggregate('count').groupBy('urgency').select().toArray(5)[0].count]", [2, 2]),
    ("one field leads to another", "var u = new GlideQuery('sys_user').where('user_name', 'admin').selectOne().get(); var i = new GlideQuery('incident').insert({short_description: 'dw', caller_id: u.sys_id}).get(); new GlideQuery('incident').get(i.sys_id, ['caller_id.user_name']).get().caller_id.user_name", "admin"),
    ("updates of many", "new GlideQuery('incident').insert({short_description: 'up'}); new GlideQuery('incident').where('short_description', 'up').updateMultiple({urgency: 1}).rowCount", 1),
]  # fmt: skip

NICE = [
    ("new GlideQuery('no_table')", "Unknown table name"),
    ("new GlideQuery('incident').where('nope', 1).select().toArray(1)", "Unable to find field 'nope'"),
    ("new GlideQuery('incident').where('active', 'yes').select().toArray(1)", "Expecting type 'boolean'"),
    ("new GlideQuery('incident').where('number', 'LIKES', 'x').select().toArray(1)", "Unknown operator"),
    ("new GlideQuery('incident').where('active', true).orWhere('active', false).where('number', 'x')", "cannot follow"),
    ("new GlideQuery('incident').where('number', 'none').selectOne().get()", "get() called on empty Optional"),
]


@pytest.mark.documented(DOCS)
@pytest.mark.parametrize("script, value", [case[1:] for case in DATES], ids=[case[0] for case in DATES])
def test_dates(bench: Bench, script: str, value: Any) -> None:
    bench.instance.set_property("glide.sys.default.tz", "US/Pacific")
    assert bench.value(script) == value


@pytest.mark.documented(DOCS)
@pytest.mark.parametrize("script, value", [case[1:] for case in SYSTEM], ids=[case[0] for case in SYSTEM])
def test_the_system_and_its_helpers(bench: Bench, script: str, value: Any) -> None:
    assert bench.value(script) == value


@pytest.mark.documented("ServiceNowDocs, api-reference: GlideQuery, Stream and Optional")
@pytest.mark.parametrize("script, value", [case[1:] for case in QUERY], ids=[case[0] for case in QUERY])
def test_glide_query(bench: Bench, script: str, value: Any) -> None:
    assert bench.value(script) == value


@pytest.mark.documented("ServiceNowDocs, GlideQuery: mistakes throw and explain; the words are our own")
@pytest.mark.parametrize("script, text", NICE)
def test_mistakes_of_a_query_are_explained(bench: Bench, script: str, text: str) -> None:
    assert text in bench.run(script).error


@pytest.mark.documented("ServiceNowDocs, GlideSystem: levels, placeholders and sources of log lines")
def test_log_lines(bench: Bench) -> None:
    bench.run("gs.info('i {0}', 'x'); gs.warn('w'); gs.error('e'); gs.log('l', 'mine'); gs.print('p');")
    rows = bench.system.table("syslog").query("sourceIN*** Script,mine^ORDERBYsys_created_on")
    assert [(row["level"], row["source"], row["message"]) for row in rows] == [
        ("0", "*** Script", "i x"),
        ("1", "*** Script", "w"),
        ("2", "*** Script", "e"),
        ("0", "mine", "l"),
    ]


@pytest.mark.ours("an outbound call reaches what a test has planted and nothing else, and is told")
def test_outbound_calls(bench: Bench) -> None:
    script = (
        "var m = new sn_ws.RESTMessageV2(); m.setEndpoint('https://api.example.com/v1/things'); m.setHttpMethod('post');"
        "m.setQueryParameter('q', 'a b'); m.setRequestHeader('X-A', 'b'); m.setStringParameterNoEscape('who', 'me');"
        'm.setRequestBody(\'{"who": "${who}"}\'); var r = m.execute();'
        "[r.getStatusCode(), r.getBody(), r.haveError(), r.getHeader('X-B')]"
    )
    assert bench.value(script)[:3] == [0, "", True]
    assert "POST api.example.com" in bench.noted()
    from sandtable.scripting.planted import Stub

    bench.host.plant(Stub("https://api.example.com/", "POST", 201, '{"ok":true}', (("X-B", "c"),)))
    assert bench.value(script) == [201, '{"ok":true}', False, "c"]
    assert bench.host.outbound.calls[-1] == ("POST", "https://api.example.com/v1/things?q=a+b", '{"who": "me"}')


@pytest.mark.ours("a call of the platform that is not simulated throws by name and is told in the ledger")
@pytest.mark.parametrize(
    "script, name",
    [
        ("new GlideSysListControl('x')", "GlideSysListControl"),
        ("sn_fd.FlowAPI.getRunner()", "sn_fd.FlowAPI.getRunner"),
        ("new GlideRecord('incident').setViewDefinition(1)", "GlideRecord.setViewDefinition"),
        ("gs.alterSqlFieldDefintion('a')", "gs.alterSqlFieldDefintion"),
        ("new GlideEncrypter().encrypt('x')", "GlideEncrypter.encrypt"),
        ("Packages.java.lang.System.exit(1)", "Packages.java.lang.System.exit"),
        ("try { new GlideMutex() } catch (e) { }", "GlideMutex"),
        ("var o = {}; o.notThere()", "o.notThere"),
    ],
)
def test_what_is_not_there_is_told_by_name(bench: Bench, script: str, name: str) -> None:
    outcome = bench.run(script)
    assert outcome.failed == ("catch" not in script)
    assert name in bench.noted()


@pytest.mark.assumed("what public scripts do with files, queries and tables")
@pytest.mark.parametrize(
    "script, value",
    [
        ("String(Packages.java.lang.String(new GlideSysAttachment().getBytes(found)))", "h\u00e9llo"),
        ("new Packages.java.lang.String(new GlideSysAttachment().getBytes(found)) + ''", "h\u00e9llo"),
        ("'' + Packages.java.lang.String(new GlideSysAttachment().getBytes('incident', gr.getUniqueValue()))", "h\u00e9llo"),
        ("GlideStringUtil.base64Encode(new GlideSysAttachment().getBytes(found))", "aMOpbGxv"),
        ("new global.GlideQuery.parse('incident', 'number=none').select(['number']).toArray(5)", []),
        ("new GlideRecordUtil().getTables('incident')", ["incident", "task"]),
        ("var A = Class.create(); A.prototype = Object.extendsObject(TableUtils, {initialize: function (t) {"
         " TableUtils.prototype.initialize.call(this, t); }}); new A('incident').getAbsoluteBase()", "task"),
    ],
)  # fmt: skip
def test_idioms_of_public_scripts(bench: Bench, script: str, value: Any) -> None:
    incident = bench.add("incident", short_description="x")
    before = (
        f"var gr = new GlideRecord('incident'); gr.get('{incident.sys_id}');"
        "new GlideSysAttachment().write(gr, 'a.txt', 'text/plain', 'h\u00e9llo');"
        f"var found = new GlideRecord('sys_attachment'); found.get('table_sys_id', '{incident.sys_id}');"
    )
    assert bench.value(before + script) == value


@pytest.mark.documented(
    "ServiceNowDocs: GlideImpersonate; GlideScopedEvaluator.getVariable gives what the script has assigned"
)
def test_another_user_for_a_while_and_variables_of_an_evaluated_script(bench: Bench) -> None:
    other = bench.add("sys_user", user_name="other")
    bench.add("sys_user", user_name="gone", active=False)
    script = (
        "var names = [], as = new GlideImpersonate(), before = as.impersonate('%s'); names.push(gs.getUserName(), as.isImpersonating());"
        "as.impersonate(before); names.push(gs.getUserName(), GlideImpersonate().isImpersonating()); names"
    )
    assert bench.value(script % other.sys_id) == ["other", True, "admin", False]
    assert bench.run(script % other.sys_id, user="other").value[0] == "other"
    gone = bench.system.table("sys_user").first("user_name=gone")
    assert gone is not None
    assert bench.value(f"new GlideImpersonate().canImpersonate('{gone.sys_id}')") is False
    assert bench.value(f"new GlideImpersonate().canImpersonate('{other.sys_id}')", user="other") is False
    include = bench.include("Evaluated", "result = {n: start + 1}; result.n")
    evaluated = (
        f"var gr = new GlideRecord('sys_script_include'); gr.get('{include.sys_id}'); var e = new GlideScopedEvaluator();"
        "e.putVariable('result', {}); e.putVariable('start', 1); [e.evaluateScript(gr, 'script', null), e.getVariable('result').n]"
    )
    assert bench.value(evaluated) == [2, 2]


@pytest.mark.ours("a line of the platform's own objects is no line of a script")
def test_an_error_inside_of_an_object_is_told_at_the_line_that_called_it(bench: Bench) -> None:
    for number in range(40):
        bench.value("\n" * 60 + f"{number}")
    outcome = bench.run("\n\nnew GlideRecord('incident').setViewDefinition(1);")
    assert outcome.line == 3
    assert "background script : Line(3)" in outcome.error


@pytest.mark.recorded("stock Rhino 1.7.14: texts of errors, under the platform's own prefix")
@pytest.mark.parametrize(
    "script, text",
    [
        ("nothing", '"nothing" is not defined.'),
        ("var a; a.b", 'Cannot read property "b" from undefined'),
        ("null.x", 'Cannot read property "x" from null'),
        ("var s = 'x'; s.foo()", "Cannot find function foo in object s."),
        ("var b = '", "unterminated string literal"),
        ("return 1", "invalid return"),
    ],
)
def test_texts_of_errors(bench: Bench, script: str, text: str) -> None:
    outcome = bench.run(script)
    assert outcome.error.startswith(f"com.glide.script.RhinoEcmaError: {text}")
    assert outcome.line == 1


@pytest.mark.ours("a script that ends too early is told to, and on which line")
@pytest.mark.parametrize("script", ["gs.info(", "gs.info(1", "\nif (true) {", "var a = {b: 1"])
def test_a_script_that_ends_too_early(bench: Bench, script: str) -> None:
    outcome = bench.run(script)
    assert "RhinoEcmaError: Unexpected end of file: a bracket is not closed" in outcome.error
    assert outcome.line == script.count("\n") + 1
