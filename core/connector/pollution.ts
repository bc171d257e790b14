/**
 * Records that would change the prototype of what they are merged into: an own field `__proto__`, or `constructor` with
 * an object that has `prototype`. `JSON.parse` makes such fields harmlessly, and a user's `Object.assign` or a deep merge
 * then is not.
 */

/** False: no record in the text can be polluting. Cheap, so that a whole block is asked before its lines. */
export function mayPollute(text: string): boolean {
  // One search for what both have in common: most texts have neither.
  const named = text.includes('proto') && (text.includes('__proto__') || text.includes('prototype"'));
  return named || text.includes('\\u00');
}

/** Why a record is refused, or undefined where it is harmless. Walks without recursion: depth is the sender's choice. */
export function pollutionOf(value: unknown): string | undefined {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (Object.hasOwn(next, '__proto__')) return 'prototype-polluting: it has a field __proto__';
    if (!Array.isArray(next) && hasPrototypeOfConstructor(next)) {
      return 'prototype-polluting: it has a field constructor.prototype';
    }
    for (const inner of Object.values(next)) open.push(inner);
  }
  return undefined;
}

function hasPrototypeOfConstructor(value: object): boolean {
  if (!Object.hasOwn(value, 'constructor')) return false;
  const inner: unknown = value.constructor;
  return typeof inner === 'object' && inner !== null && Object.hasOwn(inner, 'prototype');
}
