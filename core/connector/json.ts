/**
 * Values as JSON text, for every output of JSON.
 *
 * - A bigint is a number where that is exact, else text: `12n` is `12`, `2n ** 60n` is `"1152921504606846976"`.
 * - A Date is ISO text; a Map an array of pairs; a Set an array; bytes are base64 text, other typed arrays are arrays.
 * - `undefined` (also functions and symbols) is left out of objects and is null in arrays; NaN and infinities are null.
 *
 * @throws TypeError for a value that contains itself
 * @example
 * encodeJson({ at: new Date(0), seen: new Set([1n]), gone: undefined }); // {"at":"1970-01-01T00:00:00.000Z","seen":[1]}
 */
export function encodeJson(value: unknown): string {
  if (isPlain(value, 0)) return JSON.stringify(value) ?? 'null';
  return JSON.stringify(value, toPlain) ?? 'null';
}

/** Deeper is left to `toPlain`, whose recursion JSON.stringify guards against cycles. */
const PLAIN_DEPTH = 32;

/** True where JSON.stringify alone does right, which is several times faster than with a function. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'bigint') return false;
  if (typeof value !== 'object' || value === null) return true;
  if (depth === PLAIN_DEPTH) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!isPlain(item, depth + 1)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value instanceof Date;
  for (const key in value) {
    const inner: unknown = value[key as keyof typeof value];
    if ((typeof inner === 'object' || typeof inner === 'bigint') && !isPlain(inner, depth + 1)) return false;
  }
  return true;
}

function toPlain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map || value instanceof Set) return [...value];
  if (value instanceof Uint8Array) return base64(value);
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float64Array) : value;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
