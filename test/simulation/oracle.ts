/**
 * What a job must give, computed from its whole input at once, in the plainest way there is; no part of the engine is used.
 * Each check gives what is wrong, and nothing where nothing is.
 */

/** What comes in: numbered, in event time order but for a disorder that the watermark allows. */
export type Item = { readonly id: number; readonly key: string; readonly at: number; readonly bad: boolean };

/** Said of each item: which number it has for its key, and a mark that no other call ever makes. */
export type Numbered = Omit<Item, 'bad'> & { readonly nth: number; readonly mark: number };

export type Input = {
  /** By source. */
  readonly items: ReadonlyMap<string, readonly Item[]>;
  /** Items from here on only say that time has gone on. */
  readonly end: number;
  /** Tasks of the stage before the sink. */
  readonly tasks: number;
};

export type Check = (input: Input, results: readonly unknown[]) => string[];

const good = ({ items }: Input): readonly Item[] => [...items.values()].flat().filter(({ bad }) => !bad);

/** Each item that is not bad has come out once. */
export const checkEach: Check = (input, results) =>
  onceEach(
    good(input).map(({ id }) => `item ${id}`),
    (results as readonly Item[]).map(({ id }) => `item ${id}`),
  );

/** … and the items of a key are numbered 1, 2 … without gap. */
export const checkNumbered: Check = (input, results) => {
  const faults = checkEach(input, results);
  const numbers = new Map<string, number[]>();
  for (const { key, nth } of results as readonly Numbered[]) numbers.set(key, [...(numbers.get(key) ?? []), nth]);
  for (const [key, nths] of numbers) {
    const sorted = nths.sort((left, right) => left - right);
    if (sorted.some((nth, i) => nth !== i + 1)) faults.push(`the items of ${key} are numbered ${sorted.join(' ')}`);
  }
  return faults;
};

type Window = {
  readonly key: string;
  readonly windowStart: number;
  readonly items: number;
  readonly total: number;
  readonly marks?: number;
};

/** Each window has come out once, with all its items. */
export const checkWindows =
  (size: number, slide: number): Check =>
  (input, results) => {
    const windows = new Map<string, { items: number; total: number }>();
    for (const { key, at, id } of good(input)) {
      for (let start = at - (at % slide); start > at - size; start -= slide) {
        if (start + size > input.end) continue;
        const name = `${key}@${start}`;
        const { items, total } = windows.get(name) ?? { items: 0, total: 0 };
        windows.set(name, { items: items + 1, total: total + id });
      }
    }
    return onceEach(
      [...windows].map(([name, { items, total }]) => `window ${name}: ${items} items, ${total}`),
      (results as readonly Window[])
        .filter(({ windowStart }) => windowStart + size <= input.end)
        .map(({ key, windowStart, items, total }) => `window ${key}@${windowStart}: ${items} items, ${total}`),
    );
  };

/** The windows are made of the very calls whose results came out beside them. */
export function checkMarks(numbered: readonly unknown[], windows: readonly unknown[], size: number): string[] {
  return (windows as readonly Window[]).flatMap(({ key, windowStart, marks }) => {
    const own = (numbered as readonly Numbered[]).filter(
      ({ key: of, at }) => of === key && at >= windowStart && at < windowStart + size,
    );
    const sum = own.reduce((total, { mark }) => total + mark, 0);
    return sum === marks ? [] : [`window ${key}@${windowStart} is made of other calls than those that came out`];
  });
}

/** Each pair of a left and a right item of a key, at most so far apart, has come out once. */
export const checkPairs =
  (distance: number): Check =>
  ({ items }, results) => {
    const of = (side: string) => (items.get(side) ?? []).filter(({ bad }) => !bad);
    const pairs = of('left').flatMap((left) =>
      of('right')
        .filter(({ key, at }) => key === left.key && Math.abs(at - left.at) <= distance)
        .map((right) => `pair ${left.id} ${right.id}`),
    );
    return onceEach(
      pairs,
      (results as readonly { left: number; right: number }[]).map(({ left, right }) => `pair ${left} ${right}`),
    );
  };

/** Each keyed item has come out once, each broadcast one once for every task. */
export const checkCopies: Check = ({ items, tasks }, results) => {
  const counts = new Map<number, number>();
  for (const { id } of results as readonly Item[]) counts.set(id, (counts.get(id) ?? 0) + 1);
  return ['keyed', 'rules'].flatMap((source) =>
    (items.get(source) ?? []).flatMap(({ id, bad }) => {
      const expected = bad ? 0 : source === 'rules' ? tasks : 1;
      const given = counts.get(id) ?? 0;
      return given === expected ? [] : [`item ${id} of ${source} came ${given} times, not ${expected}`];
    }),
  );
};

/** Each bad item is among the dead letters once, and nothing else is. */
export function checkLetters(bad: readonly Item[], letters: readonly unknown[]): string[] {
  return onceEach(
    bad.map(({ id }) => `dead letter of item ${id}`),
    (letters as readonly { record: Item }[]).map(({ record }) => `dead letter of item ${record.id}`),
  );
}

function onceEach(expected: readonly string[], given: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of given) counts.set(name, (counts.get(name) ?? 0) + 1);
  const faults = expected.filter((name) => !counts.has(name)).map((name) => `${name} is missing`);
  const known = new Set(expected);
  for (const [name, count] of counts) {
    if (!known.has(name)) faults.push(`${name} was not to come`);
    else if (count > 1) faults.push(`${name} came ${count} times`);
  }
  return faults;
}
