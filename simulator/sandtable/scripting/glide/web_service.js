// sn_ws: outbound calls. They go to what a test has planted, to this machine when that is allowed, and nowhere else.
const fluent = (state, values) => Object.assign(state, values);

class OutboundMessage {
  constructor(kind, name, method) {
    const known = name === undefined ? null : call('rest_message', kind, textOf(name), method === undefined ? '' : textOf(method));
    Object.defineProperty(this, ST, { value: Object.assign({ kind, name: name === undefined ? '' : textOf(name), function: method === undefined ? '' : textOf(method), endpoint: '', method: 'GET', headers: [], query: [], body: null,
      user: '', password: '', profile: '', timeout: 0, variables: {}, stream: '' }, known || {}) });
    return told(kind === 'soap' ? 'SOAPMessageV2' : 'RESTMessageV2', this);
  }
  setEndpoint(url) { this[ST].endpoint = textOf(url); }
  getEndpoint() { return substituted(this[ST], this[ST].endpoint); }
  setHttpMethod(method) { this[ST].method = textOf(method).toUpperCase(); }
  setRequestHeader(name, value) { this[ST].headers.push([textOf(name), textOf(value)]); }
  getRequestHeader(name) { const found = this[ST].headers.filter((each) => each[0].toLowerCase() === textOf(name).toLowerCase()); return found.length ? found[found.length - 1][1] : null; }
  getRequestHeaders() { return Object.fromEntries(this[ST].headers); }
  setRequestBody(body) { this[ST].body = textOf(body); }
  getRequestBody() { return substituted(this[ST], this[ST].body === null ? '' : this[ST].body); }
  setRequestBodyFromStream(stream) { this[ST].body = call('stream_text', stream[ST]); }
  setRequestBodyFromAttachment(id) { this[ST].body = call('stream_text', 'attachment:' + textOf(id)); }
  saveResponseBodyAsAttachment(table, id, name) { this[ST].save = [textOf(table), textOf(id), textOf(name)]; }
  setQueryParameter(name, value) { this[ST].query.push([textOf(name), textOf(value)]); }
  setBasicAuth(user, password) { this[ST].user = textOf(user); this[ST].password = textOf(password); }
  setAuthentication(kind, profile) { this[ST].profile = textOf(profile); }
  setAuthenticationProfile(kind, profile) { this[ST].profile = textOf(profile); }
  setMutualAuth() { note('script', 'RESTMessageV2.setMutualAuth', 'client certificates are not used for outbound calls'); }
  setStringParameter(name, value) { this[ST].variables[textOf(name)] = escapeXml(textOf(value)); }
  setStringParameterNoEscape(name, value) { this[ST].variables[textOf(name)] = textOf(value); }
  setHttpTimeout(ms) { this[ST].timeout = Number(ms); }
  setLogLevel() {}
  setEccParameter() { note('script', 'RESTMessageV2.setEccParameter', 'there is no MID server'); }
  setEccCorrelator() {}
  setMIDServer() { note('script', 'RESTMessageV2.setMIDServer', 'there is no MID server; the call is made as without one'); }
  setRequestorProfile() {}
  setSOAPAction(action) { this[ST].headers.push(['SOAPAction', textOf(action)]); }
  setWSSecurity() { note('script', 'SOAPMessageV2.setWSSecurity', 'messages are not signed'); }
  execute() { return new OutboundResponse(this[ST], call('send', sendable(this[ST]))); }
  executeAsync() { return this.execute(); }
}
function substituted(state, text) { return String(text).replace(/\$\{([^}]+)\}/g, (whole, name) => (name in state.variables ? state.variables[name] : whole)); }
function sendable(state) {
  return { ...state, endpoint: substituted(state, state.endpoint), body: state.body === null ? null : substituted(state, state.body),
    headers: state.headers.map((each) => [each[0], substituted(state, each[1])]), query: state.query.map((each) => [each[0], substituted(state, each[1])]) };
}
class OutboundResponse {
  constructor(request, answer) { Object.defineProperty(this, ST, { value: { request, answer } }); return told(request.kind === 'soap' ? 'SOAPResponseV2' : 'RESTResponseV2', this); }
  getStatusCode() { return this[ST].answer.status; }
  getBody() { return this[ST].answer.body; }
  getHeader(name) { const found = this[ST].answer.headers.filter((each) => each[0].toLowerCase() === textOf(name).toLowerCase()); return found.length ? found[found.length - 1][1] : null; }
  getHeaders() { return Object.fromEntries(this[ST].answer.headers); }
  getAllHeaders() { return listOf(this[ST].answer.headers.map(([name, value]) => ({ name, value, getName: () => name, getValue: () => value, toString: () => name + ': ' + value }))); }
  getCookies() { return listOf(this[ST].answer.headers.filter((each) => each[0].toLowerCase() === 'set-cookie').map((each) => each[1])); }
  haveError() { return this[ST].answer.error !== ''; }
  getErrorCode() { return this[ST].answer.error_code; }
  getErrorMessage() { return this[ST].answer.error; }
  getQueryString() { return this[ST].answer.query; }
  getEndpoint() { return substituted(this[ST].request, this[ST].request.endpoint); }
  getResponseAttachmentSysid() { return this[ST].answer.attachment || null; }
  waitForResponse() {}
}
class RESTMessageV2 extends OutboundMessage { constructor(name, method) { super('rest', name, method); } }
class SOAPMessageV2 extends OutboundMessage { constructor(name, method) { super('soap', name, method); } }
const sn_ws = told('sn_ws', { RESTMessageV2: callable(RESTMessageV2), SOAPMessageV2: callable(SOAPMessageV2) });
publish({ sn_ws });

// sn_ws_err: what a scripted REST resource answers when it cannot.
class ServiceError {
  constructor(status, message, detail) {
    Object.defineProperty(this, ST, { value: { status: status || 500, message: message === undefined ? '' : shown(message), detail: detail === undefined || detail === null ? null : shown(detail), serviceError: true } });
  }
  setStatus(status) { this[ST].status = Number(status) || 500; return this; }
  setMessage(message) { this[ST].message = shown(message); return this; }
  setDetail(detail) { this[ST].detail = shown(detail); return this; }
  getStatus() { return this[ST].status; }
  getMessage() { return this[ST].message; }
  getDetail() { return this[ST].detail; }
  toString() { return this[ST].message; }
}
const STATUSES = { BadRequestError: 400, NotFoundError: 404, NotAcceptableError: 406, ConflictError: 409, UnsupportedMediaTypeError: 415 };
const errorClasses = { ServiceError: callable(class extends ServiceError { constructor() { super(500); } }) };
for (const name of Object.keys(STATUSES)) {
  const type = class extends ServiceError { constructor(message, detail) { super(STATUSES[name], message, detail); } };
  Object.defineProperty(type, 'name', { value: name });
  errorClasses[name] = callable(type);
}
publish({ sn_ws_err: told('sn_ws_err', errorClasses) });
