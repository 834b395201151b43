// GlideElement: one field of a record, live. It shows the row that its record stands on now.
class GlideElement {
  nil() { return stored(this[ST]) === ''; }
  isNil() { return this.nil(); }
  hasValue() { return !this.nil(); }
  getValue() { return outward(this[ST], stored(this[ST])); }
  setValue(value) { assign(this[ST].of, this[ST].field, value); }
  toString() { return stored(this[ST]); }
  valueOf() { return stored(this[ST]); }
  getName() { return this[ST].field; }
  getLabel() { return this[ST].column.label; }
  getTableName() { return this[ST].column.table; }
  getBaseTableName() { return call('base_table', this[ST].of.table); }
  getED() { return new GlideElementDescriptor(this[ST].column); }
  getAttribute(name) { return attribute(this[ST].column, name); }
  getBooleanAttribute(name) { return attribute(this[ST].column, name) === 'true'; }
  hasAttribute(name) { return attribute(this[ST].column, name) !== ''; }
  getElementValue(name) { const found = this[ST].column.reference ? referenced(this[ST]).element(textOf(name)) : undefined; return found === undefined ? null : found.getValue(); }
  getLabelLang() { return this[ST].column.label; }
  getHint() { return ''; }
  getDependentTable() { return this[ST].column.dependent ? this[ST].column.table : null; }
  hasValidValue() { return this[ST].of.proxy === null || this.nil() || !this[ST].column.reference || referenced(this[ST]).row !== null; }
  isInSchema() { return true; }
  getReferenceTable() { return this[ST].column.reference || null; }
  getReferenceKey() { return ''; }
  getDependent() { return this[ST].column.dependent || null; }
  getGlideRecord() { return this[ST].of.proxy; }
  getDisplayValue(most) {
    const text = display(this[ST]);
    return typeof most === 'number' && most > 0 ? text.slice(0, most) : text;
  }
  getDisplayValueExt(most, empty) { return this.nil() ? jsName(empty) : this.getDisplayValue(most); }
  getDisplayValueLang(language) { return call('choice_label', this[ST].of.recordTable(), this[ST].field, stored(this[ST]), jsName(language)); }
  getTextAreaDisplayValue() { return this.getDisplayValue(); }
  getHTMLValue(most) { return most ? stored(this[ST]).slice(0, most) : stored(this[ST]); }
  getHTMLValueExt(most, empty) { return this.nil() ? jsName(empty) : this.getHTMLValue(most); }
  getXHTMLValue() { return stored(this[ST]); }
  getXMLValue() { return escapeXml(stored(this[ST])); }
  getEscapedValue() { return stored(this[ST]).replace(/\\/g, '\\\\').replace(/'/g, "\\'"); }
  setDisplayValue(value) { assignShown(this[ST].of, this[ST].field, value); }
  setInitialValue(value) { assign(this[ST].of, this[ST].field, value); }
  getInitialValue() { return before(this[ST]); }
  getChoices(dependent) { return call('choices', this[ST].of.recordTable(), this[ST].field, jsName(dependent)); }
  getChoiceValue() { return call('choice_label', this[ST].of.recordTable(), this[ST].field, stored(this[ST]), ''); }
  getChoiceValueLang(language) { return call('choice_label', this[ST].of.recordTable(), this[ST].field, stored(this[ST]), jsName(language)); }
  getDecryptedValue() { return call('decrypted', this[ST].of.recordTable(), this[ST].field, stored(this[ST])); }
  getRefRecord() { return referenced(this[ST]).proxy; }
  changes() { return changed(this[ST]); }
  changesTo(value) { return changed(this[ST]) && stored(this[ST]) === comparable(this[ST], value); }
  changesFrom(value) {
    return !this[ST].of.isInsert() && changed(this[ST]) && before(this[ST]) === comparable(this[ST], value);
  }
  changesFromNotEmpty() { return changed(this[ST]) && before(this[ST]) !== ''; }
  changesToNotEmpty() { return changed(this[ST]) && stored(this[ST]) !== ''; }
  canRead() { return call('can_field', this[ST].of.recordTable(), this[ST].of.id(), this[ST].field, 'read'); }
  canWrite() { return call('can_field', this[ST].of.recordTable(), this[ST].of.id(), this[ST].field, 'write'); }
  canCreate() { return call('can_field', this[ST].of.recordTable(), this[ST].of.id(), this[ST].field, 'create'); }
  hasRightsTo(operation) { return call('can_field', this[ST].of.recordTable(), this[ST].of.id(), this[ST].field, String(operation)); }
  getGlideObject() {
    const kind = this[ST].type;
    if (DATE_TIMES.has(kind)) return new GlideDateTime(stored(this[ST]) || undefined, NATIVE);
    if (kind === 'glide_date' || kind === 'date') { const date = new GlideDate(); date.setValue(stored(this[ST])); return date; }
    if (kind === 'glide_time') { const time = new GlideTime(); time.setValue(stored(this[ST])); return time; }
    if (kind === 'glide_duration' || kind === 'timer') { const length = new GlideDuration(); length.setValue(stored(this[ST])); return length; }
    return this;
  }
  dateNumericValue() {
    const text = stored(this[ST]);
    if (!text) return 0;
    return this[ST].type === 'glide_duration' ? this.getGlideObject().getNumericValue() : parseUtc(text);
  }
  setDateNumericValue(value) {
    const type = this[ST].type;
    const text = formatUtc(Number(value));
    assign(this[ST].of, this[ST].field, type === 'glide_date' || type === 'date' ? text.slice(0, 10) : text);
  }
  getJournalEntry(most) { return call('journal', this[ST].of.recordTable(), this[ST].of.id(), this[ST].field, Number(most)); }
  setJournalEntry(text) { assign(this[ST].of, this[ST].field, text); }
  setError(text) { this[ST].error = String(text); }
  getError() { return this[ST].error || null; }
  getCurrencyCode() { return stored(this[ST]).includes(';') ? stored(this[ST]).split(';')[0] : 'USD'; }
  getCurrencyValue() { return stored(this[ST]).replace(/^[^;]*;/, ''); }
  getReferenceValue() { return this.getCurrencyValue(); }
  getReferenceCurrencyCode() { return 'USD'; }
  getReferenceDisplayValue() { return this.getDisplayValue(); }
  getCurrencyDisplayValue() { return this.getDisplayValue(); }
  getCurrencyString() { return this.getCurrencyCode() + ';' + this.getCurrencyValue(); }
  getSessionValue() { return this.getCurrencyValue(); }
  getSessionCurrencyCode() { return 'USD'; }
  getSessionDisplayValue() { return this.getDisplayValue(); }
}

class GlideElementDescriptor {
  constructor(column) { Object.defineProperty(this, ST, { value: column }); return told('GlideElementDescriptor', this); }
  getName() { return this[ST].name; }
  getLabel() { return this[ST].label; }
  getPlural() { return this[ST].plural || this[ST].label + 's'; }
  getInternalType() { return this[ST].type; }
  getLength() { return this[ST].length; }
  isMandatory() { return this[ST].mandatory; }
  isReadOnly() { return this[ST].read_only; }
  isChoiceTable() { return this[ST].choice > 0; }
  isVirtual() { return this[ST].calculated; }
  isAutoOrSysID() { return this[ST].name.startsWith('sys_'); }
  getAttribute(name) { return attribute(this[ST], name); }
  getBooleanAttribute(name) { return attribute(this[ST], name) === 'true'; }
  hasAttribute(name) { return attribute(this[ST], name) !== ''; }
  getReference() { return this[ST].reference || null; }
  getTableName() { return this[ST].table; }
  getColumnName() { return this[ST].name; }
  getSchemaTableName() { return this[ST].table; }
  getFirstTableName() { return this[ST].table; }
  getDirectAttribute(name) { return attribute(this[ST], name); }
  serializeAttributes() { return this[ST].attributes || ''; }
  getChoice() { return Number(this[ST].choice) || 0; }
  getDependent() { return this[ST].dependent || null; }
  getHint() { return ''; }
  getSqlLength() { return this[ST].length; }
  isActive() { return true; }
  isInDatabase() { return !this[ST].calculated; }
  isReference() { return !!this[ST].reference; }
  isBoolean() { return this[ST].type === 'boolean'; }
  isNumber() { return !!this[ST].number; }
  isTrulyNumber() { return !!this[ST].number; }
  isJournal() { return !!this[ST].journal; }
  isJournalList() { return this[ST].type === 'journal_list'; }
  isList() { return this[ST].type === 'glide_list'; }
  isString() { return !!this[ST].plain; }
  isMultiText() { return this[ST].length > 255 || !!this[ST].journal; }
  isDateOnly() { return this[ST].type === 'glide_date' || this[ST].type === 'date'; }
  isDateType() { return this.isDateOnly() || DATE_TIMES.has(this[ST].type); }
  isTimeType() { return this.isTime() || this.isDuration(); }
  isTime() { return this[ST].type === 'glide_time'; }
  isDuration() { return this[ST].type === 'glide_duration' || this[ST].type === 'timer'; }
  isDisplay() { const meta = metaOf(this[ST].table); return !!meta && meta.display === this[ST].name; }
  isEncrypted() { return false; }
  isEdgeEncrypted() { return false; }
  isEdgeEncryptable() { return false; }
  hasAttachmentsEncrypted() { return false; }
  canAvg() { return this.isNumber() || this.isDuration(); }
  canSum() { return this.isNumber() || this.isDuration(); }
  canMin() { return this.isNumber() || this.isDateType() || this.isDuration(); }
  canMax() { return this.canMin(); }
  toString() { return '[object GlideElementDescriptor]'; }
}

const DATE_TIMES = new Set(['glide_date_time', 'due_date', 'datetime', 'glide_utc_time']);

function stored(element) { return element.of.read(element.field); }
function before(element) { return element.of.readBefore(element.field); }
function changed(element) { return element.of.hasChanged(element.field); }

function outward(element, text) {
  if (text === '') return null;
  return element.type === 'boolean' ? (asBoolean(text) ? '1' : '0') : text;
}

function comparable(element, value) {
  const text = textOf(value);
  return element.type === 'boolean' ? (text === '' ? '' : String(asBoolean(text))) : text;
}

function attribute(column, name) {
  for (const part of (column.attributes || '').split(',')) {
    const [key, value] = part.split('=');
    if (key.trim() === String(name)) return value === undefined ? 'true' : value.trim();
  }
  return '';
}

function display(element) {
  const text = stored(element), column = element.column;
  if (column.plain) return text;
  if (text === '' && !column.journal) return '';
  return call('display', element.of.recordTable(), element.of.id(), element.field, text);
}

const STRING_METHODS = new Set(Object.getOwnPropertyNames(String.prototype).filter((name) => name !== 'constructor' && name !== 'toString' && name !== 'valueOf'));

const elementHandler = {
  get(target, name, receiver) {
    if (name === ST) return target;
    if (name === ELEMENT) return true;
    if (name === NATIVE) return () => stored(target);
    if (name === Symbol.toPrimitive) return () => stored(target);
    if (name === Symbol.toStringTag) return 'GlideElement';
    if (name in GlideElement.prototype) return GlideElement.prototype[name];
    if (typeof name === 'symbol') return undefined;
    const field = target.column.reference ? referenced(target).element(name) : undefined;
    if (field !== undefined) return field;
    if (name === 'toJSON') return () => stored(target);
    if (STRING_METHODS.has(name) && call('flag', 'sandtable.script.string_methods_on_fields', true)) {
      const text = stored(target);
      if (name === 'length') return text.length;
      note('script', 'GlideElement.' + name, 'a method of strings on a field; turn it to text first, as with toString()');
      return (...args) => text[name](...args);
    }
    return missing('GlideElement', name);
  },
  set(target, name, value) {
    if (!target.column.reference) return true;
    const record = referenced(target);
    if (record.column(name)) assign(record, name, value);
    else unknownField(record, name);
    return true;
  },
  has(target, name) { return name in GlideElement.prototype; },
  getPrototypeOf() { return GlideElement.prototype; },
  ownKeys() { return []; },
};

function makeElement(record, field, column) {
  return new Proxy({ of: record, field, column, type: column.type, error: null }, elementHandler);
}

function escapeXml(text) {
  return String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

publish({ GlideElement, GlideElementDescriptor });
