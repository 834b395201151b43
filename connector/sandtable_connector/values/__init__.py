"""Values that the other rooms share: texts, JSON and dates as JavaScript has them, sealed secrets; no request."""
