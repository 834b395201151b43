// GlideRecord: rows of one table. Names of columns are properties; a method of the same name goes first.
const recordHandler = {
  get(state, name) {
    if (name === ST) return state;
    if (typeof name === 'symbol') {
      if (name === Symbol.toPrimitive) return () => state.proxy.toString();
      return name === Symbol.toStringTag ? state.className : undefined;
    }
    const prototype = state.prototype;
    if (name in prototype) return prototype[name];
    const element = state.element(name);
    if (element !== undefined) return element;
    if (state.expando && name in state.expando) return state.expando[name];
    if (name === 'variables') return variablesOf(state);
    if (name === 'toJSON') return undefined;
    const absent = missing(state.className, name);
    if (absent === undefined && state.meta && !SILENT.has(name)) {
      note('field', state.table + '.' + name, 'no such field; a script reads undefined there');
    }
    return absent;
  },
  set(state, name, value) {
    if (typeof name !== 'symbol' && state.column(name)) assign(state, name, value);
    else if (state.meta && state.kind !== 'plain') {
      unknownField(state, String(name));
      (state.expando || (state.expando = {}))[name] = value;
    }
    return true;
  },
  has(state, name) { return typeof name === 'string' && (name in state.prototype || state.column(name) !== undefined); },
  ownKeys(state) { return state.meta ? Object.keys(state.metaNow().columns) : []; },
  getOwnPropertyDescriptor(state, name) {
    if (typeof name !== 'string' || !state.column(name)) return undefined;
    return { value: state.element(name), writable: true, enumerable: true, configurable: true };
  },
  getPrototypeOf(state) { return state.prototype; },
  deleteProperty() { return true; },
};

function newState(table, kind) {
  const state = new RecordState(table, kind || 'record');
  const type = kind === 'secure' ? GlideRecordSecure : kind === 'aggregate' ? GlideAggregate : GlideRecord;
  state.prototype = type.prototype;
  state.className = type === GlideRecord ? 'GlideRecord' : type.name;
  state.proxy = new Proxy(state, recordHandler);
  return state;
}

function makeRecord(table, kind) {
  const name = textOf(table);
  const state = newState(name, kind);
  if (!state.meta) call('log', 'error', '', 'Invalid table name for ' + state.className + ': ' + name);
  return state.proxy;
}

function condition(record, given) {
  const added = new GlideQueryCondition(term(given));
  record[ST].conditions.push(added);
  return added;
}

function sorted(record, field, descending) {
  record[ST].order.push((descending ? 'ORDERBYDESC' : 'ORDERBY') + textOf(field));
}

function locate(record, given) {
  const state = record[ST];
  if (!state.meta) return false;
  if (given.length === 1 && typeof given[0] === 'object' && given[0] !== null && !isElement(given[0])) {
    const asked = given[0];
    const terms = Object.keys(asked).map((each) => new GlideQueryCondition(term([each, asked[each]])));
    state.conditions.push(...terms);
  } else if (given.length === 1) {
    const key = textOf(given[0]);
    const answer = key === '' ? null : call('find', { ...state.ask(), key });
    state.open0(answer ? [answer] : []);
    return state.step();
  } else {
    const asked = new GlideQueryCondition(term([given[0], given[1]]));
    state.conditions.push(asked);
  }
  state.open();
  return state.step();
}
RecordState.prototype.open0 = function (rows) {
  this.asked = true;
  this.elements = null;
  this.rows = rows;
  this.count = rows.length;
  this.cursor = 0;
  this.next = 0;
};

function written(state, answer, keepRow) {
  state.error = answer.error || null;
  if (!answer.sys_id) return null;
  state.lastOperation = answer.operation;
  const row = { table: answer.table, id: answer.sys_id, values: null };
  if (state.bound && !keepRow) return answer.sys_id;
  state.forget();
  state.row = row;
  state.fresh = false;
  return answer.sys_id;
}

function options(state) {
  return { workflow: state.workflow, auto_sys: state.autoSys, enforced: state.secure, force: state.force, adds: state.adds || {} };
}

class GlideRecord {
  constructor(table) { return makeRecord(table, new.target === GlideRecordSecure ? 'secure' : new.target === GlideAggregate ? 'aggregate' : 'record'); }

  // queries
  addQuery(...given) {
    const joined = given.length === 1 ? textOf(given[0]) : '';
    if (given.length === 1 && joined === '') return new GlideQueryCondition('');
    return condition(this, given);
  }
  addUserQuery(...given) { this[ST].enforcedQuery = true; return condition(this, given); }
  addSystemQuery(...given) { return condition(this, given); }
  addEncodedQuery(query, enforce) {
    if (enforce === true) this[ST].enforcedQuery = true;
    const text = textOf(query);
    if (text !== '') this[ST].conditions.push(new GlideQueryCondition(text));
  }
  addUserEncodedQuery(query) { this.addEncodedQuery(query, true); }
  addSystemEncodedQuery(query) { this.addEncodedQuery(query); }
  addOrCondition(...given) {
    const last = this[ST].conditions[this[ST].conditions.length - 1];
    return last ? last.addOrCondition(...given) : condition(this, given);
  }
  addNullQuery(field) { return condition(this, [field, 'ISEMPTY', '']); }
  addNotNullQuery(field) { return condition(this, [field, 'ISNOTEMPTY', '']); }
  addActiveQuery() { return condition(this, ['active', 'true']); }
  addInactiveQuery() { return condition(this, ['active', 'false']); }
  addJoinQuery(table, field, joinField) {
    const added = joinCondition(this[ST], textOf(table), field, joinField);
    this[ST].conditions.push(added);
    return added;
  }
  addDomainQuery() { note('script', 'GlideRecord.addDomainQuery', 'domains are not simulated: every row is in one domain'); }
  addFunction(definition) { note('script', 'GlideRecord.addFunction', 'database functions are not simulated'); return ''; }
  applyEncodedQuery(query) { for (const [field, value] of call('equalities', this[ST].table, textOf(query))) assign(this[ST], field, value); }
  getEncodedQuery() { return this[ST].encoded(); }
  isEncodedQueryValid(query) {
    const valid = call('valid_query', this[ST].table, textOf(query));
    this[ST].conditions.push(new GlideQueryCondition(valid ? textOf(query) : 'sys_idNotValidnull'));
    return valid;
  }
  isValidEncodedQuery(query) { return call('valid_query', this[ST].table, textOf(query)); }
  orderBy(field) { sorted(this, field, false); }
  orderByDesc(field) { sorted(this, field, true); }
  addUserOrderBy(field) { sorted(this, field, false); }
  addUserOrderByDesc(field) { sorted(this, field, true); }
  addSystemOrderBy(field) { sorted(this, field, false); }
  addSystemOrderByDesc(field) { sorted(this, field, true); }
  setLimit(most) { this[ST].window = { first: 0, last: Math.max(0, Number(most) || 0), count: false }; }
  chooseWindow(first, last, count) { this[ST].window = { first: Math.max(0, Number(first) || 0), last: Number(last) || 0, count: count === true }; }
  setCategory() {}
  setQueryReferences() {}
  largeResultExpected() {}
  targetExtension() {}
  disableSysIdInOptimization() {}
  setNoCount() {}
  setReturnFields() {}
  setDisplayFields() {}
  query(field, value) {
    if (arguments.length > 1) condition(this, [field, value]);
    this[ST].open();
  }
  _query(...given) { GlideRecord.prototype.query.apply(this, given); }
  queryNoDomain(...given) { GlideRecord.prototype.query.apply(this, given); }
  next() { return this[ST].step(); }
  _next() { return this[ST].step(); }
  hasNext() { return this[ST].rows !== null && this[ST].more(); }
  _hasNext() { return this.hasNext(); }
  get(...given) { return locate(this, given); }
  _get(...given) { return locate(this, given); }
  find(field, value) { this[ST].open(); while (this[ST].step()) if (textOf(this.getElement(field)) === textOf(value)) return true; return false; }
  getRowCount() { return this[ST].rows === null ? 0 : this[ST].count; }
  getRowNumber() { return this[ST].next - 1; }
  setLocation(index) { this[ST].next = Number(index) || 0; this[ST].step(); }
  getLocation() { return this[ST].next - 1; }
  restoreLocation() { this[ST].next = 0; }
  saveLocation() {}
  rewind() { this[ST].open(); }

  // what it is
  isValid() { return !!this[ST].meta; }
  isValidRecord() { return !!this[ST].row || (this[ST].bound !== null); }
  isValidField(field) { return call('walks', this[ST].recordTable(), textOf(field)); }
  isNewRecord() { return this[ST].fresh || (this[ST].bound !== null && this[ST].bound.operation === 'insert' && !this[ST].bound.stored); }
  isActionAborted() { return this[ST].aborted; }
  isView() { return false; }
  instanceOf(table) { return call('extends', this[ST].recordTable(), textOf(table)); }
  operation() { return this[ST].bound ? this[ST].bound.operation : this[ST].lastOperation; }
  toString() { return '[object ' + this[ST].className + ']'; }
  getTableName() { return this[ST].table; }
  getRecordClassName() { return this[ST].recordTable(); }
  getTableScope() { return this[ST].meta ? this[ST].meta.scope : null; }
  getClassDisplayValue() { const meta = this[ST].metaNow(); return meta ? meta.label : ''; }
  getLabel() { return this[ST].meta ? this[ST].meta.label : ''; }
  getPlural() { return this[ST].meta ? this[ST].meta.plural : ''; }
  getDisplayName() { return this[ST].meta ? this[ST].meta.display : ''; }
  getED() { return new GlideElementDescriptor({ name: this[ST].table, label: this.getLabel(), plural: this.getPlural(), type: 'collection', length: 0, mandatory: false, choice: 0, calculated: false, attributes: '', reference: '', table: this[ST].table }); }
  getAttribute(name) { return call('table_attribute', this[ST].table, textOf(name)); }
  getBooleanAttribute(name) { return this.getAttribute(name) === 'true'; }
  getUniqueValue() { return this[ST].id() || null; }
  getUniqueName() { return 'sys_id'; }
  getLink(noStack) {
    const state = this[ST];
    return state.table + '.do?sys_id=' + (state.id() || '') + (noStack === true ? '' : '&sysparm_stack=' + state.table + '_list.do?sysparm_query=active=true');
  }
  getLastErrorMessage() { return this[ST].error; }
  hasAttachments() { return call('has_attachments', this[ST].recordTable(), this[ST].id()); }
  hasErrors() { return this[ST].error !== null; }

  // values
  getElement(field) { const found = this[ST].path(textOf(field)); return found === undefined ? null : found; }
  getElements() { return Object.keys(this[ST].metaNow().columns).map((each) => this[ST].element(each)); }
  getFields() { return listOf(GlideRecord.prototype.getElements.call(this)); }
  getRequestedElements() { return this.getElements(); }
  getValue(field) {
    const element = this[ST].element(textOf(field));
    return element === undefined ? null : outward(element[ST], stored(element[ST]));
  }
  getDisplayValue(field) {
    const state = this[ST];
    if (field === undefined || field === null) {
      const name = state.metaNow() ? state.metaNow().display : '';
      const element = name ? state.element(name) : undefined;
      return element === undefined ? '' : element.getDisplayValue();
    }
    const element = state.path(textOf(field));
    return element === undefined ? null : element.getDisplayValue();
  }
  getEscapedDisplayValue() { return this.getDisplayValue().replace(/\\/g, '\\\\').replace(/'/g, "\\'"); }
  setValue(field, value) { assign(this[ST], textOf(field), value); }
  setDisplayValue(field, value) { assignShown(this[ST], textOf(field), value); }
  addValue(field, amount) {
    const state = this[ST], name = textOf(field), column = state.column(name);
    if (state.values !== null && name in state.values) { call('log', 'error', '', 'addValue(' + name + ') after a value was set is ignored'); return; }
    if (!column || !column.number || !Number.isFinite(Number(amount))) return;
    state.adds = state.adds || {};
    state.adds[name] = (state.adds[name] || 0) + Number(amount);
  }
  setNewGuid() { this[ST].put('sys_id', call('new_id')); return this[ST].values.sys_id; }
  setNewGuidValue(id) { this[ST].put('sys_id', textOf(id)); }
  changes() { const state = this[ST]; return Object.keys(state.metaNow().columns).some((each) => !each.startsWith('sys_') && state.hasChanged(each)); }
  getChanges() { const state = this[ST]; return listOf(Object.keys(state.metaNow().columns).filter((each) => state.hasChanged(each))); }
  getRelatedLists() { return new PlatformMap(); }
  canRead() { return call('can', this[ST].recordTable(), this[ST].id(), 'read'); }
  canWrite() { return call('can', this[ST].recordTable(), this[ST].id(), 'write'); }
  canCreate() { return call('can', this[ST].recordTable(), '', 'create'); }
  canDelete() { return call('can', this[ST].recordTable(), this[ST].id(), 'delete'); }

  // writing
  initialize() { const state = this[ST]; state.standOn(null); state.elements = null; state.fresh = false; state.lastOperation = null; }
  newRecord() {
    const state = this[ST];
    GlideRecord.prototype.initialize.call(this);
    if (!state.meta) return;
    state.values = Object.assign(Object.create(null), call('defaults', state.table));
    state.put('sys_id', call('new_id'));
    state.fresh = true;
  }
  insert() {
    const state = this[ST];
    if (!state.meta) return null;
    if (state.aborted && !state.bound) return null;
    const values = state.row && state.values !== null ? { ...copied(state), ...state.values } : { ...(state.row ? copied(state) : {}), ...state.values };
    return written(state, call('insert', state.table, values, options(state)), true);
  }
  update(reason) {
    const state = this[ST];
    if (!state.meta) return null;
    if (state.bound) return updateBound(state, reason);
    if (!state.row) return GlideRecord.prototype.insert.call(this);
    if (state.aborted) return null;
    return written(state, call('update', state.row.table, state.row.id, state.changes(), options(state), reason === undefined ? '' : textOf(reason)));
  }
  updateWithReferences(reason) { return withReferences(this, () => this.update(reason)); }
  insertWithReferences() { return withReferences(this, () => this.insert()); }
  updateNoDomain(reason) { return this.update(reason); }
  updateMultiple() {
    const state = this[ST];
    if (!state.meta) return;
    call('update_multiple', { ...state.ask(), window: null }, { ...state.values }, options(state));
  }
  updateMultipleAllowNull() { this.updateMultiple(); }
  deleteRecord() {
    const state = this[ST];
    if (!state.meta || !state.row) return false;
    const answer = call('delete', state.row.table, state.row.id, options(state));
    state.error = answer.error || null;
    state.lastOperation = answer.done ? 'delete' : state.lastOperation;
    return answer.done;
  }
  deleteMultiple() {
    const state = this[ST];
    if (!state.meta) return;
    call('delete_multiple', { ...state.ask(), window: null }, options(state));
  }
  applyTemplate(name) { for (const [field, value] of call('template', this[ST].table, textOf(name))) assign(this[ST], field, value); }
  setAbortAction(abort) {
    const state = this[ST];
    if (state.bound && !call('may_abort', state.table)) return;
    state.aborted = abort !== false && abort !== 'false';
  }
  setWorkflow(run) { if (call('may_api', 'setWorkflow', this[ST].table)) this[ST].workflow = !(run === false || run === 'false'); }
  getWorkflow() { return this[ST].workflow; }
  setUseEngines(run) { this[ST].engines = run !== false; }
  setForceUpdate(force) { this[ST].force = force !== false; }
  autoSysFields(auto) { this[ST].autoSys = !(auto === false || auto === 'false'); }
  setSystem() {}
  enableSecurityFeature() {}
  disableSecurityFeature() {}
  getJournalCount() { return 0; }
}

const GLOBAL_ONLY = ['find', 'getFields', 'changes', 'applyTemplate', 'setUseEngines', 'setForceUpdate', 'getAttribute', 'hasAttachments', 'instanceOf'];
for (const name of GLOBAL_ONLY) {
  const method = GlideRecord.prototype[name];
  Object.defineProperty(GlideRecord.prototype, name, {
    value: function (...given) { fenced(name); return method.apply(this, given); }, writable: true, configurable: true });
}

function copied(state) {
  const row = state.stands(), found = {};
  for (const field in row.values) if (!field.startsWith('sys_') && !['number'].includes(field)) found[field] = row.values[field];
  return found;
}

function updateBound(state, reason) {
  const answer = call('update_bound', state.bound.token, changesOfBound(state), options(state), reason === undefined ? '' : textOf(reason));
  state.error = answer.error || null;
  return answer.sys_id || null;
}

function changesOfBound(state) {
  return state.values === null ? {} : { ...state.values };
}

function withReferences(record, save) {
  const state = record[ST];
  for (const [field, known] of state.references) {
    const other = known.state;
    if (other.values !== null && Object.keys(other.changes()).length) {
      const id = other.row ? other.proxy.update() : other.proxy.insert();
      if (id) state.put(field, id);
    }
  }
  return save();
}

function variablesOf(state) {
  const found = call('variables', state.recordTable(), state.id());
  if (found === null) return undefined;
  const target = {};
  return new Proxy(target, {
    get(object, name) {
      if (typeof name !== 'string') return undefined;
      if (name === 'hasOwnProperty') return (key) => own.call(found, key);
      const value = own.call(found, name) ? found[name] : undefined;
      return value === undefined ? undefined : fixedElement(name, value.value, value.shown, value.label);
    },
    ownKeys() { return Object.keys(found); },
    getOwnPropertyDescriptor(object, name) {
      return own.call(found, name) ? { value: fixedElement(name, found[name].value, found[name].shown, found[name].label), enumerable: true, configurable: true } : undefined;
    },
    has(object, name) { return own.call(found, name); },
  });
}

// An element of something that is no column: its text, and what people see of it.
function fixedElement(name, value, shownText, label) {
  const column = { name, label: label || name, type: 'string', plain: true, reference: '', attributes: '', table: '', choice: 0, length: 4000 };
  const holder = { table: '', kind: 'plain', read: () => value, readBefore: () => value, hasChanged: () => false, recordTable: () => '', id: () => '',
    isInsert: () => false, put: (field, text) => { value = text; }, column: () => column, references: new Map(), proxy: null };
  const element = makeElement(holder, name, column);
  element[ST].shown = shownText;
  return new Proxy(element, { get(inner, key) { return key === 'getDisplayValue' ? () => shownText : inner[key]; } });
}

publish({ GlideRecord: callable(GlideRecord) });
