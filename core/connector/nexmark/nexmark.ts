import { JobSpecError } from '../../error/error.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import { paceOf } from '../pace.ts';
import type { Source } from '../source.ts';
import type { NexmarkEvent } from './event.ts';
import { NexmarkGenerator } from './generator.ts';
import { NEXMARK_DEFAULTS, type NexmarkConfiguration, type NexmarkOptions } from './options.ts';

/** Events `index`, `index + of`, `index + 2 · of` and so on. */
type Share = { readonly index: number; readonly of: number };

/**
 * The events of the Nexmark benchmark with their times, the same ones for one seed whatever the parallelism.
 *
 * @throws JobSpecError for options that are no positive whole numbers
 * @example
 * source('events', nexmark({ count: 1_000_000 }));
 */
export function nexmark(options: NexmarkOptions = {}): Source<NexmarkEvent, Share, number> {
  const { count, rate, ...given } = options;
  const configuration = { ...NEXMARK_DEFAULTS, ...given };
  check(configuration, options);
  const end = count ?? Number.MAX_SAFE_INTEGER;
  return {
    name: count === undefined ? 'nexmark' : `nexmark ${count} events`,
    bounded: count !== undefined,
    splits: (_context, parallelism) =>
      Promise.resolve(
        Array.from({ length: parallelism }, (_, index) => ({
          id: `${index}/${parallelism}`,
          split: { index, of: parallelism },
        })),
      ),
    open({ split: { index, of } }, position, { clock }) {
      const generator = new NexmarkGenerator(configuration);
      const pace = paceOf(clock, rate === undefined ? undefined : rate / of);
      const total = Math.max(0, Math.ceil((end - index) / of));
      let read = position ?? 0;
      return Promise.resolve({
        read(limit: number) {
          const size = Math.min(pace.allowed(limit), total - read);
          const values: NexmarkEvent[] = [];
          const timestamps: Timestamp[] = [];
          for (const last = read + size; read < last; read++) {
            const number = index + read * of;
            values.push(generator.event(number));
            timestamps.push(generator.timestamp(number));
          }
          pace.gave(size);
          return { values, timestamps, ended: read === total };
        },
        position: () => read,
        close: () => Promise.resolve(),
      });
    },
  };
}

const MAY_BE_ZERO: ReadonlySet<string> = new Set(['seed', 'baseTime', 'count', 'bidProportion']);

function check(configuration: NexmarkConfiguration, { count, rate }: NexmarkOptions): void {
  const numbers = { ...configuration, ...(count === undefined ? {} : { count }) };
  const faults = Object.entries(numbers)
    .filter(([name, value]) => !Number.isSafeInteger(value) || value < (MAY_BE_ZERO.has(name) ? 0 : 1))
    .map(([name, value]) => ({ path: `nexmark.${name}`, message: `${value} is not a positive whole number` }));
  if (rate !== undefined && !(rate > 0))
    faults.push({ path: 'nexmark.rate', message: `${rate} is not a number above 0` });
  if (faults.length > 0) throw new JobSpecError(faults);
}
