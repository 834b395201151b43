// What a GlideRecord holds: the query in the making, the rows found, and the values of the row it stands on.
const META = new Map();
function metaOf(table) {
  let meta = META.get(table);
  if (meta === undefined) {
    meta = call('table', table);
    if (meta) meta.columns = Object.assign(Object.create(null), meta.columns);
    META.set(table, meta);
  }
  return meta;
}

const NOTHING = Object.freeze(Object.create(null));

class RecordState {
  constructor(table, kind) {
    this.table = table;
    this.kind = kind;
    this.meta = metaOf(table);
    this.conditions = [];
    this.order = [];
    this.window = null;
    this.rows = null;
    this.next = 0;
    this.cursor = 0;
    this.count = 0;
    this.row = null;
    this.values = null;
    this.fresh = false;
    this.workflow = true;
    this.engines = true;
    this.autoSys = true;
    this.force = false;
    this.enforcedQuery = false;
    this.bound = null;
    this.aborted = false;
    this.error = null;
    this.adds = null;
    this.elements = null;
    this.known = null;
    this.lastOperation = null;
    this.proxy = null;
    this.asked = false;
  }

  get secure() { return this.kind === 'secure'; }
  column(name) { return this.meta ? this.metaNow().columns[name] : undefined; }

  // The columns of the row's own class, as soon as the record stands on one of a child table's fields.
  metaNow() {
    const table = this.row ? this.row.table : this.table;
    return table === this.table ? this.meta : metaOf(table) || this.meta;
  }

  recordTable() { return this.row ? this.row.table : this.table; }
  id() { return this.row ? this.row.id : (this.values && this.values.sys_id) || ''; }
  isInsert() { return this.bound ? this.bound.operation === 'insert' : !this.row; }

  element(name) {
    if (typeof name !== 'string') return undefined;
    if (this.elements === null) this.elements = new Map();
    let found = this.elements.get(name);
    if (found !== undefined) return found;
    const column = this.column(name);
    if (column === undefined) return undefined;
    found = makeElement(this, name, column);
    this.elements.set(name, found);
    return found;
  }

  get references() { return this.known || (this.known = new Map()); }

  path(path) {
    const steps = String(path).split('.');
    let element = this.element(steps[0]);
    for (const step of steps.slice(1)) {
      if (element === undefined || !element[ST].column.reference) return undefined;
      element = referenced(element[ST]).element(step);
    }
    return element;
  }

  stands() {
    if (this.row && this.row.values === null) this.load();
    return this.row;
  }

  load() {
    const row = call('row', this.row.table, this.row.id, this.secure);
    this.row.values = row ? row.values : {};
    if (row) this.row.table = row.table;
  }

  read(field) {
    const values = this.values;
    if (values !== null && field in values) {
      const column = this.column(field);
      if (!(column && column.journal && this.written)) return values[field];
    }
    const row = this.stands();
    return (row && row.values[field]) || '';
  }

  readBefore(field) {
    if (this.bound) return (this.bound.previous && this.bound.previous[field]) || '';
    const row = this.stands();
    return (row && row.values[field]) || '';
  }

  hasChanged(field) {
    const column = this.column(field);
    if (column && column.journal) return this.read(field) !== '';
    return this.read(field) !== this.readBefore(field);
  }

  put(field, text) {
    if (this.values === null) this.values = Object.create(null);
    this.values[field] = text;
    if (this.known !== null) this.known.delete(field);
  }

  changes() {
    const found = {};
    if (this.values === null) return found;
    const row = this.row ? this.stands() : null;
    for (const field in this.values) {
      const column = this.column(field);
      if (!row || this.values[field] !== (row.values[field] || '') || (column && column.journal)) found[field] = this.values[field];
    }
    return found;
  }

  forget() {
    this.values = null;
    this.adds = null;
    this.written = false;
    this.known = null;
  }

  standOn(row) {
    this.forget();
    this.row = row;
    this.fresh = false;
    this.aborted = false;
  }

  // queries
  encoded() {
    const parts = this.conditions.map((each) => each.toQuery()).filter((each) => each !== '');
    return parts.concat(this.order).join('^');
  }

  ask(extra) {
    const query = { table: this.table, query: this.encoded(), enforced: this.secure, user_query: this.enforcedQuery,
      workflow: this.workflow, window: this.window };
    if (extra) Object.assign(query, extra);
    return query;
  }

  open() {
    this.asked = true;
    this.standOn(null);
    this.elements = null;
    this.next = 0;
    if (!this.meta) { this.rows = []; this.count = 0; this.cursor = 0; return; }
    const answer = call('query', this.ask());
    this.rows = answer.rows;
    this.count = answer.count;
    this.cursor = answer.cursor;
  }

  more() {
    while (this.next >= this.rows.length && this.cursor) {
      const answer = call('more', this.cursor);
      this.rows = answer.rows;
      this.cursor = answer.cursor;
      this.next = 0;
    }
    return this.next < this.rows.length;
  }

  step() {
    if (this.rows === null) return false;
    if (!this.more()) { this.standOn(null); return false; }
    const [table, id, values] = this.rows[this.next++];
    if (this.row && this.row.table !== table) this.elements = null;
    this.standOn({ table, id, values });
    return true;
  }
}

function referenced(element) {
  const record = element.of, id = stored(element);
  const known = record.references.get(element.field);
  if (known && known.id === id) return known.state;
  const table = element.column.reference;
  const state = newState(table, record.kind === 'secure' ? 'secure' : 'record');
  if (id !== '' && state.meta) {
    const row = call('row', table, id, state.secure);
    if (row) state.standOn({ table: row.table, id, values: row.values });
  }
  record.references.set(element.field, { id, state });
  return state;
}

function unknownField(state, name) {
  note('field', state.table + '.' + name, 'no such field; what a script sets there is ignored');
}

function assign(state, field, value) {
  const column = state.column(field);
  if (column === undefined) { unknownField(state, field); return; }
  let text = textOf(value);
  if (text === 'NULL') text = '';
  else if (column.type === 'boolean' && text !== '') text = String(asBoolean(text));
  else if (column.type === 'integer' && typeof value === 'number' && Number.isFinite(value)) text = String(Math.trunc(value));
  state.put(field, text);
}

function assignShown(state, field, value) {
  const column = state.column(field);
  if (column === undefined) { unknownField(state, field); return; }
  if (value !== null && typeof value === 'object' && !isElement(value)) { assign(state, field, value); return; }
  state.put(field, call('from_display', state.recordTable(), field, textOf(value)));
}
