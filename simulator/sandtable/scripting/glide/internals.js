// Classes of the platform that few documents name and many scripts use: tables by name, many rows at once, numbers, choices.
class GlideTableDescriptor {
  constructor(table) { Object.defineProperty(this, ST, { value: textOf(table) }); return told('GlideTableDescriptor', this); }
  isValid() { return metaOf(this[ST]) !== null; }
  getName() { return this[ST]; }
  getLabel() { const meta = metaOf(this[ST]); return meta ? meta.label : ''; }
  getPlural() { const meta = metaOf(this[ST]); return meta ? meta.plural : ''; }
  getDisplayName() { const meta = metaOf(this[ST]); return meta ? meta.display : ''; }
  getElementDescriptor(field) { const meta = metaOf(this[ST]), name = textOf(field); return meta && own.call(meta.columns, name) ? new GlideElementDescriptor(meta.columns[name]) : null; }
  isValidField(field) { return this.getElementDescriptor(field) !== null; }
  getSchemaList() { const meta = metaOf(this[ST]); return listOf(meta ? Object.keys(meta.columns).map((each) => new GlideElementDescriptor(meta.columns[each])) : []); }
  toString() { return this[ST]; }
  static get(table) { return new GlideTableDescriptor(table); }
  static isValid(table) { return metaOf(textOf(table)) !== null; }
  static fieldExists(table, field) { return new GlideTableDescriptor(table).isValidField(field); }
}

// Many rows at once: no rules, no journal of who and when.
class MultipleRows {
  constructor(table) {
    const rows = new GlideRecord(table);
    rows.setWorkflow(false);
    rows.autoSysFields(false);
    Object.defineProperty(this, ST, { value: { rows, adds: {} } });
    return told(this.constructor.name, this);
  }
  addQuery(...given) { return this[ST].rows.addQuery(...given); }
  addEncodedQuery(query) { this[ST].rows.addEncodedQuery(query); }
  addNullQuery(field) { return this[ST].rows.addNullQuery(field); }
  addNotNullQuery(field) { return this[ST].rows.addNotNullQuery(field); }
  addActiveQuery() { return this[ST].rows.addActiveQuery(); }
}
class GlideMultipleUpdate extends MultipleRows {
  setValue(field, value) { this[ST].rows.setValue(field, value); }
  setIncrement(field, amount) { this[ST].rows.addValue(field, amount === undefined ? 1 : amount); }
  execute() { this[ST].rows.updateMultiple(); }
}
class GlideMultipleDelete extends MultipleRows {
  execute() { call('delete_rows', { ...this[ST].rows[ST].ask(), window: null }, options(this[ST].rows[ST])); }
}

function NumberManager(table) { this.initialize(table); }
NumberManager.prototype = {
  initialize(table) { this.table = textOf(table); },
  type: 'NumberManager',
  getNextObjNumberPadded() { return call('next_number', this.table); },
};

// The default of number columns: the next number of the table of the record in the making.
function getNextObjNumberPadded() { return call('next_number', globalThis.current.getTableName()); }

// Errors with a text for whoever reads it, as GlideQuery throws them.
function NiceError(message, cause) {
  if (!(this instanceof NiceError)) return new NiceError(message, cause);
  this.name = 'NiceError';
  this.message = textOf(message);
  this.cause = cause;
}
NiceError.prototype = Object.create(Error.prototype);
hidden(NiceError.prototype, { constructor: NiceError, toString() { return this.name + ': ' + this.message; } });
NiceError.raise = (message, cause) => { throw new NiceError(message, cause); };

class GlideChoice {
  constructor(value, label) { Object.defineProperty(this, ST, { value: [textOf(value), label === undefined ? textOf(value) : textOf(label)] }); return told('GlideChoice', this); }
  getValue() { return this[ST][0]; }
  getLabel() { return this[ST][1]; }
  setLabel(label) { this[ST][1] = textOf(label); }
  getId() { return ''; }
  getSelected() { return false; }
  toString() { return this[ST][1]; }
}
class GlideChoiceList {
  constructor() { Object.defineProperty(this, ST, { value: [] }); return told('GlideChoiceList', this); }
  add(value, label) { this[ST].push(value instanceof GlideChoice ? value : new GlideChoice(value, label)); return true; }
  addAll(list) { for (const each of list[ST]) this[ST].push(each); }
  addFirst(value, label) { this[ST].unshift(new GlideChoice(value, label)); }
  addNone() { this.addFirst('', '-- None --'); }
  getSize() { return this[ST].length; }
  size() { return this[ST].length; }
  getChoice(index) { return this[ST][index] || null; }
  get(index) { return this[ST][index] || null; }
  getChoiceByValue(value) { return this[ST].find((each) => each.getValue() === textOf(value)) || null; }
  getLabelOf(value) { const found = this.getChoiceByValue(value); return found ? found.getLabel() : null; }
  getValueOf(label) { const found = this[ST].find((each) => each.getLabel() === textOf(label)); return found ? found.getValue() : null; }
  getChoiceList(table, field) {
    const element = new GlideRecord(table).getElement(field), found = new GlideChoiceList();
    if (element) for (const value of element.getChoices()) { const row = element.getGlideRecord(); row.setValue(field, value); found.add(value, row.getDisplayValue(field)); }
    return found;
  }
  removeChoice(value) { const at = this[ST].findIndex((each) => each.getValue() === textOf(value)); if (at >= 0) this[ST].splice(at, 1); }
}

// Codes that authenticate a message; certificates and keys are not kept for scripts.
class GlideCertificateEncryption {
  constructor() { return told('GlideCertificateEncryption', this); }
  generateMac(key, algorithm, data) { return call('mac', textOf(key), textOf(algorithm), textOf(data)); }
}

class GlideUpdateManager2 {
  constructor() { fenced('GlideUpdateManager2'); return told('GlideUpdateManager2', this); }
  saveRecord(record) { return call('record_change', record[ST].recordTable(), record[ST].id()); }
}
class GlideUpdateSet {
  constructor() { return told('GlideUpdateSet', this); }
  get() { return call('current_update_set'); }
  set(id) { call('save_preference', 'sys_update_set', textOf(id), call('user').sys_id); }
}
publish({
  GlideTableDescriptor: callable(GlideTableDescriptor), GlideMultipleUpdate: callable(GlideMultipleUpdate), GlideMultipleDelete: callable(GlideMultipleDelete),
  NumberManager, getNextObjNumberPadded, NiceError, GlideChoice: callable(GlideChoice), GlideChoiceList: callable(GlideChoiceList),
  GlideCertificateEncryption: callable(GlideCertificateEncryption), CertificateEncryption: callable(GlideCertificateEncryption),
  GlideUpdateManager2: callable(GlideUpdateManager2), GlideUpdateSet: callable(GlideUpdateSet),
});
