import { textLiteral } from './constant.ts';

/**
 * Field access in generated code.
 *
 * 1. A field is a property of the record itself. What a record inherits from JavaScript is never seen: `constructor` and
 *    `__proto__` are NULL unless the record has them as its own, as JSON.parse can make it.
 * 2. Names that nothing inherits, nearly all, are a plain property access, which V8 makes one load.
 * 3. Names are written as escaped string literals, so that no name can become code.
 */

const BUILT_IN = [Object, Array, String, Number, Boolean, BigInt, Function, Symbol, Date, Map, Set, RegExp, Uint8Array];

/** Names that some JavaScript value inherits, nearly all as methods. */
const INHERITED: ReadonlySet<string> = new Set([
  ...BUILT_IN.flatMap((type) => Object.getOwnPropertyNames(type.prototype)),
  ...Object.getOwnPropertyNames(Object.getPrototypeOf(Uint8Array.prototype)),
]);

/** Names under which values carry what is no method, and indexes, which would name elements of arrays and texts. */
const HIDDEN = /^(?:__proto__|length|\d+)$/;

/** How a name must be reached. */
export type Access = 'plain' | 'unless-method' | 'own';

/** `own` looks at the record's own properties; `unless-method` takes what is found unless it is a function. */
export function accessOf(name: string): Access {
  if (HIDDEN.test(name)) return 'own';
  return INHERITED.has(name) ? 'unless-method' : 'plain';
}

/** `target?.["name"]`. */
export function propertyOf(target: string, name: string): string {
  return `${target}?.[${textLiteral(name)}]`;
}
