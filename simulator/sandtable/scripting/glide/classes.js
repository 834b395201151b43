// How script includes make classes: Class.create, Object.extendsObject and what belongs to them.
publish({ Class: { create() { return function () { if (typeof this.initialize === 'function') this.initialize.apply(this, arguments); }; } } });
hidden(Object, {
  extend(target, source) { for (const name in source) target[name] = source[name]; return target; },
  extendsObject(parent, members) {
    const from = typeof parent === 'function' ? parent.prototype : parent;
    const made = Object.create(from === undefined ? null : from);
    for (const name in members) made[name] = members[name];
    return made;
  },
  clone(source) { return Object.extend({}, source); },
});

// Exceptions of the platform are asked for their text in this way too.
hidden(Error.prototype, { getMessage() { return this.message; } });
function AbstractAjaxProcessor(request, answer, processor) { this.initialize(request, answer, processor); }
AbstractAjaxProcessor.prototype = {
  initialize(request, answer) { this.request = request; this.responseXML = null; this.gc = null; this.newItems = []; },
  type: 'AbstractAjaxProcessor',
  process() {
    const name = this.getName();
    if (name && !String(name).startsWith('_') && typeof this[name] === 'function') return this[name]();
    return this.execute ? this.execute() : undefined;
  },
  getParameter(name) { return call('ajax_parameter', textOf(name)); },
  getParameters() { return call('ajax_parameters'); },
  getName() { return this.getParameter('sysparm_name'); },
  getType() { return this.getParameter('sysparm_type'); },
  getValue() { return this.getParameter('sysparm_value'); },
  getChars() { return this.getParameter('sysparm_chars'); },
  setAnswer(answer) { call('ajax_answer', textOf(answer)); },
  setError(error) { call('ajax_error', textOf(error)); },
  getRootElement() { return ajaxItem(''); },
  newItem(name) { return ajaxItem(name === undefined ? 'item' : textOf(name)); },
  setParameter(name, value) { call('ajax_set', textOf(name), textOf(value)); },
  isPublic() { return false; },
};
function ajaxItem(name) {
  const index = call('ajax_item', name);
  return { setAttribute: (key, value) => call('ajax_attribute', index, textOf(key), textOf(value)), setValue: (text) => call('ajax_attribute', index, 'value', textOf(text)) };
}
publish({ AbstractAjaxProcessor });

// Older and newer ways to read JSON meet in one name.
const NativeJson = globalThis.JSON;
function PlatformJson() {
  if (!(this instanceof PlatformJson)) return new PlatformJson();
}
hidden(PlatformJson.prototype, {
  encode: (value) => NativeJson.stringify(value, jsonValue),
  encodeObject: (value) => NativeJson.stringify(value, jsonValue),
  encodeArray: (value) => NativeJson.stringify(value, jsonValue),
  decode: (text) => { const given = textOf(text); try { return NativeJson.parse(given); } catch (error) { return call('loose_json', given); } },
  prettify() { this.indent = '  '; return this; },
});
function jsonValue(key, value) { return isRecord(value) ? undefined : value; }
hidden(PlatformJson, {
  parse(text, reviver) {
    const given = isElement(text) ? textOf(text) : text;
    try { return NativeJson.parse(given, reviver); } catch (error) {
      const told = new SyntaxError(error.message);
      throw told;
    }
  },
  stringify(value, replacer, indent) { return NativeJson.stringify(value, replacer, indent); },
});
Object.defineProperty(PlatformJson, Symbol.toStringTag, { value: 'JSON', configurable: true });
Object.defineProperty(PlatformJson, 'name', { value: 'JSON' });
publish({ JSON: PlatformJson });
