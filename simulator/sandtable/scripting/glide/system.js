// gs: GlideSystem. Some calls exist in the global scope only; there the others log under `*** Script`.
function filled(message, given) {
  return shown(message).replace(/\{(\d)\}/g, (whole, index) => {
    const value = given[Number(index)];
    return value === undefined ? whole : shown(value);
  });
}

function logger(level) {
  return function (message, ...given) {
    let values = given;
    if (given.length === 1 && Array.isArray(given[0])) values = given[0];
    call('log', level, '', filled(message, values));
  };
}

function moment(ms) { return formatUtc(ms); }
function dateFunction(name) { return (...given) => call('date_function', name, given.map((each) => (typeof each === 'number' ? each : textOf(each)))); }

const systemMembers = {
  info: logger('info'),
  warn: logger('warning'),
  error: logger('error'),
  debug: logger('debug'),
  log(message, source) { fenced('log'); call('log', 'info', source === undefined ? '' : shown(source), shown(message)); },
  logWarning(message, source) { fenced('logWarning'); call('log', 'warning', source === undefined ? '' : shown(source), shown(message)); },
  logError(message, source) { fenced('logError'); call('log', 'error', source === undefined ? '' : shown(source), shown(message)); },
  print(message) { fenced('print'); call('print', shown(message)); },
  addErrorMessage(message) { call('message', 'error', shown(message)); },
  addInfoMessage(message) { call('message', 'info', shown(message)); },
  addErrorMessageNoSanitization(message) { call('message', 'error', shown(message)); },
  addInfoMessageNoSanitization(message) { call('message', 'info', shown(message)); },
  addSuccessMessage(message) { call('message', 'success', shown(message)); },
  addLowMessage(message) { call('message', 'low', shown(message)); },
  addModerateMessage(message) { call('message', 'moderate', shown(message)); },
  addHighMessage(message) { call('message', 'high', shown(message)); },
  addMessage(kind, message) { call('message', textOf(kind), shown(message)); },
  getErrorMessages() { return call('messages', 'error'); },
  getInfoMessages() { return call('messages', 'info'); },
  flushMessages() { fenced('flushMessages'); call('flush_messages'); },
  getMessage(key, ...given) {
    const values = given.length === 1 && Array.isArray(given[0]) ? given[0] : given;
    return filled(call('ui_message', textOf(key)), values);
  },
  getMessageLang(key, language) { return call('ui_message', textOf(key), textOf(language)); },
  getMessages(keys) { const found = {}; for (const key of keys) found[key] = call('ui_message', textOf(key)); return found; },
  getEscapedMessage(key, ...given) { return gs.getMessage(key, ...given).replace(/'/g, "\\'"); },
  getProperty(name, other) {
    const found = call('property', textOf(name));
    return found === null ? (other === undefined ? null : other) : found;
  },
  setProperty(name, value, description) { call('set_property', textOf(name), textOf(value), description === undefined ? '' : textOf(description)); },
  getUser() { return currentUser(); },
  getUserByID(id) { return userBy('sys_id', textOf(id)); },
  getUserID() { return call('user').sys_id; },
  userID() { return call('user').sys_id; },
  getUserName() { return call('user').user_name; },
  getUserDisplayName() { return call('user').name; },
  getUserNameByUserID(id) { const found = call('user_by', 'sys_id', textOf(id)); return found ? found.user_name : ''; },
  getImpersonatingUserName() { return null; },
  getImpersonatingUserDisplayName() { return null; },
  getSession() { return sessionObject(); },
  getSessionID() { return call('session_id'); },
  getSessionToken() { return call('session_id'); },
  hasRole(roles) { return call('has_role', Array.isArray(roles) ? roles.map(textOf).join(',') : textOf(roles)); },
  hasRoleInGroup(role, group) { fenced('hasRoleInGroup'); return call('has_role_in_group', textOf(role), isRecord(group) ? group.getUniqueValue() : textOf(group)); },
  isInteractive() { return call('is_interactive'); },
  isLoggedIn() { return call('user').sys_id !== ''; },
  isMobile() { return false; },
  isDebugging() { return false; },
  isFirstPage() { return true; },
  nil(value) { return value === null || value === undefined || (isElement(value) ? value.nil() : textOf(value) === ''); },
  tableExists(table) { return metaOf(textOf(table)) !== null; },
  getCurrentScopeName() { return scope; },
  getCallerScopeName() { return scopes.length ? scopes[scopes.length - 1] : null; },
  getCurrentApplicationId() { return call('scope_id', scope); },
  generateGUID() { return call('new_id'); },
  eventQueue(name, record, first, second, queue) {
    call('event', textOf(name), isRecord(record) ? record[ST].recordTable() : '', isRecord(record) ? record[ST].id() : '', textOf(first), textOf(second), textOf(queue), '');
  },
  eventQueueScheduled(name, record, first, second, when) {
    call('event', textOf(name), isRecord(record) ? record[ST].recordTable() : '', isRecord(record) ? record[ST].id() : '',
      first === undefined && isRecord(record) ? record.getDisplayValue() : textOf(first), textOf(second), '', textOf(when));
  },
  executeNow(record) { return call('execute_now', record[ST].recordTable(), record[ST].id()); },
  workflowFlush() { fenced('workflowFlush'); },
  include(name) { return loadInclude(textOf(name)); },
  urlEncode(text) { return encodeURIComponent(textOf(text)).replace(/%20/g, '+').replace(/[!'()~]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase()); },
  urlDecode(text) { return decodeURIComponent(textOf(text).replace(/\+/g, ' ')); },
  base64Encode(text) { return call('base64', textOf(text)); },
  base64Decode(text) { return call('unbase64', textOf(text)); },
  xmlToJSON(text) { return toJson(call('xml_to_json', textOf(text))); },
  getXMLText(text, path) { fenced('getXMLText'); const document = new XMLDocument2(); document.parseXML(textOf(text)); return document.getNodeText(textOf(path)); },
  getXMLNodeList(text) { fenced('getXMLNodeList'); return call('xml_to_json', textOf(text)); },
  setRedirect(url) { call('redirect', textOf(url)); },
  setReturn(url) { call('redirect', textOf(url)); },
  getPreference(name, other) { fenced('getPreference'); const found = call('preference', textOf(name)); return found === null ? (other === undefined ? null : other) : found; },
  getDisplayColumn(table) { fenced('getDisplayColumn'); const meta = metaOf(textOf(table)); return meta ? meta.display : null; },
  getDisplayValueFor(table, id, field) { const record = new GlideRecord(table); return record.get(id) ? record.getDisplayValue(field) : null; },
  getMaxSchemaNameLength() { return 80; },
  getNewAppScopeCompanyPrefix() { return 'x_' + call('company_code') + '_'; },
  getTimeZoneName() { return call('time_zone'); },
  getNodeID() { return call('node', 'id'); },
  getNodeName() { return call('node', 'name'); },
  getStackTraceAsString() { return new Error('').stack; },
  now() { fenced('now'); return call('show_day', call('local_day')); },
  nowDateTime() { fenced('nowDateTime'); return call('show_moment', clockNow(), ''); },
  nowGlideDateTime() { fenced('nowGlideDateTime'); return new GlideDateTime(); },
  nowNoTZ() { fenced('nowNoTZ'); return moment(clockNow()); },
  getCurrentTime() { return moment(clockNow()); },
  sleep(ms) { fenced('sleep'); call('sleep', Number(ms)); },
  dateDiff(start, end, numeric) { fenced('dateDiff'); return call('date_diff', textOf(start), textOf(end), numeric === true); },
  calDateDiff(start, end, numeric) { fenced('calDateDiff'); return call('date_diff', textOf(start), textOf(end), numeric === true); },
  daysInMonth(month, year) { return new RealDate(RealDate.UTC(Number(year) || new RealDate(clockNow()).getUTCFullYear(), Number(month) + 1, 0)).getUTCDate(); },
  dateGenerate(day, range) { return call('date_function', 'dateGenerate', [textOf(day), textOf(range)]); },
  datePart(part, value, comparison) { return 'javascript:gs.datePart(' + [part, value, comparison].map((each) => "'" + textOf(each) + "'").join(',') + ')'; },
  yesterday() { return call('date_function', 'daysAgo', [1]); },
  getAbsoluteBaseURL() { return call('base_url'); },
  fieldExists(table, field) { const meta = metaOf(textOf(table)); return meta !== null && own.call(meta.columns, textOf(field)); },
  hasMessages() { return call('messages', 'error').length + call('messages', 'info').length > 0; },
  isImpersonating() { return call('is_impersonating'); },
  isInteractiveSession() { return call('is_interactive'); },
  isESLatest() { return call('mode') === 'es_latest'; },
  getScriptError(script) { return call('script_error', textOf(script)); },
  isValidScript(script) { return call('script_error', textOf(script)) === null; },
  getCurrentApplicationScope() { return scope; },
  getCurrentApplicationName() { return call('scope_name', scope); },
  isCurrentApplicationInGlobalScope() { return scope === 'global'; },
  getSysTimeZone() { return call('property', 'glide.sys.default.tz') || 'UTC'; },
  getDateFormat() { return currentUser().getDateFormat(); },
  getTimeFormat() { return currentUser().getTimeFormat(); },
  getDateTimeFormat() { return currentUser().getDateTimeFormat(); },
  getEscapedProperty(name, other) { return escapeXml(textOf(gs.getProperty(name, other))); },
  getImpersonatingUserID() { return null; },
  user() { return currentUser(); },
  user_id() { return call('user').sys_id; },
  trace() {}, setLogger() {},
  isAuthorized() { return true; },
  validatePassword() { return refusal('gs.validatePassword')(); },
};
for (const unit of ['minutes', 'hours', 'days', 'weeks', 'months', 'quarters', 'years']) {
  for (const edge of ['Ago', 'AgoStart', 'AgoEnd']) systemMembers[unit + edge] = dateFunction(unit + edge);
}
for (const edge of ['beginning', 'end']) {
  for (const span of ['15Minutes', '30Minutes', '45Minutes', '2Hours', '7Days', '30Days', '60Days', '90Days', '120Days', '3Months', '6Months', '9Months', '12Months', '2Quarters', '2Years']) {
    systemMembers[edge + 'OfLast' + span] = dateFunction(edge + 'OfLast' + span);
  }
  for (const name of ['CurrentHour', 'CurrentMinute', 'OneYearAgo']) systemMembers[edge + 'Of' + name] = dateFunction(edge + 'Of' + name);
  for (const day of ['Today', 'Yesterday', 'Tomorrow']) {
    const name = edge + 'Of' + day;
    systemMembers[name] = () => { fenced(name); return call('date_function', name, []); };
  }
  for (const distance of ['This', 'Last', 'Next']) {
    for (const unit of ['Minute', 'Hour', 'Week', 'Month', 'Quarter', 'Year']) systemMembers[edge + 'Of' + distance + unit] = dateFunction(edge + 'Of' + distance + unit);
  }
  for (const unit of ['Day', 'Week', 'Month', 'Year']) {
    systemMembers[edge + 'Of' + unit] = (given) => call('edge_of', edge, unit.toLowerCase(), given === undefined ? '' : textOf(given));
  }
}
const gs = told('gs', Object.freeze(hidden({}, { ...systemMembers, toString: () => '[object GlideSystem]' })));
publish({ gs });

// GlideUser and GlideSession ----------------------------------------------------------------------------------------------
class GlideUser {
  constructor(values) { Object.defineProperty(this, ST, { value: values || call('user') }); return told('GlideUser', this); }
  getID() { return this[ST].sys_id; }
  getName() { return this[ST].user_name; }
  getUserName() { return this[ST].user_name; }
  getDisplayName() { return this[ST].name; }
  getFullName() { return this[ST].name; }
  getFirstName() { return this[ST].first_name; }
  getLastName() { return this[ST].last_name; }
  getEmail() { return this[ST].email; }
  getTitle() { return this[ST].title; }
  getCompanyID() { return this[ST].company; }
  getDepartmentID() { return this[ST].department; }
  getManagerID() { return this[ST].manager; }
  getLocation() { return this[ST].location; }
  getManagerName() { return call('display_of', 'sys_user', this[ST].manager); }
  getDomainID() { return 'global'; }
  getLanguage() { return this[ST].language; }
  getTZ() { return this[ST].time_zone; }
  getDateFormat() { return this[ST].date_format; }
  getTimeFormat() { return this[ST].time_format; }
  getDateTimeFormat() { return this[ST].date_format + ' ' + this[ST].time_format; }
  exists() { return this[ST].sys_id !== ''; }
  getRecord() { const record = new GlideRecord('sys_user'); record.get(this[ST].sys_id); return record; }
  getCompanyRecord() { const record = new GlideRecord('core_company'); if (this[ST].company) record.get(this[ST].company); return record; }
  getRoles() { return listOf(call('roles_of', this[ST].sys_id, false)); }
  getAllRoles() { return call('roles_of', this[ST].sys_id, false); }
  getUserRoles() { return listOf(call('roles_of', this[ST].sys_id, true)); }
  hasRole(role) { return this[ST].sys_id === call('user').sys_id ? gs.hasRole(role) : call('user_has_role', this[ST].sys_id, textOf(role)); }
  hasRoles() { return call('roles_of', this[ST].sys_id, false).length > 0; }
  hasRoleExactly(role) { return call('roles_of', this[ST].sys_id, false).includes(textOf(role)); }
  isMemberOf(group) { return call('is_member', this[ST].sys_id, isRecord(group) ? group.getUniqueValue() : textOf(group)); }
  getMyGroups() { return listOf(call('groups_of', this[ST].sys_id)); }
  getSysId() { return this[ST].sys_id; }
  getInitials() { return (textOf(this[ST].first_name).slice(0, 1) + textOf(this[ST].last_name).slice(0, 1)).toUpperCase(); }
  getAllGroups() { return listOf(call('groups_of', this[ST].sys_id)); }
  isLockedOut() { return asBoolean(this.getRecord().getValue('locked_out')); }
  isWebSvcAccessOnly() { return asBoolean(this.getRecord().getValue('web_service_access_only')); }
  getMobileNumber() { return textOf(this.getRecord().getValue('mobile_phone')); }
  getBusinessNumber() { return textOf(this.getRecord().getValue('phone')); }
  getPreference(name) { return call('preference', textOf(name), this[ST].sys_id); }
  savePreference(name, value) { call('save_preference', textOf(name), textOf(value), this[ST].sys_id); }
  setPreference(name, value) { call('save_preference', textOf(name), textOf(value), this[ST].sys_id); }
  getUserByID(id) { return userBy('user_name', textOf(id)) || userBy('sys_id', textOf(id)); }
  toString() { return this[ST].name; }
  static getUser(name) { return userBy('user_name', textOf(name)); }
  static getUserByID(id) { return userBy('user_name', textOf(id)) || userBy('sys_id', textOf(id)); }
  static getUserByEmail(address) { return userBy('email', textOf(address)); }
  static getCurrentUser() { return currentUser(); }
}
function currentUser() { return new GlideUser(call('user')); }
function userBy(field, value) { const found = call('user_by', field, value); return found ? new GlideUser(found) : null; }

class GlideSession {
  constructor() { return told('GlideSession', this); }
  getClientData(name) { return call('client_data', textOf(name)); }
  putClientData(name, value) { call('put_client_data', textOf(name), textOf(value)); }
  clearClientData(name) { call('put_client_data', textOf(name), null); }
  putProperty(name, value) { call('put_client_data', 'property:' + textOf(name), textOf(value)); }
  getProperty(name) { return call('client_data', 'property:' + textOf(name)); }
  clearProperty(name) { call('put_client_data', 'property:' + textOf(name), null); }
  getClientIP() { return call('client_ip'); }
  getLanguage() { return call('user').language; }
  getSessionID() { return call('session_id'); }
  getSessionToken() { return call('session_id'); }
  getTimeZoneName() { return call('time_zone'); }
  getUrlOnStack() { return null; }
  getUser() { return currentUser(); }
  getUserName() { return call('user').user_name; }
  getFullName() { return call('user').name; }
  getRoles() { return call('roles_of', call('user').sys_id, false).join(','); }
  hasRole(role) { return gs.hasRole(role); }
  isInteractive() { return call('is_interactive'); }
  isLoggedIn() { return call('user').sys_id !== ''; }
  isImpersonating() { return call('is_impersonating'); }
  addErrorMessage(message) { call('message', 'error', shown(message)); }
  addInfoMessage(message) { call('message', 'info', shown(message)); }
  addSuccessMessage(message) { call('message', 'success', shown(message)); }
  addLowMessage(message) { call('message', 'low', shown(message)); }
  addModerateMessage(message) { call('message', 'moderate', shown(message)); }
  addHighMessage(message) { call('message', 'high', shown(message)); }
  getTimeZone() { return zoneObject(call('time_zone')); }
  getDateFormat() { return currentUser().getDateFormat(); }
  getTimeFormat() { return currentUser().getTimeFormat(); }
  getDateTimeFormat() { return currentUser().getDateTimeFormat(); }
  getCurrentApplicationId() { return call('scope_id', scope); }
  impersonate(id) { fenced('impersonate'); return call('impersonate', textOf(id)); }
  onlineImpersonate(id) { fenced('onlineImpersonate'); return call('impersonate', textOf(id)); }
  onlineUnimpersonate() { return call('unimpersonate'); }
  unimpersonate() { return call('unimpersonate'); }
  static get() { return sessionObject(); }
}
// An administrator as another user, until the script or its transaction ends.
class GlideImpersonate {
  constructor() { fenced('GlideImpersonate'); return told('GlideImpersonate', this); }
  canDebug(id) { const found = userBy('sys_id', textOf(id)); return found !== null && found.hasRole('admin'); }
  canImpersonate(id) { return call('can_impersonate', textOf(id)); }
  impersonate(id) { return call('can_impersonate', textOf(id)) ? call('impersonate', textOf(id)) : null; }
  isImpersonating() { return call('is_impersonating'); }
}
publish({ GlideImpersonate: callable(GlideImpersonate) });
function sessionObject() { return new GlideSession(); }
publish({ GlideUser: callable(GlideUser), GlideSession: callable(GlideSession) });
