// GlideSchedule: working time, as the records of a schedule and its entries say. GlideScheduleDateTime: a time on its clocks.
class GlideSchedule {
  constructor(id, zone) {
    Object.defineProperty(this, ST, { value: { id: '', zone: '', without: '', found: null } });
    if (typeof id === 'object' && id !== null && id[ST] && 'without' in id[ST]) Object.assign(this[ST], id[ST]);
    else if (id !== undefined && id !== null) this.load(id, typeof zone === 'string' ? zone : '');
    return told('GlideSchedule', this);
  }
  load(id, zone, without) {
    const state = this[ST];
    state.id = textOf(id);
    state.without = textOf(without);
    state.found = call('schedule', state.id);
    state.zone = textOf(zone) || (state.found && state.found.zone !== 'floating' ? state.found.zone : '');
    if (state.found === null) state.id = '';
  }
  getID() { return this[ST].id; }
  getName() { return this[ST].found ? this[ST].found.name : ''; }
  isValid() { return !!this[ST].found && this[ST].found.entries > 0; }
  getTimeZone() { return this[ST].zone || call('time_zone'); }
  getTZ() { return zoneObject(this.getTimeZone()); }
  setTimeZone(zone) { this[ST].zone = textOf(zone); }
  isInSchedule(time, zone) { return ask(this[ST], 'holds', zone, asMoment(time), 0); }
  add(start, length, zone) { const at = new GlideDateTime(); at.setNumericValue(ask(this[ST], 'later', zone, asMoment(start), amount(length))); return at; }
  duration(start, end, zone) { return new GlideDuration(ask(this[ST], 'passed', zone, asMoment(start), asMoment(end))); }
  whenNext(time, zone) { return ask(this[ST], 'next', zone, time === undefined ? clockNow() : asMoment(time), 0); }
}
function ask(state, question, zone, ms, other) { return call('in_schedule', question, state.id, state.without, textOf(zone) || state.zone, ms, other); }

class GlideScheduleDateTime {
  constructor(value, zone) {
    const state = { moment: true, valid: true, ms: clockNow(), zone: textOf(zone) };
    Object.defineProperty(this, ST, { value: state });
    if (value !== undefined && value !== null) this.setValue(value);
    return told('GlideScheduleDateTime', this);
  }
  setValue(value) {
    const state = this[ST];
    if (typeof value === 'number') { state.ms = value; return; }
    if (isMoment(value)) { state.ms = value[ST].ms; return; }
    const text = textOf(value), match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)$/.exec(text);
    if (match) {
      const ms = RealDate.UTC(match[1], match[2] - 1, match[3], match[4], match[5], match[6]);
      state.ms = match[7] ? ms : fromLocal(ms, state.zone);
    } else state.ms = new GlideDateTime(text).getNumericValue();
  }
  getMS() { return this[ST].ms; }
  setMS(ms) { this[ST].ms = Number(ms); }
  getNumericValue() { return this[ST].ms; }
  addDays(count) { this[ST].ms += Number(count) * DAY; }
  addSeconds(count) { this[ST].ms += Number(count) * 1000; }
  getTimeZoneID() { return this[ST].zone || call('time_zone'); }
  getTimeZone() { return zoneObject(this.getTimeZoneID()); }
  setTimeZone(zone) { this[ST].zone = textOf(zone); }
  isFloating() { return this[ST].zone === ''; }
  isDST() { return call('dst_offset', this[ST].ms, this[ST].zone) !== 0; }
  convertTimeZone(from, to) { this[ST].ms = localOf(fromLocal(this[ST].ms, textOf(from)), textOf(to)); return this.getValue(); }
  setBeginningOfDay() { this[ST].ms = fromLocal(Math.floor(localOf(this[ST].ms, this[ST].zone) / DAY) * DAY, this[ST].zone); }
  setEndOfDay() { this.setBeginningOfDay(); this[ST].ms += DAY - 1000; }
  getGlideDateTime() { return new GlideDateTime(this); }
  getDisplayValue() { return call('show_moment', this[ST].ms, this[ST].zone); }
  getDisplayValueInternal() { return formatUtc(localOf(this[ST].ms, this[ST].zone)); }
  getValue() { return formatUtc(this[ST].ms).replace(/[-:]/g, '').replace(' ', 'T') + 'Z'; }
  getValueInternal() { return this.getValue(); }
  toString() { return this.getValue(); }
  compareTo(other) { return Math.sign(this[ST].ms - asMoment(other)); }
  equals(other) { return this[ST].ms === asMoment(other); }
}

publish({ GlideSchedule: callable(GlideSchedule), GlideScheduleDateTime: callable(GlideScheduleDateTime) });

// A script that runs once, later: a record of sys_trigger.
function ScheduleOnce() { this.initialize(); }
ScheduleOnce.prototype = {
  type: 'ScheduleOnce',
  initialize() { this.script = ''; this.label = ''; this.document = ''; this.documentKey = ''; this.systemID = ''; this.time = new GlideDateTime(); },
  setTime(at) { this.time = new GlideDateTime(at); },
  setAsSeconds(count) { this.time.addSeconds(Number(count)); },
  setLabel(text) { this.label = textOf(text); },
  setDocument(record) { this.document = record.getTableName(); this.documentKey = record.getUniqueValue(); },
  setSystemID(id) { this.systemID = textOf(id); },
  schedule() {
    const job = new GlideRecord('sys_trigger');
    job.initialize();
    const values = { name: this.label || 'ScheduleOnce', script: this.script, next_action: this.time, trigger_type: 0, state: 0,
      document: this.document, document_key: this.documentKey, system_id: this.systemID };
    for (const field of Object.keys(values)) job.setValue(field, values[field]);
    job.job_id.setDisplayValue('RunScriptJob');
    return job.insert();
  },
};
publish({ ScheduleOnce });
