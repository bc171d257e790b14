import type { Item, Numbered } from './job.ts';

/**
 * What a job must give, computed from its whole input at once, in the plainest way there is; no part of the engine is used.
 * Each check gives what is wrong, and nothing where nothing is.
 */

/** Each item that is not bad has come out once, and the items of a key are numbered 1, 2 … without gap. */
export function checkNumbered(items: readonly Item[], results: readonly Numbered[]): string[] {
  const faults = onceEach(
    items.filter(({ bad }) => !bad).map(({ id }) => String(id)),
    results.map(({ id }) => String(id)),
    'item',
  );
  const numbers = new Map<string, number[]>();
  for (const { key, nth } of results) numbers.set(key, [...(numbers.get(key) ?? []), nth]);
  for (const [key, nths] of numbers) {
    const sorted = nths.sort((left, right) => left - right);
    if (sorted.some((nth, i) => nth !== i + 1)) faults.push(`the items of ${key} are numbered ${sorted.join(' ')}`);
  }
  return faults;
}

type Window = { readonly key: string; readonly windowStart: number; readonly items: number; readonly total: number };

/** Each window has come out once, with all its items. Items from `end` on only say that time has gone on. */
export function checkWindows(
  items: readonly Item[],
  results: readonly Window[],
  { size, end }: { readonly size: number; readonly end: number },
): string[] {
  const windows = new Map<string, { items: number; total: number }>();
  for (const { key, at, id, bad } of items) {
    if (bad || at >= end) continue;
    const name = `${key}@${at - (at % size)}`;
    const { items: count, total } = windows.get(name) ?? { items: 0, total: 0 };
    windows.set(name, { items: count + 1, total: total + id });
  }
  return onceEach(
    [...windows].map(([name, { items: count, total }]) => `${name}: ${count} items, ${total}`),
    results
      .filter(({ windowStart }) => windowStart < end)
      .map(({ key, windowStart, items: count, total }) => `${key}@${windowStart}: ${count} items, ${total}`),
    'window',
  );
}

/** Each bad item is among the dead letters once, and nothing else is. */
export function checkLetters(items: readonly Item[], letters: readonly { readonly record: unknown }[]): string[] {
  return onceEach(
    items.filter(({ bad }) => bad).map(({ id }) => String(id)),
    letters.map(({ record }) => String((record as Item).id)),
    'dead letter of item',
  );
}

function onceEach(expected: readonly string[], given: readonly string[], what: string): string[] {
  const counts = new Map<string, number>();
  for (const name of given) counts.set(name, (counts.get(name) ?? 0) + 1);
  const faults = expected.filter((name) => !counts.has(name)).map((name) => `${what} ${name} is missing`);
  const known = new Set(expected);
  for (const [name, count] of counts) {
    if (!known.has(name)) faults.push(`${what} ${name} was not to come`);
    else if (count > 1) faults.push(`${what} ${name} came ${count} times`);
  }
  return faults;
}
