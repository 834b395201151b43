// GlideAggregate: counts, sums and the like over the rows of a query, by groups.
function group(record, field) {
  const own = aggregation(record), name = textOf(field);
  if (!own.groups.includes(name)) own.groups.push(name);
}

function aggregation(record) {
  const state = record[ST];
  return state.aggregation || (state.aggregation = { wanted: [], groups: [], order: [], having: [], trend: null, grouping: true, window: null });
}

class GlideAggregate extends GlideRecord {
  constructor(table) { super(table); }
  addAggregate(name, field) {
    const own = aggregation(this), kind = textOf(name).toUpperCase();
    own.wanted.push([kind, field === undefined || field === null ? '' : textOf(field)]);
    if (field !== undefined && field !== null && (kind === 'COUNT') && call('flag', 'sandtable.script.count_groups_by_its_field', true)) group(this, field);
  }
  groupBy(field) { group(this, field); }
  orderBy(field) { group(this, field); aggregation(this).order.push([textOf(field), '', false]); }
  orderByDesc(field) { group(this, field); aggregation(this).order.push([textOf(field), '', true]); }
  orderByAggregate(name, field) { aggregation(this).order.push([field === undefined ? '' : textOf(field), textOf(name).toUpperCase(), true]); }
  addHaving(name, ...rest) {
    const [field, operator, value] = rest.length > 2 ? rest : ['', rest[0], rest[1]];
    aggregation(this).having.push([textOf(name).toUpperCase(), textOf(field), textOf(operator), textOf(value)]);
  }
  addTrend(field, interval, units) { aggregation(this).trend = [textOf(field), textOf(interval).toLowerCase(), Number(units) || 1]; }
  setGroup(grouping) { aggregation(this).grouping = grouping !== false; }
  setLimit(most) { aggregation(this).window = [0, Math.max(0, Number(most) || 0)]; }
  chooseWindow(first, last) { aggregation(this).window = [Number(first) || 0, Number(last) || 0]; }
  setAggregateWindow(first, last) { aggregation(this).window = [Number(first), Number(last)]; }
  setAggregateWorkflow(run) { this[ST].workflow = run !== false; }
  setIntervalYearIncluded(included) { aggregation(this).year = included !== false; }
  setOrder(ordered) { aggregation(this).unordered = ordered === false; }
  setGroupByFollowRef() {}
  setOrderByFollowRef() {}
  query(field, value) {
    if (arguments.length > 1) condition(this, [field, value]);
    const state = this[ST];
    state.open0(state.groups0 = state.meta ? call('aggregate', state.ask(), aggregation(this)).map((each) => [state.table, '', each]) : []);
  }
  _query(...given) { this.query(...given); }
  next() {
    const state = this[ST];
    if (state.rows === null || !state.step()) return false;
    state.group = state.row.values;
    state.row = { table: state.table, id: '', values: state.group.values };
    return true;
  }
  _next() { return this.next(); }
  getAggregate(name, field) {
    const state = this[ST], key = textOf(name).toUpperCase() + ' ' + (field === undefined || field === null ? '' : textOf(field));
    if (!state.group) return null;
    const found = state.group.stats[key];
    if (found !== undefined) return found;
    const alone = state.group.stats[textOf(name).toUpperCase() + ' '];
    return textOf(name).toUpperCase() === 'COUNT' && alone !== undefined ? alone : null;
  }
  getTotal(name, field) {
    const key = textOf(name).toUpperCase() + ' ' + (field === undefined || field === null ? '' : textOf(field));
    return (this[ST].groups0 || []).reduce((sum, each) => sum + (Number(each[2].stats[key]) || 0), 0);
  }
  getCount() { return Number(this.getAggregate('COUNT')); }
  getValue(field) {
    const state = this[ST], name = textOf(field);
    if (state.group && name in state.group.values) return state.group.values[name] === '' ? null : state.group.values[name];
    if (state.group && name in state.group.extra) return state.group.extra[name];
    return GlideRecord.prototype.getValue.call(this, field);
  }
  getAggregateEncodedQuery() { return this[ST].group ? this[ST].group.query : this[ST].encoded(); }
  getQuery() { return this[ST].encoded(); }
}
publish({ GlideAggregate: callable(GlideAggregate) });
