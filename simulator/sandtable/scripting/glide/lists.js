// The lists and maps of the platform's own language that some calls answer with.
class PlatformList {
  constructor(items) { Object.defineProperty(this, ST, { value: items || [] }); }
  size() { return this[ST].length; }
  isEmpty() { return this[ST].length === 0; }
  get(index) { return this[ST][index]; }
  add(item) { this[ST].push(item); return true; }
  set(index, item) { const old = this[ST][index]; this[ST][index] = item; return old; }
  remove(index) { return this[ST].splice(index, 1)[0]; }
  clear() { this[ST].length = 0; }
  contains(item) { return this[ST].some((each) => each === item || textOf(each) === textOf(item)); }
  indexOf(item) { return this[ST].findIndex((each) => each === item || textOf(each) === textOf(item)); }
  toArray() { return this[ST].slice(); }
  join(between) { return this[ST].map(shown).join(between === undefined ? ',' : between); }
  iterator() { let at = 0; return { hasNext: () => at < this[ST].length, next: () => this[ST][at++] }; }
  toString() { return '[' + this[ST].map(shown).join(', ') + ']'; }
}

// A list whose places are properties too, as scripts read it.
function listOf(items) {
  return new Proxy(new PlatformList(items), {
    get(list, name) {
      if (name in PlatformList.prototype || name === ST) return list[name];
      if (name === 'length') return list[ST].length;
      return name in Array.prototype && typeof Array.prototype[name] === 'function' ? Array.prototype[name].bind(list[ST]) : list[ST][name];
    },
    ownKeys(list) { return Object.keys(list[ST]); },
    getOwnPropertyDescriptor(list, name) { return own.call(list[ST], name) && name !== 'length' ? { value: list[ST][name], enumerable: true, configurable: true } : undefined; },
  });
}

class PlatformMap {
  constructor() { Object.defineProperty(this, ST, { value: new Map() }); }
  put(key, value) { const old = this[ST].get(key); this[ST].set(key, value); return old === undefined ? null : old; }
  get(key) { const found = this[ST].get(key); return found === undefined ? null : found; }
  containsKey(key) { return this[ST].has(key); }
  remove(key) { const old = this[ST].get(key); this[ST].delete(key); return old; }
  size() { return this[ST].size; }
  keySet() { return listOf([...this[ST].keys()]); }
  values() { return listOf([...this[ST].values()]); }
  isEmpty() { return this[ST].size === 0; }
}

// What belongs to the virtual machine under the platform: refused in scopes, not there in a simulation.
function closedPackage(path) {
  return new Proxy(function () {}, {
    get(target, name) {
      if (typeof name === 'symbol') return undefined;
      if (path === 'Packages.java.util' || path === 'java.util') {
        if (name === 'ArrayList' || name === 'Vector' || name === 'LinkedList') return class { constructor() { return listOf([]); } };
        if (name === 'HashMap' || name === 'LinkedHashMap' || name === 'Hashtable') return class { constructor() { return new PlatformMap(); } };
      }
      return closedPackage(path + '.' + name);
    },
    apply(target, self, given) {
      const work = scope === 'global' ? JAVA_CALLS[path.replace('Packages.', '')] : undefined;
      if (work) return work(...given);
      return isJavaString(path) ? javaText(given[0]) : refusePackage(path);
    },
    construct(target, given) { return isJavaString(path) ? new String(javaText(given[0])) : refusePackage(path); },
  });
}
// Calls of it that many a global script makes: a zone for setTZ, and a pause.
const JAVA_CALLS = {
  'java.util.TimeZone.getTimeZone': (name) => zoneObject(textOf(name)),
  'java.lang.Thread.sleep': (ms) => gs.sleep(Number(ms)),
};
// The one class of it that scripts need to read files: a text made of bytes.
function isJavaString(path) { return scope === 'global' && (path === 'java.lang.String' || path === 'Packages.java.lang.String'); }
function javaText(value) {
  const bytes = value && value[ST] instanceof Array ? value[ST] : value;
  return Array.isArray(bytes) ? call('unbase64', call('base64', bytes)) : value === undefined ? '' : textOf(value);
}
function refusePackage(path) {
  if (scope !== 'global') throw new Error("Java package access prohibited in scope '" + scope + "': " + path);
  return refusal(path)();
}
publish({ Packages: closedPackage('Packages'), java: closedPackage('java') });
