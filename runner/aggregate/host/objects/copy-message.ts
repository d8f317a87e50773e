/**
 * A message between objects as its receiver gets it: a copy, by the structured clone algorithm for what the Worker sends
 * (https://html.spec.whatwg.org/multipage/structured-data.html): plain values, arrays, maps, sets, dates and bytes. Streams,
 * requests and answers pass as they are, after `pass` had a look at them. Shared references come out as separate copies.
 *
 * @throws DOMException DataCloneError on a function, a symbol or an object of a class, as on the Workers platform
 */
export function copyMessage(
  value: unknown,
  pass: (stream: unknown) => unknown = (stream) => stream,
): unknown {
  if (typeof value === "function" || typeof value === "symbol") throw refusal(typeof value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => copyMessage(one, pass));
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (ArrayBuffer.isView(value)) return copyBytes(value);
  if (isPassed(value)) return pass(value);
  if (value instanceof Date) return new Date(value);
  if (value instanceof Map)
    return new Map(Array.from(value, ([key, one]) => [copyMessage(key, pass), copyMessage(one, pass)]));
  if (value instanceof Set) return new Set(Array.from(value, (one) => copyMessage(one, pass)));
  if (value instanceof Error) return copyError(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refusal(value.constructor.name);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copyMessage(one, pass)]));
}

/** What a caller is told of a failure: an Error with its message and, for those who look into logs, where it came from. */
export function copyError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return new Error(error.message, { cause: error });
}

const isPassed = (value: object): boolean =>
  value instanceof ReadableStream ||
  value instanceof WritableStream ||
  value instanceof Request ||
  value instanceof Response ||
  value instanceof Headers;

function copyBytes(view: ArrayBufferView): ArrayBufferView {
  const { buffer, byteOffset, byteLength } = view;
  const copied = buffer.slice(byteOffset, byteOffset + byteLength);
  if (view instanceof DataView) return new DataView(copied);
  if (view instanceof Uint8Array) return new Uint8Array(copied);
  return structuredClone(view);
}

const refusal = (what: string): DOMException =>
  new DOMException(`${what} cannot be sent to another object`, "DataCloneError");
