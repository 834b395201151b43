// Where scripts begin: compiling them, giving them their variables, running them in their scope, tidying up afterwards.
const scopes = [];
const compiled = new Map();
const NO_VALUE = Symbol('none');

function within(name, work) {
  scopes.push(scope);
  scope = name;
  try { return work(); } finally { scope = scopes.pop(); }
}

function runScript(script) {
  const key = script.digest;
  let known = compiled.get(key);
  if (known === undefined) {
    const code = call('code', key);
    const text = '\n'.repeat(script.base) + (script.program ? code : '(function(){' + code + '\n})');
    known = { text, run: null };
    compiled.set(key, known);
  }
  if (script.program) return indirectEval(known.text);
  if (known.run === null) known.run = indirectEval(known.text);
  return known.run.call(globalThis);
}

// Variables of a place are globals of the run; an outer place gets its own back.
function bind(variables) {
  const names = Object.keys(variables), saved = [];
  for (const name of names) {
    if (own.call(globalThis, name)) saved.push(name, Object.getOwnPropertyDescriptor(globalThis, name));
    globalThis[name] = variables[name];
  }
  return () => {
    for (const name of names) delete globalThis[name];
    for (let at = 0; at < saved.length; at += 2) Object.defineProperty(globalThis, saved[at], saved[at + 1]);
  };
}

function evaluateText(text, variables, label) {
  const script = call('prepare', text, label);
  const restore = bind(variables);
  try { return runScript(script); } finally {
    for (const name of Object.keys(variables)) variables[name] = globalThis[name]; // what the script has assigned is asked for
    restore();
  }
}

// script includes --------------------------------------------------------------------------------------------------------
let includeNames = [];
const loaded = new Map();
let manyScopes = false;

function inItsScope(work, home) {
  return function (...given) {
    if (scope === home) return work.apply(this, given);
    return within(home, () => work.apply(this, given));
  };
}

function scoped(value, home) {
  if (typeof value !== 'function') return value;
  const prototype = value.prototype;
  if (prototype) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const member = Object.getOwnPropertyDescriptor(prototype, name);
      if (name !== 'constructor' && typeof member.value === 'function' && member.configurable) {
        Object.defineProperty(prototype, name, { ...member, value: inItsScope(member.value, home) });
      }
    }
  }
  return new Proxy(value, {
    apply: (target, self, given) => within(home, () => Reflect.apply(target, self, given)),
    construct: (target, given, asked) => within(home, () => Reflect.construct(target, given, asked)),
    get(target, name) {
      const member = target[name];
      return typeof member === 'function' && name !== 'prototype' && own.call(target, name) ? inItsScope(member, home) : member;
    },
  });
}

function includeOf(name, from) {
  const found = call('include', name, from);
  if (found === null) return NO_VALUE;
  const key = found.scope + '.' + name;
  if (loaded.has(key)) return loaded.get(key);
  const accessor = Object.getOwnPropertyDescriptor(globalThis, name);
  delete globalThis[name];
  loaded.set(key, undefined);
  try {
    within(found.scope, () => runScript(found.script));
    let value = globalThis[name];
    if (manyScopes) value = scoped(value, found.scope);
    loaded.set(key, value);
    return value;
  } catch (error) {
    loaded.delete(key);
    throw error;
  } finally {
    delete globalThis[name];
    if (accessor) Object.defineProperty(globalThis, name, accessor);
  }
}

function loadInclude(name) {
  const value = includeOf(String(name).split('.').pop(), String(name).includes('.') ? String(name).split('.')[0] : '');
  return value !== NO_VALUE;
}

function installIncludes(list) {
  for (const name of includeNames) delete globalThis[name];
  includeNames = [];
  const spaces = new Map();
  for (const { name, scope: home } of list) {
    if (!spaces.has(home)) spaces.set(home, true);
    if (includeNames.includes(name) || (baseNames.has(name) && !replaceable.has(name))) continue;
    includeNames.push(name);
    offerInclude(name);
  }
  for (const home of spaces.keys()) {
    if (home === 'global') continue;
    manyScopes = true;
    includeNames.push(home);
    Object.defineProperty(globalThis, home, { value: namespace(home), writable: true, configurable: true, enumerable: false });
  }
}

function offerInclude(name) {
  Object.defineProperty(globalThis, name, {
    configurable: true, enumerable: false,
    get() {
      const value = includeOf(name, '');
      if (value === NO_VALUE || value === undefined) throw new ReferenceError(name + ' is not defined');
      return value;
    },
    set(value) { Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true }); },
  });
}

function namespace(home) {
  return new Proxy({}, {
    get(target, name) {
      if (typeof name === 'symbol') return undefined;
      const value = includeOf(name, home);
      if (value !== NO_VALUE) return value;
      return home === 'global' ? globalThis[name] : undefined;
    },
    set(target, name, value) { globalThis[name] = value; return true; },
    has(target, name) { return home === 'global' ? name in globalThis : includeOf(name, home) !== NO_VALUE; },
  });
}
const replaceable = new Set(['Class', 'NumberManager', 'getNextObjNumberPadded', 'NiceError', 'JSONParser', 'ArrayUtil', 'JSUtil', 'GlideQuery', 'Stream', 'Optional', 'GlideRecordUtil', 'TableUtils', 'AbstractAjaxProcessor', 'XMLHelper', 'XMLDocument', 'ScheduleOnce']);
publish({ global: namespace('global') });

// records of the places ----------------------------------------------------------------------------------------------------
function standing(table, id, values, kind) {
  const state = newState(table, kind);
  if (id || values) state.standOn({ table, id: id || '', values: values === undefined ? null : values });
  return state;
}

function ruleRecord(given) {
  const state = newState(given.table);
  state.standOn({ table: given.table, id: given.sys_id, values: given.current });
  if (given.free) state.lastOperation = given.operation;
  else state.bound = { operation: given.operation, previous: given.previous, token: given.token, stored: given.stored };
  return state;
}

function valuesChanged(state) {
  const found = {};
  if (state.values !== null) for (const field in state.values) if (state.values[field] !== (state.row.values[field] || '')) found[field] = state.values[field];
  return found;
}

function verdict(value) {
  if (isElement(value)) return asBoolean(textOf(value));
  if (typeof value === 'string') return value !== 'false' && value !== '';
  return !!value;
}

const places = {
  // A business rule: its condition, then its script; `call` names the function an old kind of rule defines.
  rule(given) {
    const state = ruleRecord(given);
    const previous = given.previous === null ? null : standing(given.table, given.sys_id, given.previous).proxy;
    const variables = { current: state.proxy, previous, g_scratchpad: {} };
    const restore = bind(variables);
    try {
      if (given.condition && !verdict(runScript(given.condition))) return { ran: false };
      if (given.script) {
        runScript(given.script);
        if (given.call && typeof globalThis[given.call] === 'function') globalThis[given.call](state.proxy, previous);
      }
    } finally { given.left = { changes: valuesChanged(state), aborted: state.aborted, error: state.error, adds: state.adds || {} }; restore(); }
    return { ran: true, ...given.left };
  },

  // A display rule: what it assigns is shown; the scratchpad goes on to the next one, and to the form.
  display_rule(given) {
    const state = newState(given.table);
    state.standOn({ table: given.table, id: given.sys_id, values: given.current });
    state.lastOperation = given.operation;
    const restore = bind({ current: state.proxy, previous: null, g_scratchpad: given.scratchpad });
    try {
      if (!given.condition || verdict(runScript(given.condition))) { if (given.script) runScript(given.script); }
      return { changes: valuesChanged(state), scratchpad: jsonReady(globalThis.g_scratchpad, 0) };
    } finally { restore(); }
  },

  query_rule(given) {
    const state = newState(given.table);
    const restore = bind({ current: state.proxy, previous: null });
    try {
      if (given.condition && !verdict(runScript(given.condition))) return { query: '' };
      runScript(given.script);
    } finally { restore(); }
    return { query: state.encoded() };
  },

  // Scripts of a transform that come at one moment, in their order.
  transform(given) {
    const target = given.target;
    const source = standing(given.staging, given.row, given.source);
    const variables = { source: source.proxy, target: undefined, error: false, error_message: '', ignore: false, ...given.variables };
    let held = null;
    if (target) {
      held = newState(target.table);
      held.standOn({ table: target.table, id: target.sys_id || '', values: target.stored || {} });
      if (!target.sys_id) { held.row = null; held.fresh = true; }
      for (const field in target.values) held.put(field, target.values[field]);
      held.bound = { operation: target.sys_id ? 'update' : 'insert', previous: target.stored || null, token: '', stored: given.saved === true };
      variables.target = held.proxy;
      variables.isUpdate = !!target.sys_id;
    }
    if (given.response !== undefined) variables.response = given.response;
    let restore = bind(variables);
    restore = lazily(restore, 'log', () => importLog(given.log_source));
    restore = lazily(restore, 'map', () => standing('sys_transform_map', given.map).proxy);
    restore = lazily(restore, 'import_set', () => standing('sys_import_set', given.import_set).proxy);
    try {
      if (given.answer) {
        globalThis.answer = undefined;
        const value = runScript(given.scripts[0]);
        const found = globalThis.answer === undefined ? value : globalThis.answer;
        delete globalThis.answer;
        return { answer: found === undefined || found === null ? null : plainText(found) };
      }
      for (const script of given.scripts) runScript(script);
      const found = { source: source.values === null ? {} : { ...source.values } };
      for (const name of ['ignore', 'error']) found[name] = verdict(globalThis[name]);
      for (const name of ['error_message', 'status_message']) found[name] = textOf(globalThis[name]);
      if (held) found.target = held.values === null ? {} : { ...held.values };
      if (held) found.aborted = held.aborted;
      if (given.response !== undefined) { found.response = {}; for (const name of Object.keys(globalThis.response || {})) found.response[name] = shown(globalThis.response[name]); }
      return found;
    } finally { restore(); }
  },

  access(given) {
    const current = given.values === null ? newState(given.table).proxy : standing(given.table, given.sys_id, given.values).proxy;
    if (given.operation === 'create' && given.values === null) current[ST].bound = { operation: 'insert', previous: null, token: '', stored: false };
    const restore = bind({ current, answer: undefined });
    try {
      const value = runScript(given.script);
      const found = globalThis.answer === undefined ? value : globalThis.answer;
      return { passed: found === undefined ? false : verdict(found) };
    } finally { restore(); }
  },

  // A script alone, with whatever variables its place has.
  plain(given) {
    const variables = {};
    for (const name of Object.keys(given.records || {})) {
      const each = given.records[name];
      variables[name] = each === null ? null : standing(each.table, each.sys_id, each.values === null ? undefined : each.values).proxy;
    }
    Object.assign(variables, given.variables || {});
    const restore = bind(variables);
    try {
      const value = runScript(given.script);
      return outcome(value);
    } finally { restore(); }
  },

  value(given) {
    const state = given.table ? newState(given.table) : null;
    if (state) { state.fresh = true; for (const field in given.values) state.put(field, given.values[field]); }
    const restore = bind(state ? { current: state.proxy } : {});
    try {
      const value = runScript(given.script);
      if (Array.isArray(value)) return { list: value.map(textOf) };
      if (value && value[ST] instanceof Array) return { list: value[ST].map(textOf) };
      return { text: value === undefined || value === null ? null : textOf(value) };
    } finally { restore(); }
  },

  operation(given) {
    const answer = { status: null, headers: {}, body: NO_VALUE, type: null, error: null, stream: null };
    const request = requestObject(given.request), response = responseObject(answer);
    const restore = bind({ request, response });
    try {
      let value;
      try { value = runScript(given.script); } catch (error) {
        if (error && error[ST] && error[ST].serviceError) value = error;
        else throw error;
      }
      if (value && value[ST] && value[ST].serviceError) answer.error = value[ST];
      else if (value !== undefined && value !== response && answer.error === null && answer.stream === null) answer.body = value;
      if (answer.body === request || answer.body === response || value === request) throw new Error('Cannot serialize the request or the response object');
      return serialized(answer);
    } finally { restore(); }
  },

  processor(given) {
    const out = { text: [], type: null, headers: {}, status: 200, redirect: null };
    const g_processor = told('GlideScriptedProcessor', {
      writeOutput: (first, second) => { if (second === undefined) out.text.push(shown(first)); else { out.type = textOf(first); out.text.push(shown(second)); } },
      writeJSON: (value) => { out.type = 'application/json'; out.text.push(toJson(value)); },
      redirect: (url) => { out.redirect = textOf(url); },
    });
    const g_request = told('GlideServletRequest', {
      getParameter: (name) => { const found = given.request.parameters[textOf(name)]; return found === undefined ? null : found; },
      getHeader: (name) => { const found = given.request.headers[textOf(name).toLowerCase()]; return found === undefined ? null : found; },
      getQueryString: () => given.request.query_string, getRequestURI: () => given.request.path, getMethod: () => given.request.method,
      getHeaderNames: () => listOf(Object.keys(given.request.headers)), getParameterNames: () => listOf(Object.keys(given.request.parameters)),
    });
    const g_response = told('GlideServletResponse', {
      setContentType: (type) => { out.type = textOf(type); }, setHeader: (name, value) => { out.headers[textOf(name)] = textOf(value); },
      setStatus: (status) => { out.status = Number(status); }, getWriter: () => ({ print: (text) => out.text.push(shown(text)), write: (text) => out.text.push(shown(text)) }),
    });
    const restore = bind({ g_processor, g_request, g_response, g_target: given.target });
    try { runScript(given.script); return { ...out, text: out.text.join('') }; } finally { restore(); }
  },

  ajax(given) {
    const value = includeOf(given.name, given.home);
    if (value === NO_VALUE) return { found: false };
    const made = new value({}, null, null);
    if (given.check) return { found: true, open: typeof made.isPublic === 'function' && own.call(Object.getPrototypeOf(made), 'isPublic') ? !!made.isPublic() : null };
    const answer = typeof made.process === 'function' ? made.process() : undefined;
    return { found: true, answer: answer === undefined || answer === null ? null : plainText(answer) };
  },

  action(given) {
    const event = standing('sysevent', given.event.sys_id, given.event).proxy;
    const current = given.table ? standing(given.table, given.instance).proxy : null;
    const restore = bind({ event, current });
    try {
      if (given.condition && !verdict(runScript(given.condition))) return { ran: false };
      runScript(given.script);
      return { ran: true };
    } finally { restore(); }
  },
};

function lazily(restore, name, make) {
  Object.defineProperty(globalThis, name, { configurable: true, enumerable: true,
    get() { const value = make(); Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true }); return value; },
    set(value) { Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true }); } });
  return () => { delete globalThis[name]; restore(); };
}

function plainText(value) {
  if (typeof value === 'object' && value !== null && !isElement(value) && !isRecord(value) && typeof value.getValue !== 'function') {
    return Array.isArray(value) ? value.map(textOf).join(',') : safeJson(value);
  }
  return textOf(value);
}

function outcome(value) {
  let kind = value === null ? 'null' : typeof value, json = null;
  if (isElement(value)) { kind = 'string'; value = textOf(value); }
  if (kind !== 'undefined' && kind !== 'function' && kind !== 'symbol') {
    try { json = toJson(jsonReady(value, 0)); } catch (error) { json = null; }
  }
  return { kind, text: shown(value), json: json === undefined ? null : json, truth: verdict(value) };
}

function importLog(source) {
  return told('GlideImportLog', {
    info: (text) => call('import_log', 'info', shown(text), source), warn: (text) => call('import_log', 'warning', shown(text), source),
    error: (text) => call('import_log', 'error', shown(text), source), debug: (text) => call('import_log', 'debug', shown(text), source),
    setSource() {}, setTransformMap() {}, setImportSet() {},
  });
}

function requestObject(given) {
  let used = null;
  const once = (name, value) => { if (used !== null && used !== name) return name === 'data' ? {} : ''; used = name; return value; };
  const queryParams = {};
  for (const name of Object.keys(given.query)) queryParams[name] = queryValue(given.query[name]);
  let entries = null, at = 0;
  const read = () => call('request_body');
  const list = () => { if (entries === null) { const data = body.data; entries = Array.isArray(data) ? data : [data]; } return entries; };
  const body = given.has_body ? told('RESTAPIRequestBody', Object.defineProperties({
    hasNext: () => at < list().length, nextEntry: () => list()[at++], toString: () => '[object RESTAPIRequestBody]',
  }, {
    data: { get: () => once('data', used === 'data' ? body[NATIVE] : (body[NATIVE] = read())), enumerable: true },
    dataString: { get: () => once('dataString', call('request_text')), enumerable: true },
    dataStream: { get: () => once('dataStream', new GlideScriptableInputStream('request')), enumerable: true },
    [NATIVE]: { value: null, writable: true },
  })) : null;
  return told('RESTAPIRequest', {
    body, headers: given.headers, pathParams: given.path_parameters, queryParams, queryString: given.query_string, uri: given.path, url: given.url,
    getHeader: (name) => { const wanted = textOf(name).toLowerCase(); for (const each of Object.keys(given.headers)) if (each.toLowerCase() === wanted) return given.headers[each]; return null; },
    getSupportedResponseContentTypes: () => given.accepted.slice(),
    getRequestedQueryCategory: () => '', toString: () => '[object RESTAPIRequest]',
  });
}

// A query parameter is a list whose text is its values.
function queryValue(values) { return values.slice(); }

function responseObject(answer) {
  const response = told('RESTAPIResponse', {
    setBody: (body) => { answer.body = body; },
    setStatus: (status) => { const number = Number(status); answer.status = Number.isFinite(number) ? number : 0; },
    setHeader: (name, value) => { answer.headers[textOf(name)] = textOf(value); },
    setHeaders: (headers) => { for (const name of Object.keys(headers)) answer.headers[name] = textOf(headers[name]); },
    setContentType: (type) => { answer.type = textOf(type); },
    setLocation: (location) => { answer.headers.Location = textOf(location); },
    setError: (error) => { answer.error = error && error[ST] && error[ST].serviceError ? error[ST] : { status: Number(error && error.status) || 500, message: shown(error && error.message !== undefined ? error.message : error), detail: null }; },
    getStreamWriter: () => { answer.stream = answer.stream || []; return told('RESTAPIResponseStream', {
      writeString: (text) => { answer.stream.push(['text', textOf(text)]); },
      writeStream: (stream) => { answer.stream.push(['stream', stream[ST]]); } }); },
    toString: () => '[object RESTAPIResponse]',
  });
  return response;
}

// What goes into an answer: fields become their text, records and functions nothing.
function jsonReady(value, depth) {
  if (depth > 60) throw new Error('the body is nested too deep, or contains itself');
  if (isElement(value)) { note('script', 'response.setBody', 'a field in a body was turned to text; the platform writes an object there'); return textOf(value); }
  if (isRecord(value)) { note('script', 'response.setBody', 'a whole record in a body was left out'); return {}; }
  if (Array.isArray(value)) return value.map((each) => jsonReady(each, depth + 1));
  if (value && value[ST] instanceof Array) return value[ST].map((each) => jsonReady(each, depth + 1));
  if (typeof value === 'object' && value !== null) {
    if (value[ST] && typeof value.getValue === 'function') return textOf(value.getValue());
    if (typeof value.toJSON === 'function') return value.toJSON();
    const found = {};
    for (const name in value) { const each = value[name]; if (typeof each !== 'function' && each !== undefined) found[name] = jsonReady(each, depth + 1); }
    return found;
  }
  return typeof value === 'function' ? undefined : value;
}

function serialized(answer) {
  const found = { status: answer.status, headers: answer.headers, type: answer.type, error: answer.error, stream: answer.stream, has_body: answer.body !== NO_VALUE };
  if (answer.body !== NO_VALUE) found.body = jsonReady(answer.body, 0);
  return found;
}

// beginning and end ----------------------------------------------------------------------------------------------------------
let baseNames = new Set();
let prints = [];

function fingerprint() {
  const found = [];
  const builtins = [Object, Array, String, Number, Boolean, Function, RegExp, Error, TypeError, Math, Promise, Map, Set, Symbol, PlatformDate, PlatformJson];
  const classes = [GlideRecord, GlideRecordSecure, GlideAggregate, GlideElement, GlideDateTime, GlideDate, GlideTime, GlideDuration, GlideUser, GlideQuery, XMLDocument2, ArrayUtil, AbstractAjaxProcessor, GlideRecordUtil];
  for (const each of [...builtins, ...classes]) { found.push(each); if (each.prototype) found.push(each.prototype); }
  found.push(JSUtil, globalThis.Class);
  return found.map((each) => {
    const names = Reflect.ownKeys(each), members = [];
    for (const name of names) { const member = Object.getOwnPropertyDescriptor(each, name); if (member && 'value' in member && member.value !== each) members.push(name, member.value); }
    return [each, names.length, members];
  });
}

function tampered() {
  for (const [object, count, members] of prints) {
    if (Reflect.ownKeys(object).length !== count) return true;
    for (let at = 0; at < members.length; at += 2) if (!Object.is(object[members[at]], members[at + 1])) return true;
  }
  return false;
}

function tidy(given) {
  forgetConsole();
  let dirty = false;
  for (const name of Reflect.ownKeys(globalThis)) {
    if (baseNames.has(name) || typeof name === 'symbol') continue;
    if (includeNames.length && includeNames.includes(name) && 'get' in Object.getOwnPropertyDescriptor(globalThis, name)) continue;
    if (!Reflect.deleteProperty(globalThis, name)) dirty = true;
  }
  for (let at = 0; at < baseValues.length; at += 2) if (!Object.is(baseValues[at + 1], globalThis[baseValues[at]])) { dirty = true; break; }
  for (const name of includeNames) {
    if (own.call(globalThis, name)) continue;
    if (name.includes('_') && call('is_scope', name)) Object.defineProperty(globalThis, name, { value: namespace(name), writable: true, configurable: true, enumerable: false });
    else offerInclude(name);
  }
  loaded.clear();
  scopes.length = 0;
  scope = 'global';
  const covered = Object.fromEntries(counts);
  counts.clear();
  return { dirty: dirty || (given.suspicious && tampered()), covered };
}

let baseValues = [];
function settle() {
  asOnThePlatform();
  baseNames = new Set(Reflect.ownKeys(globalThis));
  for (const name of baseNames) baseValues.push(name, globalThis[name]);
  prints = fingerprint();
}

function begin(given) {
  emptyIsFalse = given.empty_is_false;
  if (given.forget_tables) META.clear();
  KNOWN.clear();
  if (given.includes) installIncludes(given.includes);
  manyScopes = given.many_scopes;
  return {};
}

const ENTRIES = { begin, tidy };
function enter(name, text) {
  const given = parseJson(text);
  if (own.call(ENTRIES, name)) return toJson(ENTRIES[name](given));
  const before = scope, depth = scopes.length;
  try {
    return toJson({ ok: within(given.scope || 'global', () => places[name](given)) });
  } catch (error) {
    const told = platformError(error);
    const failure = told instanceof Error;
    return toJson({ failed: {
      id: failure && own.call(told, FAILURE) ? told[FAILURE] : null, name: failure ? String(told.name) : '', message: failure ? String(told.message) : told && told[ST] && told[ST].serviceError ? told[ST].message : shown(told),
      stack: failure ? String(told.stack) : '', thrown: !failure, left: given.left || null,
    } });
  } finally { scope = before; scopes.length = depth; }
}
