// GlideSysAttachment: files of records.
class GlideScriptableInputStream {
  constructor(token) { Object.defineProperty(this, ST, { value: token }); }
  toString() { return '[object GlideScriptableInputStream]'; }
}
class GlideSysAttachment {
  constructor() { return told('GlideSysAttachment', this); }
  write(record, ...given) {
    const [name, type, content] = given;
    if (content && content[ST] && content instanceof GlideScriptableInputStream) return this.writeContentStream(record, name, type, content);
    if (!isRecord(record)) return attachTo(textOf(record), ...given);
    return call('attach', record[ST].recordTable(), record[ST].id(), textOf(name), textOf(type), ...contentOf(content));
  }
  writeBase64(record, name, type, content) { return call('attach', record[ST].recordTable(), record[ST].id(), textOf(name), textOf(type), textOf(content), 'base64'); }
  writeContentStream(record, name, type, stream) { return call('attach', record[ST].recordTable(), record[ST].id(), textOf(name), textOf(type), stream[ST], 'stream'); }
  copy(fromTable, fromId, table, id) { return call('copy_attachments', textOf(fromTable), textOf(fromId), textOf(table), textOf(id)); }
  deleteAttachment(id) { call('delete_attachment', textOf(id)); }
  deleteAll(record) { for (const each of call('attachment_ids', record[ST].recordTable(), record[ST].id())) call('delete_attachment', each); }
  getAttachments(table, id) {
    const found = new GlideRecord('sys_attachment');
    found.addQuery('table_name', textOf(table));
    found.addQuery('table_sys_id', textOf(id));
    found.query();
    return found;
  }
  getContent(record) { return call('attachment_text', record[ST].id()); }
  getContentBase64(record) { return call('attachment_base64', record[ST].id()); }
  getContentStream(id) { return new GlideScriptableInputStream('attachment:' + textOf(id)); }
  getBytes(record, id) { return call('attachment_bytes', isRecord(record) ? record[ST].id() : attachmentOf(textOf(record), textOf(id))); }
  addAttribute(id, name, value) { return call('attachment_attribute', textOf(id), textOf(name), textOf(value)); }
  static copy(...given) { return new GlideSysAttachment().copy(...given); }
}
function contentOf(content) { const bytes = bytesOf(content); return bytes === null ? [textOf(content), 'text'] : [bytes, 'bytes']; }
// The older form: table, sys_id, name, type, content.
function attachTo(table, id, name, type, content) {
  return call('attach', table, textOf(id), textOf(name), textOf(type), ...contentOf(content));
}
// The first file of a record; an id that is that of a file stays.
function attachmentOf(table, id) {
  const found = new GlideRecord('sys_attachment');
  found.addQuery('table_name', table);
  found.addQuery('table_sys_id', id);
  found.setLimit(1);
  found.query();
  return found.next() ? found.getUniqueValue() : id;
}
class GlideTextReader {
  constructor(stream) { Object.defineProperty(this, ST, { value: { lines: call('stream_text', stream[ST]).split(/\r\n|\r|\n/), at: 0 } }); return told('GlideTextReader', this); }
  readLine() { const own = this[ST]; return own.at < own.lines.length && !(own.at === own.lines.length - 1 && own.lines[own.at] === '') ? own.lines[own.at++] : null; }
  getEncoding() { return 'UTF-8'; }
}
publish({ GlideSysAttachment: callable(GlideSysAttachment), GlideTextReader: callable(GlideTextReader) });
