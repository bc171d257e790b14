import { JobSpecError } from '../error/error.ts';
import { type DatagenField, fieldGenerator } from './datagen-field.ts';
import type { Row } from './file/file.ts';
import { paceOf } from './pace.ts';
import { RecordRandom } from './record-random.ts';
import type { Source, SourceSplit } from './source.ts';

/** Options of the word `datagen`, plain data. */
export type DatagenOptions = {
  readonly fields: { readonly [field: string]: DatagenField };
  /** Records in all; absent: it goes on forever. */
  readonly count?: number;
  /** Records per second over all subtasks; absent: as fast as they are taken. */
  readonly rate?: number;
  /** Another seed gives other records; 0 unless said. */
  readonly seed?: number;
};

/** Records `index`, `index + of`, `index + 2 · of` and so on. */
type Share = { readonly index: number; readonly of: number };

/**
 * Made-up records, one value by kind for each field (Flink: the DataGen connector). Record n is the same whatever the
 * parallelism, and the same each time with one seed.
 *
 * @throws JobSpecError for fields, rates or counts that make no sense
 * @example
 * datagen({ count: 1_000, fields: { id: { kind: 'sequence' }, price: { kind: 'int', min: 1, max: 99 } } });
 */
export function datagen<T = Row>(options: DatagenOptions): Source<T, Share, number> {
  checkPositive('rate', options.rate, false);
  checkPositive('count', options.count, true);
  const makers = Object.entries(options.fields).map(
    ([name, field]) => [name, fieldGenerator(field, `datagen.fields.${name}`)] as const,
  );
  const count = options.count ?? Number.MAX_SAFE_INTEGER;
  return {
    name: `datagen ${Object.keys(options.fields).join(', ')}`,
    bounded: options.count !== undefined,
    splits: (_context, parallelism) => Promise.resolve(sharesOf(parallelism)),
    open({ split: { index, of } }, position, { clock }) {
      const random = new RecordRandom(options.seed ?? 0);
      const pace = paceOf(clock, options.rate === undefined ? undefined : options.rate / of);
      const total = Math.max(0, Math.ceil((count - index) / of));
      let given = position ?? 0;
      const recordAt = (number: number): T => {
        random.startRecord(number);
        const record: Record<string, unknown> = {};
        for (const [name, make] of makers) record[name] = make(number, random);
        return record as T;
      };
      return Promise.resolve({
        read(limit: number) {
          const size = Math.min(pace.allowed(limit), total - given);
          const values: T[] = [];
          for (let end = given + size; given < end; given++) values.push(recordAt(index + given * of));
          pace.gave(size);
          return { values, ended: given === total };
        },
        position: () => given,
        close: () => Promise.resolve(),
      });
    },
  };
}

function sharesOf(parallelism: number): SourceSplit<Share>[] {
  return Array.from({ length: parallelism }, (_, index) => ({
    id: `${index}/${parallelism}`,
    split: { index, of: parallelism },
  }));
}

function checkPositive(name: string, value: number | undefined, whole: boolean): void {
  if (value === undefined || (value > 0 && (!whole || Number.isSafeInteger(value)))) return;
  if (value === 0 && whole) return;
  const message = `${value} is not a ${whole ? 'whole number from 0 up' : 'number above 0'}`;
  throw new JobSpecError([{ path: `datagen.${name}`, message }]);
}
