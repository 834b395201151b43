// GlideJsonPath: what a path finds in a JSON text. A path that names one place gives its value, others a list.
class GlideJsonPath {
  constructor(text) { Object.defineProperty(this, ST, { value: { root: parseJson(textOf(text)) } }); return told('GlideJsonPath', this); }
  read(path) {
    const steps = pathSteps(textOf(path)), found = steps.reduce((nodes, step) => nodes.flatMap((node) => step.from(node)), [this[ST].root]);
    return steps.every((step) => step.one) ? (found.length ? found[0] : null) : found;
  }
}

function inside(node) { return typeof node === 'object' && node !== null ? Object.values(node) : []; }
function deep(node) { return [node, ...inside(node).flatMap(deep)]; }
function member(name) {
  return (node) => {
    if (Array.isArray(node)) { const at = Number(name) < 0 ? node.length + Number(name) : name; return own.call(node, at) && /^-?\d+$/.test(name) ? [node[at]] : []; }
    return typeof node === 'object' && node !== null && own.call(node, name) ? [node[name]] : [];
  };
}

function pathSteps(path) {
  const token = /\s*(?:\$|(\.\.)|\.?(\*)|\.?([A-Za-z_$][\w$-]*)|\.?\[\s*(?:(\*)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+(?:\s*,\s*-?\d+)*)|(-?\d*):(-?\d*)|\?\((.*?)\))\s*\])/y;
  const steps = [];
  let descend = false;
  while (token.lastIndex < path.length) {
    const at = token.lastIndex, found = token.exec(path);
    if (!found) throw new Error('Could not compile JSON path: ' + path + ' at ' + at);
    const [text, dots, star, name, wild, single, double, numbers, from, to, filter] = found;
    if (dots) { descend = true; continue; }
    if (text.trim() === '$') continue;
    let step;
    if (star || wild) step = { one: false, from: inside };
    else if (numbers !== undefined) { const picks = numbers.split(',').map((each) => member(each.trim())); step = { one: picks.length === 1, from: (node) => (Array.isArray(node) ? picks.flatMap((pick) => pick(node)) : []) }; }
    else if (from !== undefined) step = { one: false, from: (node) => (Array.isArray(node) ? node.slice(from === '' ? undefined : Number(from), to === '' ? undefined : Number(to)) : []) };
    else if (filter !== undefined) { const holds = pathFilter(filter); step = { one: false, from: (node) => inside(node).filter(holds) }; }
    else { const key = name !== undefined ? name : (single !== undefined ? single : double).replace(/\\(.)/g, '$1'); step = { one: true, from: member(key) }; }
    if (descend) { const plain = step.from; step = { one: false, from: (node) => deep(node).flatMap(plain) }; descend = false; }
    steps.push(step);
  }
  return steps;
}

// A filter: terms of `@.path`, compared or not, joined by && and ||.
function pathFilter(text) {
  const any = text.split('||').map((all) => all.split('&&').map(pathTerm));
  return (node) => any.some((all) => all.every((term) => term(node)));
}

function pathTerm(text) {
  const found = /^\s*(!?)\s*@((?:\.[\w$-]+|\[[^\]]*\])*)\s*(?:(==|!=|<=|>=|<|>|=~)\s*(.+?))?\s*$/.exec(text);
  if (!found) throw new Error('Could not compile JSON path filter: ' + text);
  const steps = pathSteps(found[2]), operator = found[3];
  const value = (node) => steps.reduce((nodes, step) => nodes.flatMap((each) => step.from(each)), [node])[0];
  if (!operator) return (node) => (value(node) !== undefined) !== (found[1] === '!');
  if (operator === '=~') { const [, pattern, flags] = /^\/(.*)\/(\w*)$/.exec(found[4]) || [null, found[4], '']; const matcher = new RegExp('^(?:' + pattern + ')$', flags); return (node) => matcher.test(String(value(node))); }
  const wanted = parseJson(found[4].replace(/^'(.*)'$/, (whole, inner) => toJson(inner)));
  const compare = { '==': (a) => a === wanted, '!=': (a) => a !== wanted, '<': (a) => a < wanted, '>': (a) => a > wanted, '<=': (a) => a <= wanted, '>=': (a) => a >= wanted }[operator];
  return (node) => { const each = value(node); return each === undefined ? operator === '!=' : compare(each); };
}

publish({ GlideJsonPath: callable(GlideJsonPath) });
