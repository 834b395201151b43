// GlideDate: a day without a time. GlideTime: a time of day. GlideDuration: a length of time.
class GlideDate extends GlideDateTime {
  constructor(value) {
    super();
    const state = this[ST];
    state.ms = value === undefined ? localOf(clockNow()) : NaN;
    if (value !== undefined) this.setValue(value);
    else state.ms = Math.floor(state.ms / DAY) * DAY;
    return told('GlideDate', this);
  }
  getValue() { return isNaN(this[ST].ms) ? '' : formatUtc(this[ST].ms).slice(0, 10); }
  toString() { return this.getValue(); }
  setValue(value) {
    const state = this[ST];
    if (isMoment(value)) { state.ms = Math.floor(value[ST].ms / DAY) * DAY; state.valid = true; return; }
    if (typeof value === 'number') { state.ms = Math.floor(value / DAY) * DAY; state.valid = true; return; }
    const ms = parseUtc(textOf(value));
    state.valid = !isNaN(ms);
    if (state.valid) state.ms = Math.floor(ms / DAY) * DAY;
    else { state.ms = NaN; state.error = "Invalid date: '" + textOf(value) + "'"; }
  }
  setDisplayValue(text) {
    const day = call('read_day', textOf(text));
    if (day === null) { this[ST].valid = false; this[ST].error = 'Could not parse Date: ' + textOf(text); return; }
    this.setValue(day);
  }
  setDisplayValueInternal(text) { this.setValue(text); }
  getDisplayValue() { return isNaN(this[ST].ms) ? '' : call('show_day', this.getValue()); }
  getDisplayValueInternal() { return this.getValue(); }
  getByFormat(pattern) { return call('format_moment', this[ST].ms, String(pattern), 'UTC'); }
  getLocalDate() { return this; }
  getDate() { return this; }
  static subtract(start, end) {
    const length = new GlideDuration(0);
    length[ST].ms = asMoment(end) - asMoment(start);
    return length;
  }
}
for (const part of Object.keys(PARTS)) {
  const get = PARTS[part][0];
  const day = function () { return get(new RealDate(this[ST].ms)); };
  hidden(GlideDate.prototype, { ['get' + part + 'LocalTime']: day, ['get' + part + 'UTC']: day, ['get' + part + 'NoTZ']: day, ['get' + part]: day });
}
for (const unit of Object.keys(UNITS)) {
  const move = function (count) { this[ST].ms = UNITS[unit](this[ST].ms, Math.trunc(Number(count))); };
  hidden(GlideDate.prototype, { ['add' + unit + 'LocalTime']: move, ['add' + unit + 'UTC']: move, ['add' + unit]: move });
}

class GlideTime {
  constructor(value) {
    Object.defineProperty(this, ST, { value: { ms: 0, local: false } });
    if (typeof value === 'number') this[ST].ms = value;
    else if (value !== undefined) this.setValue(value);
    return told('GlideTime', this);
  }
  setValue(value) {
    if (typeof value === 'number') { this[ST].ms = value; return; }
    if (typeof value === 'object' && value !== null && value[ST] && typeof value[ST].ms === 'number') { this[ST].ms = ((value[ST].ms % DAY) + DAY) % DAY; return; }
    const match = /(\d{1,3}):(\d\d?)(?::(\d\d?))?\s*$/.exec(textOf(value));
    if (match) this[ST].ms = ((Number(match[1]) * 60 + Number(match[2])) * 60 + Number(match[3] || 0)) * 1000;
  }
  setDisplayValue(text) { this.setValue(text); }
  setDisplayValueInternal(text) { this.setValue(text); }
  getValue() { return '1970-01-01 ' + this.clock(); }
  getDisplayValue() { return call('show_time', this.clock()); }
  getDisplayValueInternal() { return this.clock(); }
  toString() { return this.getValue(); }
  getByFormat(pattern) { return call('format_moment', this[ST].ms, String(pattern), 'UTC'); }
  getNumericValue() { return this[ST].ms; }
  getHourOfDayUTC() { return Math.floor(this[ST].ms / 3600000) % 24; }
  getHourOfDayLocalTime() { return this[ST].local ? this.getHourOfDayUTC() : new RealDate(localOf(this[ST].ms)).getUTCHours(); }
  getHourUTC() { return this.getHourOfDayUTC() % 12; }
  getHourLocalTime() { return this.getHourOfDayLocalTime() % 12; }
  getMinutesUTC() { return Math.floor(this[ST].ms / 60000) % 60; }
  getMinutesLocalTime() { return this.getMinutesUTC(); }
  getSeconds() { return Math.floor(this[ST].ms / 1000) % 60; }
  getSecondsUTC() { return this.getSeconds(); }
  static subtract(start, end) { const length = new GlideDuration(0); length[ST].ms = end[ST].ms - start[ST].ms; return length; }
}
hidden(GlideTime.prototype, { clock() {
  const ms = ((this[ST].ms % DAY) + DAY) % DAY;
  return two(Math.floor(ms / 3600000)) + ':' + two(Math.floor(ms / 60000) % 60) + ':' + two(Math.floor(ms / 1000) % 60);
} });

class GlideDuration {
  constructor(value) {
    Object.defineProperty(this, ST, { value: { ms: 0, duration: true } });
    if (typeof value === 'number') this[ST].ms = value;
    else if (typeof value === 'object' && value !== null && value[ST] && typeof value[ST].ms === 'number') this[ST].ms = value[ST].ms;
    else if (value !== undefined && value !== null) this.setValue(value);
    return told('GlideDuration', this);
  }
  setValue(value) {
    if (typeof value === 'number') { this[ST].ms = value; return; }
    const text = textOf(value), stamp = parseUtc(text);
    if (/^\d{4}-/.test(text) && !isNaN(stamp)) { this[ST].ms = stamp; return; }
    const match = /^\s*(-)?(?:(\d+)\s+)?(\d{1,2}):(\d\d?)(?::(\d\d?))?\s*$/.exec(text);
    if (match) {
      const ms = (((Number(match[2] || 0) * 24 + Number(match[3])) * 60 + Number(match[4])) * 60 + Number(match[5] || 0)) * 1000;
      this[ST].ms = match[1] ? -ms : ms;
      return;
    }
    if (/^-?\d+$/.test(text)) this[ST].ms = Number(text);
  }
  setDisplayValue(text) { const ms = call('read_duration', textOf(text)); if (ms !== null) this[ST].ms = ms; }
  getValue() { return formatUtc(this[ST].ms); }
  toString() { return this.getValue(); }
  getNumericValue() { return this[ST].ms; }
  getDurationValue() {
    const ms = Math.abs(this[ST].ms), days = Math.floor(ms / DAY);
    const clock = two(Math.floor(ms / 3600000) % 24) + ':' + two(Math.floor(ms / 60000) % 60) + ':' + two(Math.floor(ms / 1000) % 60);
    return (this[ST].ms < 0 ? '-' : '') + (days ? days + ' ' : '') + clock;
  }
  getDisplayValue() { return call('show_duration', this[ST].ms); }
  getByFormat(pattern) { return call('format_moment', this[ST].ms, String(pattern), 'UTC'); }
  getDayPart() { return Math.trunc(this[ST].ms / DAY); }
  getRoundedDayPart() { return Math.round(this[ST].ms / DAY); }
  add(other) { return new GlideDuration(this[ST].ms + amount(other)); }
  subtract(other) { return new GlideDuration(this[ST].ms - amount(other)); }
  before(other) { return this[ST].ms < amount(other); }
  after(other) { return this[ST].ms > amount(other); }
  equals(other) { return this[ST].ms === amount(other); }
  compareTo(other) { return Math.sign(this[ST].ms - amount(other)); }
  static subtract(start, end) { return GlideDateTime.subtract(start, end); }
}

// A length of time is kept as a moment after 1970, and can be asked for its parts like one.
for (const part of Object.keys(PARTS)) {
  const get = PARTS[part][0];
  const ask = function () { return get(new RealDate(this[ST].ms)); };
  for (const type of [GlideTime, GlideDuration]) {
    for (const name of ['UTC', 'LocalTime', 'NoTZ', '']) {
      if (!('get' + part + name in type.prototype)) hidden(type.prototype, { ['get' + part + name]: ask });
    }
  }
}
for (const type of [GlideTime, GlideDuration]) {
  hidden(type.prototype, { getXMLValue() { return this.getValue(); }, setXMLValue(text) { this.setValue(text); }, getLocalTime() { return new GlideTime(this); } });
}

class GlideCalendarDateTime extends GlideDateTime {}

publish({ GlideDate: callable(GlideDate), GlideTime: callable(GlideTime), GlideDuration: callable(GlideDuration),
  GlideCalendarDateTime: callable(GlideCalendarDateTime) });
