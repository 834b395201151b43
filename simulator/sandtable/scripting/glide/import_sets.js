// The objects by which scripts transform an import set.
class GlideImportSetRun {
  constructor(id) {
    const given = textOf(id);
    Object.defineProperty(this, ST, { value: call('import_run', given) });
    return told('GlideImportSetRun', this);
  }
  getImportSetRunSysID() { return this[ST].run; }
}
class GlideImportLog {
  constructor(run, source) {
    Object.defineProperty(this, ST, { value: { run: run || null, source: source === undefined ? '' : textOf(source) } });
    return told('GlideImportLog', this);
  }
  setImportSetRun(run) { this[ST].run = run; }
  getImportSetRun() { return this[ST].run ? this[ST].run.getImportSetRunSysID() : null; }
  getImportRunSysID() { return this.getImportSetRun(); }
  info(text, source) { call('import_log', 'info', shown(text), source === undefined ? this[ST].source : textOf(source)); }
  warn(text, source) { call('import_log', 'warning', shown(text), source === undefined ? this[ST].source : textOf(source)); }
  error(text, source) { call('import_log', 'error', shown(text), source === undefined ? this[ST].source : textOf(source)); }
}
class GlideImportSetTransformer {
  constructor() {
    Object.defineProperty(this, ST, { value: { set: '', map: '', run: null, failed: false } });
    return told('GlideImportSetTransformer', this);
  }
  setImportSetID(id) { this[ST].set = textOf(id); }
  setImportSetRun(run) { this[ST].run = run; }
  getImportSetRun() { return this[ST].run; }
  setLogger() {}
  setMapID(id) { this[ST].map = textOf(id); }
  setSyncImport() {}
  isError() { return this[ST].failed; }
  transformAllMaps(record, row) {
    const own = this[ST], id = isRecord(record) ? record[ST].id() : own.set;
    if (!own.run) own.run = new GlideImportSetRun(id);
    own.failed = call('transform_set', id, own.map, row === undefined ? '' : textOf(row));
  }
}
// As the transformer, by ids; what it does in the background is done when it starts.
class GlideImportSetTransformerWorker {
  constructor(id, map) { Object.defineProperty(this, ST, { value: [textOf(id), textOf(map)] }); return told('GlideImportSetTransformerWorker', this); }
  setBackground() {}
  setProgressID() {}
  start() { call('transform_set', this[ST][0], this[ST][1], ''); }
}
publish({
  GlideImportSetRun: callable(GlideImportSetRun), GlideImportLog: callable(GlideImportLog),
  GlideImportSetTransformer: callable(GlideImportSetTransformer), GlideImportSetTransformerWorker: callable(GlideImportSetTransformerWorker),
});
