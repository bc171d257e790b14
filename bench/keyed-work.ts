import { blackhole } from '../core/connector/blackhole.ts';
import { datagen } from '../core/connector/datagen.ts';
import { job } from '../core/job/job.ts';
import { count } from '../core/operator/aggregate/aggregates.ts';
import { tumbling } from '../core/window/assigner.ts';

/** Records of the job below; stands in the address of this module, so that workers make the same job. */
const records = Number(new URL(import.meta.url).searchParams.get('records') ?? 1_000);

/** 10 µs or more of arithmetic: what a user's function may take. */
function worked(value: number): number {
  let sum = value;
  for (let i = 0; i < 2_500; i++) sum = (sum * 31 + i) % 1_000_003;
  return sum;
}

type Reading = { readonly key: number; readonly value: number; readonly at: number };

/** Each worker generates its share of the records; the work is done before the shuffle by key, the count behind it. */
export default job('keyed-work', ({ source }) => {
  const fields = {
    key: { kind: 'int', min: 0, max: 9_999 },
    value: { kind: 'int', min: 0, max: 999 },
    at: { kind: 'timestamp', every: '1ms' },
  } as const;
  source('readings', datagen<Reading>({ count: records, fields }), { eventTime: { from: 'at', outOfOrderness: '1s' } })
    .map(({ key, value, at }) => ({ key, at, value: worked(value) }))
    .keyBy('key')
    .window(tumbling('10s'))
    .aggregate({ n: count() })
    .uid('count')
    .to('out', blackhole());
});
