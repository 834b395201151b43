// XMLDocument2 and XMLNode, XMLDocument in its old form: a document as a tree, read and written by the instance.
// A node is {name, attributes, children, text, parent}; children of kind text have no name.
function wrapTree(tree, parent) {
  const node = { name: tree[0], attributes: tree[1], children: [], parent };
  for (const child of tree[2]) node.children.push(typeof child === 'string' ? { text: child, parent: node } : wrapTree(child, node));
  return node;
}
function elementsOf(node) { return node.children.filter((each) => each.name !== undefined); }
function textIn(node) { return node.text !== undefined ? node.text : node.children.map(textIn).join(''); }
function writeXml(node) {
  if (node.text !== undefined) return node.cdata ? '<![CDATA[' + node.text + ']]>' : node.text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const attributes = Object.keys(node.attributes).map((each) => ' ' + each + '="' + escapeXml(node.attributes[each]) + '"').join('');
  if (!node.children.length) return '<' + node.name + attributes + '/>';
  return '<' + node.name + attributes + '>' + node.children.map(writeXml).join('') + '</' + node.name + '>';
}
function localName(name) { return name.replace(/^.*:/, ''); }
function nameFits(node, wanted) { return wanted === '*' || node.name === wanted || localName(node.name) === wanted; }
function descend(node, found) { for (const each of elementsOf(node)) { found.push(each); descend(each, found); } return found; }

// The part of XPath that scripts use: /a/b, //a, *, @name, text(), [3], [@a='b'], [b='c'], . and ..
function select(root, context, path) {
  let nodes = [path.startsWith('/') ? { name: '', attributes: {}, children: [root], top: true } : context];
  const steps = path.replace(/\/\//g, '/\u0000').split('/').filter((each) => each !== '');
  for (let step of steps) {
    const deep = step[0] === '\u0000';
    if (deep) step = step.slice(1);
    const match = /^([^[]*)((?:\[[^\]]*\])*)$/.exec(step);
    if (!match) return [];
    const name = match[1], next = [];
    for (const node of nodes) {
      if (name === '.') { next.push(node); continue; }
      if (name === '..') { if (node.parent) next.push(node.parent); continue; }
      if (node.text !== undefined || node.value !== undefined) continue;
      if (name === 'text()') { next.push(...node.children.filter((each) => each.text !== undefined)); continue; }
      const from = deep ? [node, ...descend(node, [])] : [node];
      if (name[0] === '@') {
        for (const each of from) for (const key of Object.keys(each.attributes)) if (name === '@*' || key === name.slice(1)) next.push({ value: each.attributes[key], key, parent: each });
        continue;
      }
      let found = deep ? descend(node, []) : elementsOf(node);
      found = found.filter((each) => nameFits(each, name));
      for (const [, test] of match[2].matchAll(/\[([^\]]*)\]/g)) found = filterBy(found, test.trim());
      next.push(...found);
    }
    nodes = next;
  }
  return nodes;
}
function filterBy(nodes, test) {
  if (/^\d+$/.test(test)) return nodes.slice(Number(test) - 1, Number(test));
  if (test === 'last()') return nodes.slice(-1);
  const compared = /^(@?[\w:.\-()]+)\s*=\s*(['"])(.*)\2$/.exec(test);
  const name = compared ? compared[1] : test;
  return nodes.filter((node) => {
    const values = name[0] === '@' ? (name.slice(1) in node.attributes ? [node.attributes[name.slice(1)]] : [])
      : name === 'text()' ? [textIn(node)] : elementsOf(node).filter((each) => nameFits(each, name)).map(textIn);
    return compared ? values.includes(compared[3]) : values.length > 0;
  });
}

class XMLNode {
  constructor(node, document) { Object.defineProperty(this, ST, { value: { node, document } }); return told('XMLNode', this); }
  getNodeName() { const node = this[ST].node; return node.name !== undefined ? node.name : node.key !== undefined ? node.key : '#text'; }
  getLocalName() { return localName(this.getNodeName()); }
  getNodeValue() { const node = this[ST].node; return node.text !== undefined ? node.text : node.value !== undefined ? node.value : null; }
  getTextContent() { const node = this[ST].node; return node.value !== undefined ? node.value : textIn(node); }
  getNodeText() { return this.getTextContent(); }
  getAttribute(name) { const found = (this[ST].node.attributes || {})[textOf(name)]; return found === undefined ? '' : found; }
  getAttributes() { return { ...this[ST].node.attributes }; }
  hasAttribute(name) { return own.call(this[ST].node.attributes || {}, textOf(name)); }
  setAttribute(name, value) { this[ST].node.attributes[textOf(name)] = textOf(value); }
  removeAttribute(name) { delete this[ST].node.attributes[textOf(name)]; }
  setTextContent(text) { const node = this[ST].node; node.children = [{ text: textOf(text), parent: node }]; }
  getChildNodeIterator() { return nodeIterator((this[ST].node.children || []), this[ST].document); }
  getChildNodes() { return listOf((this[ST].node.children || []).map((each) => new XMLNode(each, this[ST].document))); }
  getFirstChild() { const first = (this[ST].node.children || [])[0]; return first ? new XMLNode(first, this[ST].document) : null; }
  getLastChild() { const all = this[ST].node.children || []; return all.length ? new XMLNode(all[all.length - 1], this[ST].document) : null; }
  getParentNode() { const node = this[ST].node.parent; return node && !node.top ? new XMLNode(node, this[ST].document) : null; }
  getNextSibling() {
    const node = this[ST].node, all = node.parent ? node.parent.children : [];
    const next = all[all.indexOf(node) + 1];
    return next ? new XMLNode(next, this[ST].document) : null;
  }
  getNodeType() { return this[ST].node.text !== undefined ? 3 : this[ST].node.value !== undefined ? 2 : 1; }
  appendChild(other) { const node = other[ST].node; node.parent = this[ST].node; this[ST].node.children.push(node); return other; }
  toString() { const node = this[ST].node; return node.value !== undefined ? node.value : writeXml(node); }
}
function nodeIterator(nodes, document) {
  let at = 0;
  return told('XMLNodeIterator', { hasNext: () => at < nodes.length, next: () => (at < nodes.length ? new XMLNode(nodes[at++], document) : null) });
}

class XMLDocument2 {
  constructor(text) {
    Object.defineProperty(this, ST, { value: { root: null, current: null, error: null } });
    if (text !== undefined) this.parseXML(text);
    return told('XMLDocument2', this);
  }
  parseXML(text) {
    const state = this[ST], answer = call('parse_xml', textOf(text));
    state.error = answer.error || null;
    state.root = answer.tree ? wrapTree(answer.tree, null) : null;
    state.current = state.root;
    return state.root !== null;
  }
  isValid() { return this[ST].root !== null; }
  getErrorMessage() { return this[ST].error; }
  getDocumentElement() { return this[ST].root ? new XMLNode(this[ST].root, this) : null; }
  getDocument() { return this; }
  setNamespaceAware() {}
  getNode(path) { const found = this[ST].root ? select(this[ST].root, this[ST].root, textOf(path))[0] : undefined; return found ? new XMLNode(found, this) : null; }
  getNodes(path) { return listOf(this[ST].root ? select(this[ST].root, this[ST].root, textOf(path)).map((each) => new XMLNode(each, this)) : []); }
  getNodeText(path) { const node = this.getNode(path); return node ? node.getTextContent() : null; }
  getNodeInt(path) { return Number(this.getNodeText(path)) || 0; }
  getElementValueByTagName(name) { return this.getNodeText('//' + textOf(name)); }
  getAttribute(name) { return this[ST].root ? this[ST].root.attributes[textOf(name)] || '' : ''; }
  getFirstNode(path) { this[ST].walk = { nodes: select(this[ST].root, this[ST].root, textOf(path)), at: 0 }; return this.getNextNode(); }
  getNextNode(after) {
    if (after) return after.getNextSibling();
    const walk = this[ST].walk;
    return walk && walk.at < walk.nodes.length ? new XMLNode(walk.nodes[walk.at++], this) : null;
  }
  selectSingleNode(path) { return this.getNode(path); }
  selectNodes(path) { return this.getNodes(path); }
  createElement(name, value) {
    const state = this[ST], node = { name: textOf(name), attributes: {}, children: [], parent: state.current };
    if (value !== undefined && value !== null) node.children.push({ text: textOf(value), parent: node });
    if (state.current) state.current.children.push(node);
    else { state.root = node; state.current = node; }
    return new XMLNode(node, this);
  }
  createElementWithTextValue(name, value) { return this.createElement(name, value); }
  createElementWithNS(namespace, name) { return this.createElement(name); }
  createTextNode(text) { return new XMLNode({ text: textOf(text), parent: null }, this); }
  createComment() {}
  createCDATA(text) { const state = this[ST]; if (state.current) state.current.children.push({ text: textOf(text), cdata: true, parent: state.current }); }
  setAttribute(name, value) { const state = this[ST]; if (state.current) state.current.attributes[textOf(name)] = textOf(value); }
  setCurrent(node) { this[ST].current = node[ST].node; }
  setCurrentElement(node) { this[ST].current = node[ST].node; }
  setText(node, text) { node[ST].node.children = [{ text: textOf(text), parent: node[ST].node }]; }
  setNodeText(node, text) { this.setText(node, text); }
  getChildTextByTagName(node, name) { const found = elementsOf(node[ST].node).find((each) => each.name === textOf(name)); return found ? textIn(found) : ''; }
  importElementToParent(node, parent) { const copy = copyNode(node[ST].node, parent[ST].node); parent[ST].node.children.push(copy); }
  importElement(node) { const state = this[ST]; const copy = copyNode(node[ST].node, state.current); if (state.current) state.current.children.push(copy); else { state.root = copy; state.current = copy; } }
  toString() { return this[ST].root ? '<?xml version="1.0" encoding="UTF-8"?>' + writeXml(this[ST].root) : ''; }
  toIndentedString() { return this.toString(); }
}
function copyNode(node, parent) {
  if (node.text !== undefined) return { ...node, parent };
  const copy = { name: node.name, attributes: { ...node.attributes }, children: [], parent };
  copy.children = node.children.map((each) => copyNode(each, copy));
  return copy;
}
class XMLDocument extends XMLDocument2 { constructor(text) { super(); if (text !== undefined) this.parseXML(text); } }
const XMLHelper = function (text) { this.text = text; };
XMLHelper.prototype = { toObject(text) { return call('xml_to_json', textOf(text === undefined ? this.text : text)); } };
publish({ XMLDocument2: callable(XMLDocument2), XMLDocument: callable(XMLDocument), XMLNode, XMLHelper });
