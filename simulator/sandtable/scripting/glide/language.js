// The language as the platform's newest mode has it: names and functions that this engine has and the platform does not
// are taken away, so a script that needs them fails here too. Source: ServiceNow documentation, JavaScript engine
// feature support: disallowed ones end in an error, and nothing later than ECMAScript 2022 is there.
const NOT_THERE = ['Reflect', 'WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'Atomics', 'BigInt64Array', 'BigUint64Array',
  'Float16Array', 'Iterator', 'DisposableStack', 'AsyncDisposableStack', 'SuppressedError', 'DOMException', 'atob', 'btoa', 'performance',
  'queueMicrotask', 'structuredClone', 'navigator'];
const LATER = [
  [Array, ['fromAsync']], [Array.prototype, ['findLast', 'findLastIndex', 'toReversed', 'toSorted', 'toSpliced', 'with']],
  [Object, ['groupBy']], [Map, ['groupBy']], [Map.prototype, ['getOrInsert', 'getOrInsertComputed']],
  [Set.prototype, ['union', 'intersection', 'difference', 'symmetricDifference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom']],
  [Promise, ['withResolvers', 'try']], [String.prototype, ['isWellFormed', 'toWellFormed']], [globalThis.RegExp, ['escape']],
  [Error, ['isError']], [Math, ['f16round', 'sumPrecise']], [NativeJson, ['rawJSON', 'isRawJSON']],
  [Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())),
    ['map', 'filter', 'take', 'drop', 'flatMap', 'reduce', 'toArray', 'forEach', 'some', 'every', 'find']],
];

function asOnThePlatform() {
  for (const name of NOT_THERE) delete globalThis[name];
  for (const [owner, names] of LATER) for (const name of names) delete owner[name];
  const made = Function;
  const refused = () => { throw new TypeError('Function constructor is not allowed'); };
  const closed = new Proxy(made, { apply: refused, construct: refused });
  Object.defineProperty(made.prototype, 'constructor', { value: closed, writable: true, configurable: true });
  hidden(globalThis, { Function: closed });
}
