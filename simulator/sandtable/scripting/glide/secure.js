// GlideRecordSecure: a GlideRecord that access control holds back.
class GlideRecordSecure extends GlideRecord {
  constructor(table) { super(table); }
  toString() { return '[object ScopedGlideRecordSecure]'; }
}
publish({ GlideRecordSecure: callable(GlideRecordSecure) });
