// GlideQuery with its Stream and Optional: a script include of the platform, so it lives in the global scope.
class QueryError extends Error { constructor(message) { super(message); this.name = 'NiceError'; } }

const CHECKED = new Set(['=', '!=', '>', '>=', '<', '<=', 'IN', 'NOT IN', 'STARTSWITH', 'ENDSWITH', 'CONTAINS', 'DOES NOT CONTAIN',
  'INSTANCEOF', 'SAMEAS', 'NSAMEAS', 'GT_FIELD', 'LT_FIELD', 'GT_OR_EQUALS_FIELD', 'LT_OR_EQUALS_FIELD', 'BETWEEN', 'ON']);
const NUMBERS = new Set(['integer', 'decimal', 'float', 'longint', 'count', 'percent_complete', 'order_index', 'numeric', 'currency', 'price']);

function columnAt(table, path) {
  if (table === '') return { type: 'string', name: path, choice: 0, table: '' };  // a part of another query, which knows its table
  let meta = metaOf(table), column;
  for (const step of path.split('.')) {
    column = meta ? meta.columns[step] : undefined;
    if (column === undefined) {
      const known = meta ? Object.keys(meta.columns).slice(0, 40).join(', ') : '';
      throw new QueryError("Unable to find field '" + step + "' in table '" + (meta ? meta.name : table) + "'. Known fields: " + known);
    }
    meta = column.reference ? metaOf(column.reference) : null;
  }
  return column;
}

function checkValue(table, path, value) {
  const column = columnAt(table, path);
  for (const each of Array.isArray(value) ? value : [value]) {
    if (each === null || each === undefined || isElement(each)) continue;
    const wrong = (kind) => { throw new QueryError('Unable to match value ' + toJson(each) + " with field '" + path + "' in table '" + table + "'. Expecting type '" + kind + "'"); };
    if (column.type === 'boolean' && typeof each !== 'boolean') wrong('boolean');
    if (NUMBERS.has(column.type) && (typeof each !== 'number' || !Number.isFinite(each)) && !column.choice) wrong('number');
    if (column.choice === 1 || column.choice === 3) {
      const choices = call('choices', column.table && metaOf(table).columns[path] ? table : column.table, column.name, '');
      if (choices.length && !choices.includes(String(each))) throw new QueryError('Invalid choice ' + toJson(each) + " for field '" + path + "' (table '" + table + "'). Allowed values: " + choices.join(', '));
    }
  }
  return column;
}

function typed(column, text, shownText) {
  if (text === '' || text === null || text === undefined) return null;
  if (column.type === 'boolean') return asBoolean(text);
  if (NUMBERS.has(column.type) && Number.isFinite(Number(text))) return Number(text);
  return text;
}

class GlideQuery {
  constructor(table, plan) {
    const name = textOf(table);
    if (name !== '' && !metaOf(name)) throw new QueryError("Unknown table name '" + name + "'");
    Object.defineProperty(this, ST, { value: { table: name, plan: plan || [], } });
    return told('GlideQuery', this);
  }
  static parse(table, encoded) { return new GlideQuery(table, [{ kind: 'encoded', query: textOf(encoded) }]); }
  static or() { return refusal('GlideQuery.or')(); }
  where(...given) {
    const last = this[ST].plan[this[ST].plan.length - 1];
    if (last && last.kind.startsWith('or') && !last.kind.startsWith('order')) throw new QueryError('where() cannot follow orWhere(); put one of them into a GlideQuery of its own and pass that');
    return this.plus('where', given);
  }
  orWhere(...given) { return this.plus('or', given); }
  whereNull(field) { columnAt(this[ST].table, field); return this.plus('null', [field]); }
  orWhereNull(field) { columnAt(this[ST].table, field); return this.plus('ornull', [field]); }
  whereNotNull(field) { columnAt(this[ST].table, field); return this.plus('notnull', [field]); }
  orWhereNotNull(field) { columnAt(this[ST].table, field); return this.plus('ornotnull', [field]); }
  limit(most) { if (typeof most !== 'number') throw new QueryError('limit expects a number'); return this.plus('limit', [most]); }
  orderBy(...fields) { let query = this; for (const field of fields) { columnAt(this[ST].table, field); query = query.plus('orderBy', [field]); } return query; }
  orderByDesc(...fields) {
    let query = this;
    const aggregates = new Set(['count', 'sum', 'avg', 'min', 'max']);
    if (aggregates.has(fields[0])) return query.plus('orderByAggregate', fields);
    for (const field of fields) { columnAt(this[ST].table, field); query = query.plus('orderByDesc', [field]); }
    return query;
  }
  groupBy(...fields) { const all = [].concat(...fields); for (const field of all) columnAt(this[ST].table, field); return this.plus('groupBy', all); }
  aggregate(kind, field) { if (field !== undefined) columnAt(this[ST].table, field); return this.plus('aggregate', [kind, field]); }
  having(kind, field, operator, value) { return this.plus('having', [kind, field, operator, value]); }
  withAcls() { return this.plus('acls', []); }
  withSecurityDataFilters() { return this.plus('acls', []); }
  disableWorkflow() { return this.plus('noworkflow', []); }
  disableAutoSysFields() { return this.plus('noautosys', []); }
  forceUpdate() { return this.plus('force', []); }
  getTableName() { return this[ST].table; }

  record(also) {
    const { table, plan } = this[ST], on = (kind) => plan.some((each) => each.kind === kind);
    const record = on('acls') ? new GlideRecordSecure(table) : new GlideRecord(table);
    const query = encodedOf(table, plan);
    if (query !== '') record[ST].conditions.push(new GlideQueryCondition(query));
    for (const step of plan) {
      if (step.kind === 'orderBy') sorted(record, step.given[0], false);
      if (step.kind === 'orderByDesc') sorted(record, step.given[0], true);
      if (step.kind === 'limit') record[ST].window = { first: 0, last: step.given[0], count: false };
    }
    if (on('noworkflow')) record[ST].workflow = false;
    if (on('noautosys')) record[ST].autoSys = false;
    if (on('force')) record[ST].force = true;
    return record;
  }
  toGlideRecord() { return this.record(); }
  select(...fields) {
    const wanted = [].concat(...fields), { plan } = this[ST];
    if (plan.some((each) => each.kind === 'groupBy' || each.kind === 'aggregate')) return new Stream(grouped(this), 'groups');
    for (const field of wanted) columnAt(this[ST].table, field.split('$')[0]);
    const record = this.record();
    return new Stream(function* () { record.query(); while (record.next()) yield picked(record, wanted); });
  }
  selectOne(...fields) {
    const wanted = [].concat(...fields);
    for (const field of wanted) columnAt(this[ST].table, field.split('$')[0]);
    const record = this.plus('limit', [1]).record();
    record.query();
    return record.next() ? new Optional(picked(record, wanted)) : new Optional(null, this.describe());
  }
  get(id, fields) { return this.plus('where', ['sys_id', '=', textOf(id)]).selectOne(...(fields || [])); }
  getBy(values, fields) {
    let query = this;
    for (const field of Object.keys(values)) query = query.where(field, values[field]);
    return query.selectOne(...Object.keys(values), ...(fields || []));
  }
  insert(values, fields) {
    const record = this.record();
    record.initialize();
    fill(record, this[ST].table, values);
    const id = record.insert();
    if (id === null) throw new QueryError('Unable to insert record: ' + (record.getLastErrorMessage() || ''));
    return new GlideQuery(this[ST].table).get(id, [...Object.keys(values), ...(fields || [])]);
  }
  update(values, fields) {
    const { table, plan } = this[ST];
    const record = this.record();
    if ('sys_id' in values && !plan.some((each) => each.kind === 'where')) record.addQuery('sys_id', values.sys_id);
    else if (!plan.some((each) => each.kind === 'where')) throw new QueryError('update needs a where clause on the key of the record');
    record.setLimit(1);
    record.query();
    if (!record.next()) return new Optional(null, this.describe());
    fill(record, table, values);
    const id = record.update() || (record.getLastErrorMessage() ? null : record.getUniqueValue());
    if (id === null) throw new QueryError('Unable to update record: ' + (record.getLastErrorMessage() || ''));
    return new GlideQuery(table).get(id, [...Object.keys(values), ...(fields || [])]);
  }
  insertOrUpdate(values, fields) {
    if (values.sys_id && new GlideQuery(this[ST].table).get(values.sys_id).isPresent()) return this.update(values, fields);
    return this.insert(values, fields);
  }
  updateMultiple(values) {
    const record = this.record();
    record.query();
    let rowCount = 0;
    while (record.next()) { fill(record, this[ST].table, values); if (record.update() !== null) rowCount++; }
    return { rowCount };
  }
  del() { this.deleteMultiple(); }
  deleteMultiple() { this.record().deleteMultiple(); }
  count() { const found = this.summed('COUNT'); return Number(found) || 0; }
  min(field) { return this.number('MIN', field); }
  max(field) { return this.number('MAX', field); }
  sum(field) { return this.number('SUM', field); }
  avg(field) { return this.number('AVG', field); }
  toString() { return 'GlideQuery<' + this[ST].table + '> ' + encodedOf(this[ST].table, this[ST].plan); }
}
hidden(GlideQuery.prototype, {
  plus(kind, given) { return new GlideQuery(this[ST].table, [...this[ST].plan, { kind, given }]); },
  describe() { return 'No record found: ' + this.toString(); },
  summed(kind, field) {
    const found = new GlideAggregate(this[ST].table), query = encodedOf(this[ST].table, this[ST].plan);
    if (query !== '') found.addEncodedQuery(query);
    aggregation(found).wanted.push([kind, field || '']);
    found.query();
    return found.next() ? found.getAggregate(kind, field) : null;
  },
  number(kind, field) {
    const column = columnAt(this[ST].table, field), found = this.summed(kind, field);
    if (found === null || found === '') return new Optional(null, this.describe());
    return new Optional(column.type === 'glide_date_time' || !Number.isFinite(Number(found)) ? found : Number(found));
  },
});

function encodedOf(table, plan) {
  const terms = [];
  for (const { kind, given, query } of plan) {
    if (kind === 'encoded') { terms.push(query); continue; }
    const or = kind.startsWith('or') && kind !== 'orderBy' && kind !== 'orderByDesc' && kind !== 'orderByAggregate';
    if (kind === 'where' || kind === 'or') {
      if (given.length === 1 && given[0] && given[0][ST]) {
        const inner = encodedOf(given[0][ST].table || table, given[0][ST].plan);
        terms.push((or ? 'OR' : '') + inner);
        continue;
      }
      const [field, operator, value] = given.length === 2 ? [given[0], '=', given[1]] : given;
      if (!CHECKED.has(operator)) throw new QueryError("Unknown operator '" + operator + "'. Known operators: " + [...CHECKED].join(', '));
      if (!String(operator).endsWith('_FIELD')) checkValue(table, field, value);
      if (value === null) terms.push((or ? 'OR' : '') + field + (operator === '=' ? 'ISEMPTY' : 'ISNOTEMPTY'));
      else terms.push((or ? 'OR' : '') + term([field, operator, value]));
    } else if (kind === 'null' || kind === 'ornull') terms.push((or ? 'OR' : '') + given[0] + 'ISEMPTY');
    else if (kind === 'notnull' || kind === 'ornotnull') terms.push((or ? 'OR' : '') + given[0] + 'ISNOTEMPTY');
  }
  return terms.filter((each) => each !== '').join('^');
}

function picked(record, fields) {
  const row = { sys_id: record.getUniqueValue() };
  for (const field of fields) {
    const [path, flag] = field.split('$');
    const element = record.getElement(path);
    let value;
    if (element === null) value = null;
    else if (flag === 'DISPLAY') value = element.getDisplayValue();
    else if (flag === 'CURRENCY_CODE') value = element.getCurrencyCode();
    else if (flag === 'CURRENCY_STRING') value = element.getCurrencyString();
    else value = typed(element[ST].column, stored(element[ST]));
    place(row, path.split('.'), flag ? '$' + flag : '', value);
  }
  return row;
}
function place(row, path, flag, value) {
  let at = row;
  for (const step of path.slice(0, -1)) {
    if (typeof at[step] !== 'object' || at[step] === null) at[step] = {};
    at = at[step];
  }
  at[path[path.length - 1] + flag] = value;
}
function fill(record, table, values) {
  for (const field of Object.keys(values)) {
    checkValue(table, field, values[field]);
    record.setValue(field, values[field] === null ? '' : values[field]);
  }
}
function* groupedRows(query) {
  const { table, plan } = query[ST], found = new GlideAggregate(table), own = aggregation(found), encoded = encodedOf(table, plan);
  if (encoded !== '') found.addEncodedQuery(encoded);
  const wanted = [];
  for (const { kind, given } of plan) {
    if (kind === 'groupBy') given.forEach((each) => group(found, each));
    if (kind === 'aggregate') { wanted.push(given); own.wanted.push([given[0].toUpperCase(), given[1] || '']); }
    if (kind === 'having') own.having.push([given[0].toUpperCase(), given[1] || '', given[2], String(given[3])]);
    if (kind === 'orderByAggregate') own.order.push([given[1] || '', given[0].toUpperCase(), true]);
  }
  found.query();
  while (found.next()) {
    const row = { group: {} };
    for (const field of own.groups) row.group[field] = typed(columnAt(table, field), found[ST].group.values[field]);
    for (const [kind, field] of wanted) {
      const value = found.getAggregate(kind, field), number = value === null || value === '' ? null : Number(value);
      if (field === undefined) row[kind] = number;
      else (row[kind] = row[kind] || {})[field] = Number.isFinite(number) ? number : value;
    }
    yield row;
  }
}
function grouped(query) { return () => groupedRows(query); }

class Stream {
  constructor(source) { Object.defineProperty(this, ST, { value: { source } }); return told('Stream', this); }
  [Symbol.iterator]() { return this[ST].source(); }
  map(change) { const from = this; return new Stream(function* () { for (const each of from) yield change(each); }); }
  filter(test) { const from = this; return new Stream(function* () { for (const each of from) if (test(each)) yield each; }); }
  limit(most) { const from = this; return new Stream(function* () { let count = 0; if (most > 0) for (const each of from) { yield each; if (++count >= most) return; } }); }
  flatMap(change) { const from = this; return new Stream(function* () { for (const each of from) yield* change(each); }); }
  chunk(size) {
    const from = this;
    return new Stream(function* () { let part = []; for (const each of from) { part.push(each); if (part.length >= size) { yield part; part = []; } } if (part.length) yield part; });
  }
  forEach(use) { for (const each of this) use(each); }
  reduce(fold, first) { let value = first; for (const each of this) value = fold(value, each); return value; }
  find(test) { for (const each of this) if (test === undefined || test(each)) return new Optional(each); return new Optional(null, 'No element found'); }
  some(test) { for (const each of this) if (test(each)) return true; return false; }
  any(test) { return this.some(test); }
  every(test) { for (const each of this) if (!test(each)) return false; return true; }
  toArray(most) { const found = []; if (most === undefined) throw new QueryError('toArray needs the largest number of elements'); for (const each of this.limit(most)) found.push(each); return found; }
}

class Optional {
  constructor(value, reason) { Object.defineProperty(this, ST, { value: { value: value === undefined ? null : value, reason: reason || 'No value present' } }); return told('Optional', this); }
  static of(value) { return new Optional(value); }
  static empty(reason) { return new Optional(null, reason); }
  static lazy(make) { return new Optional(make()); }
  get() { if (this[ST].value === null) throw new QueryError('get() called on empty Optional: ' + this[ST].reason); return this[ST].value; }
  orElse(other) { return this[ST].value === null ? other : this[ST].value; }
  isPresent() { return this[ST].value !== null; }
  isEmpty() { return this[ST].value === null; }
  ifPresent(use) { if (this[ST].value !== null) use(this[ST].value); }
  ifPresentOrElse(use, other) { if (this[ST].value !== null) use(this[ST].value); else other(); }
  map(change) { return this[ST].value === null ? this : new Optional(change(this[ST].value)); }
  flatMap(change) { return this[ST].value === null ? this : change(this[ST].value); }
  filter(test) { return this[ST].value === null || test(this[ST].value) ? this : new Optional(null, 'filtered out'); }
  toString() { return this[ST].value === null ? 'Optional<empty>' : 'Optional<' + safeJson(this[ST].value) + '>'; }
}
// On the platform these are functions of old-style classes, so that scripts may, and some do, call them with `new`.
for (const type of [GlideQuery, Optional]) {
  for (const name of Object.getOwnPropertyNames(type)) {
    const member = type[name];
    if (typeof member === 'function' && name !== 'prototype') hidden(type, { [name]: function (...given) { return member.apply(type, given); } });
  }
}
publish({ GlideQuery, Stream, Optional });
