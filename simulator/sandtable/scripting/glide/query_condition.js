// GlideQueryCondition: one condition of a query, to which alternatives can be added.
function operand(value) {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return textOf(value);
}

// A term separator inside a value is doubled, so that a value stays one.
function escaped(text) { return text.replace(/\^/g, '^^'); }

const OPERATORS = new Map([['==', '='], ['<>', '!='], ['CONTAINS', 'LIKE'], ['DOES NOT CONTAIN', 'NOT LIKE']]);
const KNOWN_OPERATORS = new Set(['=', '!=', '>', '>=', '<', '<=', 'IN', 'NOT IN', 'STARTSWITH', 'ENDSWITH', 'LIKE', 'NOT LIKE',
  'INSTANCEOF', 'BETWEEN', 'SAMEAS', 'NSAMEAS', 'ON', 'NOTON', 'DATEPART', 'RELATIVEGT', 'RELATIVELT', 'RELATIVEGE', 'RELATIVELE',
  'EMPTYSTRING', 'ANYTHING', 'ISEMPTY', 'ISNOTEMPTY', 'DYNAMIC', 'GT_FIELD', 'LT_FIELD', 'GT_OR_EQUALS_FIELD', 'LT_OR_EQUALS_FIELD',
  'MORETHAN', 'LESSTHAN', 'MATCH_PAT', 'MATCH_RGX', 'VALCHANGES', 'CHANGESFROM', 'CHANGESTO', 'NOT STARTSWITH', 'NOT ENDSWITH']);

function term(given) {
  if (given.length === 1) return textOf(given[0]);
  const field = textOf(given[0]);
  if (given.length === 2) return field + '=' + escaped(operand(given[1]));
  let operator = textOf(given[1]).trim().toUpperCase();
  operator = OPERATORS.get(operator) || operator;
  if (!KNOWN_OPERATORS.has(operator)) {
    note('operator', operator, 'an operator of addQuery that is not known; the condition is dropped');
    return '';
  }
  if (operator === 'ISEMPTY' || operator === 'ISNOTEMPTY' || operator === 'ANYTHING' || operator === 'EMPTYSTRING') return field + operator;
  return field + operator + escaped(operand(given[2]));
}

class GlideQueryCondition {
  constructor(first, sub) {
    Object.defineProperty(this, ST, { value: { terms: [first], sub: sub || null } });
    return told('GlideQueryCondition', this);
  }
  addOrCondition(...given) { this[ST].terms.push('OR' + term(given)); return this; }
  addCondition(...given) {
    if (this[ST].sub) this[ST].sub.parts.push(term(given));
    else this[ST].terms.push(term(given));
    return this;
  }
  addAnd(...given) { return this.addCondition(...given); }
  toString() { return '[object GlideQueryCondition]'; }
  toQuery() {
    const own = this[ST];
    if (own.sub) return subQuery(own.sub);
    return own.terms.filter((each) => each !== '' && each !== 'OR').join('^').replace(/^OR/, '');
  }
}
Object.defineProperty(GlideQueryCondition.prototype, 'toQuery', { enumerable: false });

// A subquery is answered when the outer one runs, and then is a list of values.
function subQuery(sub) {
  const values = call('subquery', sub.table, sub.parts.filter((each) => each !== '').join('^'), sub.joinField);
  return values.length ? sub.field + 'IN' + values.join(',') : 'sys_id=NULL';
}

function joinCondition(state, table, field, joinField) {
  const meta = metaOf(table);
  let primary = textOf(field), join = textOf(joinField);
  if (!primary) primary = 'sys_id';
  if (!join && meta) {
    join = Object.keys(meta.columns).find((each) => meta.columns[each].reference && call('extends', state.table, meta.columns[each].reference)) || '';
  }
  if (!meta || !join || !meta.columns[join]) {
    note('script', 'GlideRecord.addJoinQuery', 'no table ' + table + ', or no reference from it to ' + state.table);
    return new GlideQueryCondition('');
  }
  return new GlideQueryCondition('', { table, parts: [], field: primary, joinField: join });
}

publish({ GlideQueryCondition });
