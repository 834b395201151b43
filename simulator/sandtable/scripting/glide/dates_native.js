// JavaScript's own Date, on the instance's clock and in UTC, the zone of the instance's system.
const RealDate = Date;
let clockOffset = 0;
const systemNow = RealDate.now;
function clockNow() { return call('now_ms'); }

function localText(text) {
  // A text without a zone is a time of the system's zone.
  const match = /^\s*(\d{4})-(\d\d?)-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?)?\s*$/.exec(text);
  if (!match) return RealDate.parse(text);
  const part = match.slice(1).map((each) => (each === undefined ? 0 : Number(each)));
  return RealDate.UTC(part[0], part[1] - 1, part[2], part[3], part[4], part[5], part[6]);
}

function PlatformDate(...args) {
  if (!new.target) return new PlatformDate().toString();
  let value;
  if (args.length === 0) value = clockNow();
  else if (args.length > 1) value = RealDate.UTC(...args);
  else {
    let given = args[0];
    if (given instanceof RealDate) given = given.getTime();
    else if (typeof given === 'object' && given !== null) given = given[Symbol.toPrimitive] || given.valueOf() === given ? String(given) : given.valueOf();
    value = typeof given === 'string' ? localText(given) : Number(given);
  }
  return Reflect.construct(RealDate, [value], new.target);
}
PlatformDate.prototype = RealDate.prototype;
Object.defineProperty(PlatformDate, 'name', { value: 'Date' });
hidden(PlatformDate, { UTC: RealDate.UTC, parse: (text) => localText(String(text)), now: () => clockNow() });
Object.defineProperty(PlatformDate.prototype, 'constructor', { value: PlatformDate, writable: true, configurable: true });
for (const part of ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']) {
  hidden(PlatformDate.prototype, { ['get' + part]: RealDate.prototype['getUTC' + part] });
  if (part !== 'Day') hidden(PlatformDate.prototype, { ['set' + part]: RealDate.prototype['setUTC' + part] });
}
{
  const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const two = (number) => String(number).padStart(2, '0');
  const date = (at) => days[at.getUTCDay()] + ' ' + months[at.getUTCMonth()] + ' ' + two(at.getUTCDate()) + ' ' + at.getUTCFullYear();
  const time = (at) => two(at.getUTCHours()) + ':' + two(at.getUTCMinutes()) + ':' + two(at.getUTCSeconds()) + ' GMT-0000 (GMT)';
  const valid = (at, words) => (isNaN(at.getTime()) ? 'Invalid Date' : words());
  hidden(PlatformDate.prototype, {
    getTimezoneOffset: () => 0,
    toString() { return valid(this, () => date(this) + ' ' + time(this)); },
    toDateString() { return valid(this, () => date(this)); },
    toTimeString() { return valid(this, () => time(this)); },
    getYear() { return this.getUTCFullYear() - 1900; },
  });
}
publish({ Date: PlatformDate });
