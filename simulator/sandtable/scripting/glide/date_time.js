// GlideDateTime: a moment, kept in milliseconds since 1970 UTC. The session's zone comes from the instance.
const DAY = 86400000;

function two(number, width) { return String(number).padStart(width || 2, '0'); }

function formatUtc(ms) {
  const at = new RealDate(ms);
  if (isNaN(at.getTime())) return '';
  return two(at.getUTCFullYear(), 4) + '-' + two(at.getUTCMonth() + 1) + '-' + two(at.getUTCDate()) + ' ' +
    two(at.getUTCHours()) + ':' + two(at.getUTCMinutes()) + ':' + two(at.getUTCSeconds());
}

// The milliseconds of a text in the platform's own form, NaN for another.
function parseUtc(text) {
  const match = /^\s*(\d{4})-(\d\d?)-(\d\d?)(?:[ T](\d\d?):(\d\d?)(?::(\d\d?))?)?\s*$/.exec(text);
  if (!match) return NaN;
  const part = match.slice(1).map((each) => (each === undefined ? 0 : Number(each)));
  if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31 || part[3] > 23 || part[4] > 59 || part[5] > 59) return NaN;
  return RealDate.UTC(part[0], part[1] - 1, part[2], part[3], part[4], part[5]);
}

function offsetAt(ms, zone) { return call('offset', ms, zone || ''); }
function localOf(ms, zone) { return ms + offsetAt(ms, zone); }
function fromLocal(ms, zone) { return call('from_local', ms, zone || ''); }

function isMoment(value) { return typeof value === 'object' && value !== null && value[ST] && value[ST].moment === true; }

// The number of a week: weeks begin on Sunday, the first is the one with the first of January.
function weekOf(ms) {
  const at = new RealDate(ms), first = RealDate.UTC(at.getUTCFullYear(), 0, 1);
  const next = RealDate.UTC(at.getUTCFullYear() + 1, 0, 1);
  if (ms - DAY * at.getUTCDay() + 6 * DAY >= next) return 1;
  const start = first - DAY * new RealDate(first).getUTCDay();
  return Math.floor((ms - start) / (7 * DAY)) + 1;
}

function addMonths(ms, months) {
  const at = new RealDate(ms), day = at.getUTCDate();
  at.setUTCDate(1);
  at.setUTCMonth(at.getUTCMonth() + months);
  const last = new RealDate(RealDate.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
  at.setUTCDate(Math.min(day, last));
  return at.getTime();
}

class GlideDateTime {
  constructor(value, native) {
    const state = { moment: true, ms: 0, valid: true, error: null, zone: '' };
    Object.defineProperty(this, ST, { value: state });
    if (arguments.length === 0 || (value === undefined && native !== NATIVE)) state.ms = clockNow();
    else if (value === undefined || value === null) { state.ms = 0; state.valid = false; }
    else if (isMoment(value)) state.ms = value[ST].ms;
    else read(state, textOf(value), 'Invalid date time: ');
    return told('GlideDateTime', this);
  }
  getValue() { return this[ST].valid ? formatUtc(this[ST].ms) : ''; }
  getValueInternal() { return this.getValue(); }
  toString() { return this.getValue(); }
  valueOf() { return this.getValue(); }
  getNumericValue() { return this[ST].ms; }
  getDisplayValue() { return this[ST].valid ? call('show_moment', this[ST].ms, this[ST].zone) : ''; }
  getDisplayValueInternal() { return this[ST].valid ? formatUtc(localOf(this[ST].ms, this[ST].zone)) : ''; }
  getDisplayValueWithoutTZ() { return this.getDisplayValueInternal(); }
  getInternalFormattedLocalTime() { return this.getDisplayValueInternal(); }
  getUserFormattedLocalTime() { return this.getDisplayValue(); }
  getUserDateTimeFormat() { return call('date_time_format'); }
  getByFormat(pattern) { return call('format_moment', this[ST].ms, String(pattern), 'UTC'); }
  getXMLValue() { return this.getValue(); }
  setXMLValue(text) { this.setValue(text); }
  setValue(value) {
    const state = this[ST];
    state.error = null;
    if (typeof value === 'number') { state.ms = value; state.valid = true; }
    else if (isMoment(value)) { state.ms = value[ST].ms; state.valid = value[ST].valid; }
    else if (value instanceof RealDate) { state.ms = value.getTime(); state.valid = true; }
    else read(state, textOf(value), 'Invalid date time: ');
  }
  setValueUTC(text, pattern) { readAs(this[ST], textOf(text), jsName(pattern), 'UTC'); }
  setNumericValue(ms) { this[ST].ms = Number(ms); this[ST].valid = true; }
  setDisplayValue(text, pattern) { readAs(this[ST], textOf(text), pattern === undefined ? '' : String(pattern), this[ST].zone); }
  setDisplayValueInternal(text) { readAs(this[ST], textOf(text), 'yyyy-MM-dd HH:mm:ss', this[ST].zone); }
  setDisplayValueInternalWithAlternates(text) { this.setDisplayValueInternal(text); }
  setGlideDateTime(other) { this[ST].ms = other[ST].ms; }
  setTZ(zone) { this[ST].zone = typeof zone === 'object' && zone !== null && zone.getID ? zone.getID() : String(zone); }
  setTimeZone(zone) { this[ST].zone = String(zone); return true; }
  getTZ() { return zoneObject(this[ST].zone || call('time_zone')); }
  isValid() { return this[ST].valid; }
  getErrorMsg() { return this[ST].error; }
  hasDate() { return this[ST].valid; }
  getDate() { const date = new GlideDate(); date.setValue(this.getValue().slice(0, 10)); return date; }
  getLocalDate() { const date = new GlideDate(); date.setValue(this.getDisplayValueInternal().slice(0, 10)); return date; }
  getTime() { const time = new GlideTime(); time.setValue(this.getValue()); return time; }
  getLocalTime() { const time = new GlideTime(); time.setValue(this.getDisplayValueInternal()); time[ST].local = true; return time; }
  add(value) { this[ST].ms += amount(value); }
  addSeconds(count) { this[ST].ms += Number(count) * 1000; }
  subtract(value) {
    if (isMoment(value)) return GlideDateTime.subtract(value, this);
    this[ST].ms -= amount(value);
  }
  before(other) { return this[ST].ms < asMoment(other); }
  after(other) { return this[ST].ms > asMoment(other); }
  onOrBefore(other) { return this[ST].ms <= asMoment(other); }
  onOrAfter(other) { return this[ST].ms >= asMoment(other); }
  compareTo(other) { return Math.sign(this[ST].ms - asMoment(other)); }
  equals(other) {
    const ms = typeof other === 'string' ? parseUtc(other) : asMoment(other);
    return this[ST].ms === ms;
  }
  getUTCValue() { return this.getValue(); }
  getUserTimeZone() { return call('time_zone'); }
  getUTCMidnight() { const at = new GlideDateTime(this); at.setNumericValue(Math.floor(this[ST].ms / DAY) * DAY); return at; }
  getInternalMidnight() { const at = new GlideDateTime(this); at.setNumericValue(fromLocal(Math.floor(localOf(this[ST].ms, this[ST].zone) / DAY) * DAY, this[ST].zone)); return at; }
  getDisplayValueLang() { return this.getDisplayValue(); }
  setInitialValue(value) { this.setValue(value); }
  getTZOffset() { return offsetAt(this[ST].ms, this[ST].zone); }
  getDSTOffset() { return call('dst_offset', this[ST].ms, this[ST].zone); }
  isDST() { return this.getDSTOffset() !== 0; }
  getSpanTime(pattern) { const time = new GlideTime(); time[ST].ms = ((this[ST].ms % DAY) + DAY) % DAY; return time; }
  getTimeDate() { return this; }
  hashCode() { return this[ST].ms % 2147483647; }
  static subtract(start, end) {
    const length = new GlideDuration(0);
    length[ST].ms = asMoment(end) - asMoment(start);
    return length;
  }
}

function amount(value) {
  if (typeof value === 'object' && value !== null && value[ST] && typeof value[ST].ms === 'number') return value[ST].ms;
  return Number(value) || 0;
}

function asMoment(value) {
  if (typeof value === 'object' && value !== null && value[ST] && typeof value[ST].ms === 'number') return value[ST].ms;
  const ms = parseUtc(textOf(value));
  return isNaN(ms) ? Number(value) || 0 : ms;
}

function read(state, text, complaint) {
  let ms = parseUtc(text);
  if (isNaN(ms)) ms = call('read_any', text);
  if (ms === null || isNaN(ms)) {
    state.valid = false;
    state.error = complaint + "'" + text + "', ignored";
    call('log', 'warning', '', state.error);
    return;
  }
  state.ms = ms;
  state.valid = true;
  state.error = null;
}

function readAs(state, text, pattern, zone) {
  const ms = call('read_local', text, pattern, zone || '');
  if (ms === null) {
    state.valid = false;
    state.error = 'Could not parse DateTime: ' + text;
    return;
  }
  state.ms = ms;
  state.valid = true;
  state.error = null;
}

// Each unit in UTC and on the clocks of the session's zone.
const UNITS = {
  Days: (ms, count) => ms + count * DAY,
  Weeks: (ms, count) => ms + count * 7 * DAY,
  Months: (ms, count) => addMonths(ms, count),
  Years: (ms, count) => addMonths(ms, count * 12),
};
for (const unit of Object.keys(UNITS)) {
  const local = function (count) { this[ST].ms = fromLocal(UNITS[unit](localOf(this[ST].ms, this[ST].zone), Math.trunc(Number(count))), this[ST].zone); };
  const utc = function (count) { this[ST].ms = UNITS[unit](this[ST].ms, Math.trunc(Number(count))); };
  hidden(GlideDateTime.prototype, { ['add' + unit + 'LocalTime']: local, ['add' + unit + 'UTC']: utc, ['add' + unit]: utc });
}
const PARTS = {
  DayOfWeek: [(at) => at.getUTCDay() || 7, null],
  DayOfMonth: [(at) => at.getUTCDate(), (at, value) => at.setUTCDate(value)],
  Month: [(at) => at.getUTCMonth() + 1, (at, value) => at.setTime(addMonths(at.getTime(), value - 1 - at.getUTCMonth()))],
  Year: [(at) => at.getUTCFullYear(), (at, value) => at.setUTCFullYear(value)],
  WeekOfYear: [(at) => weekOf(at.getTime()), null],
  DaysInMonth: [(at) => new RealDate(RealDate.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate(), null],
  HourOfDay: [(at) => at.getUTCHours(), (at, value) => at.setUTCHours(value)],
  Hour: [(at) => at.getUTCHours() % 12, null],
  Minutes: [(at) => at.getUTCMinutes(), (at, value) => at.setUTCMinutes(value)],
  Seconds: [(at) => at.getUTCSeconds(), (at, value) => at.setUTCSeconds(value)],
};
function definePart(prototype, part, [get, set]) {
  const local = function () { return get(new RealDate(localOf(this[ST].ms, this[ST].zone))); };
  const utc = function () { return get(new RealDate(this[ST].ms)); };
  hidden(prototype, { ['get' + part + 'LocalTime']: local, ['get' + part + 'UTC']: utc, ['get' + part + 'NoTZ']: utc,
    ['get' + part]: utc });
  if (!set) return;
  const putLocal = function (value) { const at = new RealDate(localOf(this[ST].ms, this[ST].zone)); set(at, Number(value)); this[ST].ms = fromLocal(at.getTime(), this[ST].zone); };
  const putUtc = function (value) { const at = new RealDate(this[ST].ms); set(at, Number(value)); this[ST].ms = at.getTime(); };
  hidden(prototype, { ['set' + part + 'LocalTime']: putLocal, ['set' + part + 'UTC']: putUtc, ['set' + part]: putUtc });
}
for (const part of Object.keys(PARTS)) definePart(GlideDateTime.prototype, part, PARTS[part]);

function zoneObject(name) {
  return { getID: () => name, getDisplayName: () => name, getRawOffset: () => offsetAt(clockNow(), name), toString: () => name };
}

publish({ GlideDateTime: callable(GlideDateTime) });
