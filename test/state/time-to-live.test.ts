import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { state } from '../../core/state/state.ts';
import { CLEAN_UP_PER_ACCESS, type TimeToLive } from '../../core/state/time-to-live.ts';
import { Bench } from './scope.ts';

const RULES: readonly Exclude<TimeToLive, string | number>[] = [
  { time: 10 },
  { time: 10, update: 'onReadAndWrite' },
  { time: 10, visibility: 'returnExpiredIfNotCleanedUp' },
];

describe('a value with a time to live', () => {
  it('is there until its time is over, to the millisecond', () => {
    const bench = new Bench(() => ({ usual: state.value<number>('usual', { default: 0, ttl: '10ms' }) }));
    bench.at('a').usual.set(7);
    bench.clock.moveTo(1_009);
    expect(bench.at('a').usual.get()).toBe(7);
    bench.clock.moveTo(1_010);
    expect(bench.at('a').usual.get()).toBe(0);
    expect(bench.size).toBe(0);
  });

  it('lives on when it is read, if so told', () => {
    const bench = new Bench(() => ({
      usual: state.value<number>('usual', { ttl: { time: 10, update: 'onReadAndWrite' } }),
    }));
    bench.at('a').usual.set(7);
    for (const now of [1_009, 1_018, 1_027]) {
      bench.clock.moveTo(now);
      expect(bench.at('a').usual.get()).toBe(7);
    }
    bench.clock.moveTo(1_037);
    expect(bench.at('a').usual.get()).toBeUndefined();
  });

  it('refuses a time that is none', () => {
    expect(() => new Bench(() => state.value('x', { ttl: '1 parsec' }))).toThrow(
      'state.x.ttl: "1 parsec" is not a duration',
    );
    expect(() => new Bench(() => state.value('x', { ttl: 0 }))).toThrow('must be above 0');
  });

  it('that has expired is given once more, if so told and nothing dropped it', () => {
    const ttl: TimeToLive = { time: 10, visibility: 'returnExpiredIfNotCleanedUp' };
    const bench = new Bench(() => ({ usual: state.value<number>('usual', { ttl }) }));
    const { usual } = bench.at('a');
    usual.set(7);
    bench.clock.moveTo(2_000);
    expect([usual.get(), usual.get()]).toEqual([7, undefined]);
  });
});

describe('expired state', () => {
  it('is left out of snapshots', () => {
    const bench = new Bench(() => ({
      usual: state.value<number>('usual', { ttl: 10 }),
      list: state.list<number>('list', { ttl: 10 }),
      map: state.map<string, number>('map', { ttl: 10 }),
    }));
    const { usual, list, map } = bench.at('a');
    usual.set(1);
    list.add(1);
    map.set('old', 1);
    bench.clock.moveTo(1_005);
    list.add(2);
    bench.clock.moveTo(1_010);
    expect(bench.snapshot().tables.map(({ name, entries }) => [name, entries.length])).toEqual([
      ['usual', 0],
      ['list', 1],
      ['map', 0],
    ]);
    expect(bench.snapshot().tables[1]?.entries).toEqual([['a', '', [{ '~at': 1_005, value: 2 }]]]);
  });

  it('of other keys is dropped little by little, a few cells per access', () => {
    const bench = new Bench(() => ({ usual: state.value<number>('usual', { ttl: 10 }) }));
    const { usual } = bench.at('k0');
    for (let i = 0; i < 100; i++) {
      bench.scope.select(`k${i}`);
      usual.set(i);
    }
    bench.clock.moveTo(2_000);
    bench.scope.select('other');
    usual.get();
    expect(bench.size).toBeGreaterThan(90);
    for (let i = 0; i < 100 / CLEAN_UP_PER_ACCESS + 2; i++) usual.get();
    expect(bench.size).toBe(0);
  });

  it('may get a time to live in a later version of the job, and lose it again', () => {
    const old = new Bench(() => ({ usual: state.value<number>('usual') }));
    old.at('a').usual.set(7);
    const limited = new Bench(() => ({ usual: state.value<number>('usual', { ttl: 10 }) }), old.snapshot());
    limited.clock.moveTo(1_009);
    expect(limited.at('a').usual.get()).toBe(7);
    const unlimited = new Bench(() => ({ usual: state.value<number>('usual') }), limited.snapshot());
    expect(unlimited.at('a').usual.get()).toBe(7);
    limited.clock.moveTo(1_010);
    expect(limited.at('a').usual.get()).toBeUndefined();
  });
});

type Step = {
  readonly wait: number;
  readonly key: string;
  readonly entry: string;
  readonly act: 'write' | 'read' | 'delete';
};
const steps = fc.array(
  fc.record({
    wait: fc.integer({ min: 0, max: 6 }),
    key: fc.constantFrom('a', 'b'),
    entry: fc.constantFrom('x', 'y', 'z'),
    act: fc.constantFrom('write' as const, 'read' as const, 'delete' as const),
  }),
  { maxLength: 40 },
);

/** Times of last touch by key and entry, and nothing else. */
class NaiveTimes {
  readonly #times = new Map<string, { at: number; value: number }>();
  readonly #rule: (typeof RULES)[number];

  constructor(rule: (typeof RULES)[number]) {
    this.#rule = rule;
  }

  write(key: string, entry: string, value: number, at: number): void {
    this.#times.set(`${key} ${entry}`, { at, value });
  }

  delete(key: string, entry: string): void {
    this.#times.delete(`${key} ${entry}`);
  }

  read(key: string, entry: string, now: number): number | undefined {
    const timed = this.#times.get(`${key} ${entry}`);
    if (timed === undefined || timed.at + 10 <= now) return undefined;
    if (this.#rule.update === 'onReadAndWrite') timed.at = now;
    return timed.value;
  }
}

describe.each(RULES.filter(({ visibility }) => visibility === undefined))(
  'entries that live $time ms, $update',
  (rule) => {
    it('of maps expire each by itself, as naive times do', () => {
      fc.assert(
        fc.property(steps, (run: readonly Step[]) => {
          const bench = new Bench(() => ({ map: state.map<string, number>('map', { ttl: rule }) }));
          const naive = new NaiveTimes(rule);
          run.forEach(({ wait, key, entry, act }, value) => {
            bench.clock.moveTo(bench.clock.now() + wait);
            const { map } = bench.at(key);
            if (act === 'write') {
              map.set(entry, value);
              naive.write(key, entry, value, bench.clock.now());
            } else if (act === 'delete') {
              map.delete(entry);
              naive.delete(key, entry);
            } else {
              expect(map.has(entry)).toBe(map.get(entry) !== undefined);
              expect(map.get(entry)).toBe(naive.read(key, entry, bench.clock.now()));
            }
          });
        }),
      );
    });

    it('of lists expire each by itself, as naive times do', () => {
      fc.assert(
        fc.property(steps, (run: readonly Step[]) => {
          const bench = new Bench(() => ({ list: state.list<number>('list', { ttl: rule }) }));
          const items = new Map<string, { value: number; at: number }[]>();
          run.forEach(({ wait, key, act }, value) => {
            bench.clock.moveTo(bench.clock.now() + wait);
            const now = bench.clock.now();
            const alive = (items.get(key) ?? []).filter(({ at }) => at + 10 > now);
            items.set(key, alive);
            const { list } = bench.at(key);
            if (act === 'write') {
              list.add(value);
              alive.push({ value, at: now });
            } else if (act === 'delete') {
              list.clear();
              items.delete(key);
            } else {
              expect(list.get()).toEqual(alive.map((item) => item.value));
              if (rule.update === 'onReadAndWrite') for (const item of alive) item.at = now;
            }
          });
        }),
      );
    });

    it('of reducing states start anew once expired', () => {
      const bench = new Bench(() => ({
        sum: state.reducing<number>('sum', (left, right) => left + right, { ttl: rule }),
      }));
      bench.at('a').sum.add(1);
      bench.at('a').sum.add(2);
      expect(bench.at('a').sum.get()).toBe(3);
      bench.clock.moveTo(2_000);
      bench.at('a').sum.add(4);
      expect(bench.at('a').sum.get()).toBe(4);
    });
  },
);
