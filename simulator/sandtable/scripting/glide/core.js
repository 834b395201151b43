// What every other file of this folder stands on: the one door to the instance, errors, scopes, names that are missing.
const host = globalThis.$host;
delete globalThis.$host;
const parseJson = JSON.parse, toJson = JSON.stringify;
const indirectEval = globalThis.eval, Reflect = globalThis.Reflect;
const own = Object.prototype.hasOwnProperty;
const ST = Symbol('state'), ELEMENT = Symbol('element'), FAILURE = Symbol('failure'), NATIVE = Symbol('native');
let scope = 'global';

function call(op, ...args) {
  const answer = host(op, scope, toJson(args));
  if (typeof answer !== 'string') return answer;
  const rest = answer.slice(1);
  if (answer[0] === 's') return rest;
  if (answer[0] === 'j') return parseJson(rest);
  const told = parseJson(rest);
  const error = new Error(told.message);
  error.name = told.name || 'Error';
  Object.defineProperty(error, FAILURE, { value: told.id });
  throw error;
}

function note(kind, name, detail) { call('note', kind, name, detail || ''); }

// A name of the platform's API that is not here: told by name, and an error; never undefined.
function refusal(name) {
  return function () {
    note('script', name, 'this call of the platform is not simulated');
    throw new Error('Not simulated by Sandtable: ' + name);
  };
}

const KNOWN = new Map();
function isKnown(owner, name) {
  const key = owner + '.' + name;
  if (!KNOWN.has(key)) KNOWN.set(key, call('is_known', owner, name));
  return KNOWN.get(key);
}

const SILENT = new Set(['then', 'toJSON', 'constructor', 'length', 'nodeType', 'prototype', 'inspect', '$$typeof']);
function missing(owner, name) {
  if (typeof name === 'symbol' || SILENT.has(name)) return undefined;
  return isKnown(owner, name) ? refusal(owner + '.' + name) : undefined;
}

// An object whose missing names are looked up among those the platform is known to have.
function told(owner, target) {
  return new Proxy(target, {
    get(object, name, receiver) {
      return name in object ? Reflect.get(object, name, receiver) : missing(owner, name);
    },
  });
}

function fenced(name) {
  if (scope !== 'global') throw new Error("Function '" + name + "' is not allowed in scope '" + scope + "'");
}

function hidden(target, members) {
  for (const name of Object.keys(members)) {
    Object.defineProperty(target, name, { value: members[name], writable: true, configurable: true, enumerable: false });
  }
  return target;
}

function publish(members) { hidden(globalThis, members); }

// A class of the platform that works without `new` too.
function callable(type) {
  const made = new Proxy(type, {
    apply(target, self, given) { return Reflect.construct(target, given); },
    construct(target, given, asked) { return Reflect.construct(target, given, asked === made ? target : asked); },
  });
  return made;
}

function isElement(value) { return typeof value === 'object' && value !== null && value[ELEMENT] === true; }
function isRecord(value) { return typeof value === 'object' && value !== null && value[ST] instanceof RecordState; }

// The stored text of whatever a script gives for a value.
function textOf(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (isElement(value)) return value[NATIVE]();
  if (typeof value === 'object') {
    if (isRecord(value)) return value.getUniqueValue() || '';
    if (typeof value.getValue === 'function') return textOf(value.getValue());
    if (Array.isArray(value)) return value.map(textOf).join(',');
  }
  return String(value);
}

function jsName(value) { return value === null || value === undefined ? '' : String(value); }

// Numbers as the platform's engine writes them in messages and lists.
function shown(value) {
  if (value === undefined) return 'undefined';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.map((each) => (each === null || each === undefined ? '' : shown(each))).join(',');
  try { return String(value); } catch (error) { return Object.prototype.toString.call(value); }
}

function asBoolean(value) {
  const text = textOf(value).trim().toLowerCase();
  return text === 'true' || text === '1' || text === 'yes' || text === 'on';
}

// texts of errors ------------------------------------------------------------------------------------------------------

const NATIVE_ERRORS = [
  [/^(?:Can't find variable: )?'?([^\s']+)'? is not defined$/, (m) => '"' + m[1] + '" is not defined.'],
  [/^cannot read property '(.*)' of (null|undefined)$/, (m) => 'Cannot read property "' + m[1] + '" from ' + m[2]],
  [/^cannot set property '(.*)' of (null|undefined)$/, (m) => 'Cannot set property "' + m[1] + '" of ' + m[2]],
];

function platformError(error) {
  if (!(error instanceof Error) || own.call(error, FAILURE) || error[NATIVE]) return error;
  const kind = error.name;
  if (kind !== 'TypeError' && kind !== 'ReferenceError') return error;
  let message = String(error.message);
  for (const [pattern, words] of NATIVE_ERRORS) {
    const found = pattern.exec(message);
    if (found) { message = words(found); break; }
  }
  const asked = /^(?:(.*) is )?not a function$/.exec(message);
  if (asked || kind === 'ReferenceError') {
    const better = call('missing_call', kind, message, String(error.stack));
    if (better) message = better;
  }
  error.message = message;
  Object.defineProperty(error, NATIVE, { value: true });
  return error;
}

// what the text of a script is given -----------------------------------------------------------------------------------

let emptyIsFalse = true;
function truth(value) {
  if (emptyIsFalse && isElement(value)) {
    const text = value[NATIVE]();
    if (text === '') return '';
    if (value[ST].type === 'boolean' && !asBoolean(text)) return '';
  }
  return value;
}

function equal(a, b) {
  const first = isElement(a), second = isElement(b);
  if (first && second) return a[NATIVE]() === b[NATIVE]();
  if (!first && !second) return a == b;
  const element = first ? a : b, other = first ? b : a, text = element[NATIVE]();
  if (other === null || other === undefined) return emptyIsFalse && text === '';
  if (typeof other === 'boolean') return asBoolean(text) === other && (other || text !== '' || emptyIsFalse);
  if (typeof other === 'object') return text === textOf(other);
  return text == other;
}

const counts = new Map();
publish({
  __truth: truth,
  __equal: equal,
  __caught: platformError,
  __count: (digest, line) => {
    let lines = counts.get(digest);
    if (!lines) counts.set(digest, (lines = {}));
    lines[line] = (lines[line] || 0) + 1;
  },
});
