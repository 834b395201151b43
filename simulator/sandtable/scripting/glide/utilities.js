// The small helpers of the platform: JSUtil, ArrayUtil, GlideStringUtil, GlideFilter, GlideRecordUtil, TableUtils and others.
const JSUtil = {
  nil: (value) => gs.nil(value),
  notNil: (value) => !gs.nil(value),
  has: (value) => value !== null && value !== undefined,
  doesNotHave: (value) => value === null || value === undefined,
  toBoolean: (value) => value !== null && value !== undefined && textOf(value) === 'true',
  getBooleanValue: (record, field) => textOf(record.getElement(field)) === 'true',
  type_of: (value) => {
    if (value === null) return 'null';
    if (typeof value !== 'object' && typeof value !== 'function') return typeof value;
    if (Array.isArray(value)) return 'Array';
    if (typeof value === 'function') return 'function';
    if (isRecord(value)) return value[ST].className;
    return value.constructor && value.constructor.name ? value.constructor.name : 'object';
  },
  typeOf: (value) => JSUtil.type_of(value),
  instance_of: (value, name) => {
    const given = typeof name === 'function' ? name : globalThis[textOf(name)];
    if (JSUtil.type_of(value) === textOf(name)) return true;
    return typeof given === 'function' && value instanceof given;
  },
  instanceOf: (value, name) => JSUtil.instance_of(value, name),
  isJavaObject: () => false,
  isFunction: (value) => typeof value === 'function',
  isString: (value) => typeof value === 'string',
  logObject: (value, name) => gs.info((name ? name + ': ' : '') + JSUtil.describeObject(value)),
  describeObject: (value) => (isRecord(value) ? GlideRecordUtil.prototype.toHashMap.call({}, value) && safeJson(new GlideRecordUtil().toHashMap(value)) : safeJson(value)),
  escapeText: (text) => escapeXml(textOf(text)),
  unescapeText: (text) => unescapeXml(textOf(text)),
  escapeAttr: (text) => escapeXml(textOf(text)),
  unescapeAttr: (text) => unescapeXml(textOf(text)),
};
function unescapeXml(text) {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#0?39;|&apos;/g, "'").replace(/&nbsp;/g, ' ').replace(/&#(\d+);/g, (w, n) => String.fromCodePoint(Number(n))).replace(/&amp;/g, '&');
}

function same(a, b) { return a === b || (isElement(a) || isElement(b) ? textOf(a) === textOf(b) : false); }
function asArray(value) {
  if (Array.isArray(value)) return value;
  if (value && value[ST] instanceof Array) return value[ST].slice();
  if (value && typeof value === 'object' && typeof value.length === 'number') return Array.from(value);
  return [value];
}
function ArrayUtil() { this.initialize(); }
ArrayUtil.prototype = {
  initialize() {},
  type: 'ArrayUtil',
  contains: (list, item) => asArray(list).some((each) => same(each, item)),
  indexOf: (list, item, from) => { const items = asArray(list); for (let at = from || 0; at < items.length; at++) if (same(items[at], item)) return at; return -1; },
  ensureArray: (value) => (Array.isArray(value) ? value : [value]),
  concat: (first, second) => first.concat(second),
  convertArray: (value) => asArray(value),
  unique: (list) => { const found = []; for (const each of list) if (!found.some((other) => same(other, each))) found.push(each); return found; },
  union(...lists) { return this.unique([].concat(...lists)); },
  intersect(first, ...rest) { return this.unique(first.filter((each) => rest.every((other) => this.contains(other, each)))); },
  diff(first, ...rest) { return this.unique(first.filter((each) => !rest.some((other) => this.contains(other, each)))); },
  isInArray(list, item) { return this.contains(list, item); },
};
for (const name of ['contains', 'indexOf', 'ensureArray', 'concat', 'convertArray', 'unique', 'union', 'intersect', 'diff']) ArrayUtil[name] = ArrayUtil.prototype[name];

const GlideStringUtil = told('GlideStringUtil', {
  escapeHTML: (text) => textOf(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;'),
  unEscapeHTML: (text) => unescapeXml(textOf(text)),
  unescapeHTML: (text) => unescapeXml(textOf(text)),
  getHTMLValue: (text) => GlideStringUtil.escapeHTML(text).replace(/\r?\n/g, '<br/>'),
  newLinesToBreaks: (text) => textOf(text).replace(/\r\n|\r|\n/g, '<br/>'),
  dotToUnderBar: (text) => textOf(text).replace(/\./g, '_'),
  escapeAllQuotes: (text) => textOf(text).replace(/(['"])/g, '\\$1'),
  escapeTicks: (text) => textOf(text).replace(/'/g, "\\'"),
  escapeForHomePage: (text) => textOf(text).replace(/\$\[/g, '$ [').replace(/\$\{/g, '$ {'),
  escapeNonPrintable: (text) => textOf(text).replace(/[^\x20-\x7e]/g, (c) => '\\u' + two(c.charCodeAt(0).toString(16), 4)),
  escapeQueryTermSeparator: (text) => textOf(text).replace(/\^/g, '^^'),
  getNumeric: (text) => textOf(text).replace(/[^0-9.]/g, ''),
  isBase64: (text) => { const given = textOf(text); return given.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(given) && given !== ''; },
  isEligibleSysID: (text) => /^[0-9a-f]{32}$/i.test(textOf(text)),
  isHTML: (text) => /<[a-z][^>]*>/i.test(textOf(text)),
  normalizeWhitespace: (text) => textOf(text).replace(/\s+/g, ' ').trim(),
  base64Encode: (text) => { const bytes = bytesOf(text); return call('base64', bytes === null ? textOf(text) : bytes); },
  base64Decode: (text) => call('unbase64', textOf(text)),
  base64DecodeAsBytes: (text) => listOf(call('unbase64_bytes', textOf(text))),
  urlEncode: (text) => gs.urlEncode(text),
  urlDecode: (text) => gs.urlDecode(text),
  nil: (text) => gs.nil(text),
  notNil: (text) => !gs.nil(text),
  split: (text, between) => listOf(textOf(text).split(between === undefined ? ',' : textOf(between)).map((each) => each.trim())),
  join: (list, between) => asArray(list).map(textOf).join(between === undefined ? ',' : textOf(between)),
  toString: () => '[object GlideStringUtil]',
});

// Bytes as scripts have them: an array, or a list of the platform.
function bytesOf(value) { return Array.isArray(value) ? value : value && value[ST] instanceof Array ? value[ST] : null; }

// Some helpers are used both as they stand and made with `new`.
function both(name, members) {
  const made = function () { return members; };
  return new Proxy(made, {
    get(target, key) { return key === 'prototype' ? target.prototype : members[key]; },
    has(target, key) { return key in members; },
    apply: () => members, construct: () => members,
  });
}

function JSONParser() {}
JSONParser.prototype = { initialize() {}, type: 'JSONParser', parse: (text) => new PlatformJson().decode(text) };

const GlideProperties = told('GlideProperties', {
  get: (name, other) => gs.getProperty(name, other), set: (name, value) => gs.setProperty(name, value),
  getBoolean: (name, other) => { const found = gs.getProperty(name); return found === null ? other === true : asBoolean(found); },
  getInt: (name, other) => { const found = parseInt(gs.getProperty(name), 10); return isNaN(found) ? other : found; },
});

class CSVParser {
  constructor() { return told('CSVParser', this); }
  parseLineToArray(line, delimiter, quote) { return call('csv_line', textOf(line), delimiter === undefined ? ',' : textOf(delimiter), quote === undefined ? '"' : textOf(quote)); }
  parseLineToObject(line, headers, delimiter, quote) {
    const values = this.parseLineToArray(line, delimiter, quote), found = {};
    headers.forEach((name, at) => { found[name] = values[at] === undefined ? '' : values[at]; });
    return found;
  }
}

const GlideFilter = told('GlideFilter', {
  checkRecord: (record, query, all) => call('check_record', record[ST].recordTable(), filterValues(record), textOf(query), all !== false),
});
function filterValues(record) {
  const found = {};
  for (const field of Object.keys(record[ST].metaNow().columns)) found[field] = record[ST].read(field);
  return found;
}

function GlideRecordUtil() { this.initialize(); }
GlideRecordUtil.prototype = {
  initialize() {},
  type: 'GlideRecordUtil',
  getFields: (record) => Object.keys(record[ST].metaNow().columns),
  getTables: (table) => call('lineage', textOf(table)),
  getGR(table, id) { const record = new GlideRecord(table); return record.get(id) ? record : null; },
  getGRByName(table, name) { const record = new GlideRecord(table); return record.get('name', name) ? record : null; },
  getCIGR(id) { return this.getGRBySysClass('cmdb_ci', id); },
  getGRBySysClass(table, id) {
    const record = new GlideRecord(table);
    if (!record.get(id)) return null;
    const exact = new GlideRecord(record.getRecordClassName());
    return exact.get(id) ? exact : null;
  },
  toHashMap(record, ignored) {
    const found = {};
    for (const field of Object.keys(record[ST].metaNow().columns)) if (!(ignored || []).includes(field)) found[field] = record.getValue(field);
    return found;
  },
  populateFromGR(map, record, ignored) { for (const field of Object.keys(record[ST].metaNow().columns)) if (!(ignored || {})[field]) map[field] = record.getValue(field); },
  mergeToGR(map, record, ignored) { for (const field of Object.keys(map)) if (record.isValidField(field) && !(ignored || {})[field]) record.setValue(field, map[field]); },
  differenceInRecords(first, second) { return Object.keys(first[ST].metaNow().columns).filter((each) => first.getValue(each) !== second.getValue(each)); },
};

class GlideTableHierarchy {
  constructor(table) { Object.defineProperty(this, ST, { value: textOf(table) }); return told('GlideTableHierarchy', this); }
  getName() { return this[ST]; }
  getBase() { return call('base_table', this[ST]); }
  getRoot() { return call('base_table', this[ST]); }
  getTables() { return call('lineage', this[ST]); }
  getAllExtensions() { return call('family', this[ST]); }
  getTableExtensions() { return call('family', this[ST]).filter((each) => each !== this[ST]); }
  getHierarchy() { return [...new Set([...call('lineage', this[ST]), ...call('family', this[ST])])]; }
  hasExtensions() { return this.getTableExtensions().length > 0; }
  isBaseClass() { return this.getBase() === this[ST] && this.hasExtensions(); }
  isSoloClass() { return this.getBase() === this[ST] && !this.hasExtensions(); }
}
function TableUtils(table) { this.initialize(table); }
TableUtils.prototype = {
  initialize(table) { this.tableName = textOf(table); },
  type: 'TableUtils',
  tableExists(table) { return metaOf(textOf(table === undefined ? this.tableName : table)) !== null; },
  getTables() { return listOf(call('lineage', this.tableName)); },
  getAllExtensions() { return listOf(call('family', this.tableName)); },
  getTableExtensions() { return listOf(call('family', this.tableName).filter((each) => each !== this.tableName)); },
  getHierarchy() { return listOf(new GlideTableHierarchy(this.tableName).getHierarchy()); },
  getAbsoluteBase() { return call('base_table', this.tableName); },
  hasExtensions() { return call('family', this.tableName).length > 1; },
  isBaseClass() { return new GlideTableHierarchy(this.tableName).isBaseClass(); },
  isSoloClass() { return new GlideTableHierarchy(this.tableName).isSoloClass(); },
};

class GlideScopedEvaluator {
  constructor() { Object.defineProperty(this, ST, { value: { variables: {} } }); return told('GlideScopedEvaluator', this); }
  putVariable(name, value) { this[ST].variables[textOf(name)] = value; }
  getVariable(name) { const found = this[ST].variables[textOf(name)]; return found === undefined ? null : found; }
  reset() { this[ST].variables = {}; }
  evaluateScript(record, field, variables) {
    if (variables) Object.assign(this[ST].variables, variables);
    const given = field === undefined || field === null ? 'script' : textOf(field);
    return evaluateText(textOf(record.getElement(given)), this[ST].variables, record[ST].recordTable() + ' ' + record[ST].id());
  }
}

class GlideDigest {
  constructor() { return told('GlideDigest', this); }
  getMD5Hex(text) { return call('digest', 'md5', textOf(text), 'hex'); }
  getSHA1Hex(text) { return call('digest', 'sha1', textOf(text), 'hex'); }
  getSHA256Hex(text) { return call('digest', 'sha256', textOf(text), 'hex'); }
  getMD5Base64(text) { return call('digest', 'md5', textOf(text), 'base64'); }
  getSHA1Base64(text) { return call('digest', 'sha1', textOf(text), 'base64'); }
  getSHA256Base64(text) { return call('digest', 'sha256', textOf(text), 'base64'); }
}

class GlideLocale {
  constructor() { return told('GlideLocale', this); }
  getDecimalSeparator() { return '.'; }
  getGroupingSeparator() { return ','; }
  static get() { return new GlideLocale(); }
}

const GlideXMLUtil = told('GlideXMLUtil', {
  removeInvalidChars: (text) => textOf(text).replace(/[^\x09\x0A\x0D\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ''),
  validateXML: (text) => call('parse_xml', textOf(text)).error || null,
});

const GlideSecurityUtils = told('GlideSecurityUtils', {
  escapeScript: (text) => textOf(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'),
  cleanURL: (text) => (/^\s*(?:javascript|data|vbscript):/i.test(textOf(text)) ? '' : textOf(text)),
  enforceRelativeURL: (text) => textOf(text).replace(/^\s*(?:[a-z][a-z0-9+.-]*:)?\/\/[^\/?#]*/i, ''),
  isInFipsApprovedOnlyMode: () => false,
});

class GlideEncrypter {
  constructor() { return told('GlideEncrypter', this); }
  encrypt() { return refusal('GlideEncrypter.encrypt')(); }
  decrypt() { return refusal('GlideEncrypter.decrypt')(); }
}

class Workflow {
  constructor() { return told('Workflow', this); }
  startFlow(id) { note('script', 'Workflow.startFlow', 'workflows are not run: ' + textOf(id)); return null; }
  getWorkflowFromName(name) { return call('workflow_by_name', textOf(name)); }
  cancel() { note('script', 'Workflow.cancel', 'workflows are not run'); }
  cancelContext() { note('script', 'Workflow.cancelContext', 'workflows are not run'); }
  restartWorkflow() { note('script', 'Workflow.restartWorkflow', 'workflows are not run'); }
  deleteWorkflow() { note('script', 'Workflow.deleteWorkflow', 'workflows are not run'); }
  getContexts() { const found = new GlideRecord('wf_context'); return found; }
  hasWorkflow() { return false; }
  getRunningFlows() { return new GlideRecord('wf_context'); }
  fireEvent() { note('script', 'Workflow.fireEvent', 'workflows are not run'); }
}

class GlideSecureRandomUtil {
  static getSecureRandomInt() { return call('random_int', 2147483647); }
  static getSecureRandomIntBound(bound) { return call('random_int', Number(bound)); }
  static getSecureRandomLong() { return call('random_int', 9007199254740991); }
  static getSecureRandomString(length) { return call('random_text', Number(length)); }
}

class GlidePluginManager {
  isActive(id) { return call('plugin_active', textOf(id)); }
  static isActive(id) { return call('plugin_active', textOf(id)); }
}

publish({ JSONParser, GlideProperties, GlideLocale, GlideXMLUtil, GlideSecurityUtils, sn_impex: told('sn_impex', { CSVParser: callable(CSVParser) }), JSUtil, ArrayUtil, GlideStringUtil: both('GlideStringUtil', GlideStringUtil), GlideFilter, GlideRecordUtil, TableUtils, GlideTableHierarchy: callable(GlideTableHierarchy),
  GlideScopedEvaluator: callable(GlideScopedEvaluator), GlideEvaluator: told('GlideEvaluator', { evaluateString: (text) => evaluateText(textOf(text), {}, 'GlideEvaluator') }),
  GlideDigest: callable(GlideDigest), GlideEncrypter: callable(GlideEncrypter), Workflow: callable(Workflow), GlideSecureRandomUtil, GlidePluginManager: callable(GlidePluginManager),
  j2js: (value) => (value && value[ST] instanceof Array ? value[ST].slice() : value) });
