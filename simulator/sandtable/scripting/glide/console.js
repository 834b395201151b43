// console: the platform's form of what browsers have; lines go to the system log.
const consoleLevels = { log: 'info', info: 'info', warn: 'warning', error: 'error', debug: 'debug' };
const consoleCounts = new Map(), consoleTimers = new Map();
let consoleDepth = 0;
function safeJson(value) { try { return toJson(value); } catch (error) { return shown(value); } }
function consoleText(value) { return typeof value === 'object' && value !== null && !isElement(value) && !isRecord(value) ? safeJson(value) : shown(value); }

// The first value may have places for those after it; what is left over follows, divided by spaces.
function consoleLine(given) {
  const [first, ...rest] = given;
  if (typeof first !== 'string') return given.map(consoleText).join(' ');
  const line = first.replace(/%([sdifoOc%])/g, (place, kind) => {
    if (kind === '%') return '%';
    if (!rest.length) return place;
    const value = rest.shift();
    if (kind === 'c') return '';
    if (kind === 'd' || kind === 'i') return String(Math.trunc(Number(textOf(value))));
    return kind === 'f' ? String(Number(textOf(value))) : consoleText(value);
  });
  return [line, ...rest.map(consoleText)].join(' ');
}
function consoleWrite(level, text) {
  const indent = '    '.repeat(consoleDepth);
  call('log', level, '', indent + text.split('\n').join('\n' + indent));
}
function consoleLabel(label) { return label === undefined ? 'default' : shown(label); }
function consoleElapsed(label, more) {
  const key = consoleLabel(label);
  if (!consoleTimers.has(key)) { consoleWrite('warning', 'Timer "' + key + '" doesn\'t exist.'); return false; }
  consoleWrite('info', [key + ': ' + (clockNow() - consoleTimers.get(key)) + 'ms', ...more.map(consoleText)].join(' '));
  return true;
}
function forgetConsole() { consoleCounts.clear(); consoleTimers.clear(); consoleDepth = 0; }

const consoleMembers = {
  assert(holds, ...given) { if (!holds) consoleWrite('error', given.length ? consoleLine(given) : 'Assertion failed'); },
  count(label) {
    const key = consoleLabel(label);
    consoleCounts.set(key, (consoleCounts.get(key) || 0) + 1);
    consoleWrite('info', key + ': ' + consoleCounts.get(key));
  },
  countReset(label) { const key = consoleLabel(label); consoleCounts.set(key, 0); consoleWrite('info', key + ': 0'); },
  group(...given) { if (given.length) consoleWrite('info', consoleLine(given)); consoleDepth += 1; },
  groupEnd() { consoleDepth = Math.max(0, consoleDepth - 1); },
  time(label) { consoleTimers.set(consoleLabel(label), clockNow()); },
  timeLog(label, ...more) { consoleElapsed(label, more); },
  timeEnd(label) { if (consoleElapsed(label, [])) consoleTimers.delete(consoleLabel(label)); },
  trace(...given) { consoleWrite('info', [consoleLine(given.length ? given : ['']), shown(new Error('').stack)].join('\n').trim()); },
};
for (const name of Object.keys(consoleLevels)) consoleMembers[name] = (...given) => consoleWrite(consoleLevels[name], consoleLine(given));
publish({ console: told('console', consoleMembers) });
