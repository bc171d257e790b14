import { describe, expect, it } from 'vitest';
import { planOf } from '../../core/graph/plan.ts';
import { differenceOf, explainDifference, keepsAll } from '../../core/graph/plan-difference.ts';
import { blackhole, collection, count, type JobOptions, job, KeyedProcess, state, tumbling } from '../../core/index.ts';

type Click = { readonly page: string; readonly user: string };

class Spikes extends KeyedProcess<string, { page: string }, string> {
  readonly usual = state.value<number>('usual');
  readonly seen = state.value<number>('seen');
  override process() {}
}

class Calm extends KeyedProcess<string, { page: string }, string> {
  readonly usual = state.value<number>('usual');
  override process() {}
}

type Variant = {
  readonly key?: 'page' | 'user';
  readonly process?: typeof Spikes | typeof Calm;
  readonly processUid?: string;
  readonly options?: JobOptions;
};

function planWith({ key = 'page', process = Spikes, processUid = 'spikes', options = {} }: Variant = {}) {
  const { graph } = job(
    'page-views',
    ({ source }) =>
      source('clicks', collection<Click>([]), { eventTime: 'ingestion' })
        .keyBy(key)
        .window(tumbling('10s'))
        .aggregate({ views: count() })
        .uid('perPage')
        .keyBy((row) => String(Object.values(row)[0]))
        .process(process as never)
        .uid(processUid)
        .to('alerts', blackhole()),
    options,
  );
  return planOf(graph);
}

const changes = (variant: Variant) =>
  differenceOf(planWith(), planWith(variant)).state.map((change) => {
    const { kind, uid, state: held } = change;
    return `${kind} ${uid}.${held.name}${change.kind === 'lost' ? ` (${change.reason})` : ''}`;
  });

const ALL = ['clicks.position', 'perPage.window', 'spikes.usual', 'spikes.seen'];

describe('a changed job', () => {
  it('that is the same keeps all', () => {
    const difference = differenceOf(planWith(), planWith());
    expect(keepsAll(difference)).toBe(true);
    expect(changes({})).toEqual(ALL.map((held) => `kept ${held}`));
    expect(difference.onTheWay).toEqual([]);
  });

  it('with another key loses what was under it, and what is on the way', () => {
    expect(changes({ key: 'user' })).toContain('lost perPage.window (its key was page and is user)');
    const { onTheWay } = differenceOf(planWith(), planWith({ key: 'user' }));
    expect(onTheWay).toEqual([
      {
        from: 'clicks',
        to: 'perPage',
        reason: 'they were sent combined, hash by page and are sent combined, hash by user',
      },
    ]);
  });

  it('with another uid loses the state of the old one and begins anew', () => {
    expect(changes({ processUid: 'peaks' })).toEqual([
      'kept clicks.position',
      'kept perPage.window',
      'lost spikes.usual (it is gone)',
      'lost spikes.seen (it is gone)',
      'new peaks.usual',
      'new peaks.seen',
    ]);
  });

  it('whose function has less state loses that alone, and one with more begins with it', () => {
    expect(changes({ process: Calm })).toEqual([
      'kept clicks.position',
      'kept perPage.window',
      'kept spikes.usual',
      'lost spikes.seen (it has this state no more)',
    ]);
    const more = differenceOf(planWith({ process: Calm }), planWith());
    expect(keepsAll(more)).toBe(true);
    expect(more.state.at(-1)).toMatchObject({ kind: 'new', uid: 'spikes', state: { name: 'seen' } });
  });

  it('with other key groups loses all', () => {
    const reason = 'maxParallelism was 1024 and is 256, so that keys are in other groups';
    expect(changes({ options: { maxParallelism: 256 } })).toEqual(ALL.map((held) => `lost ${held} (${reason})`));
  });

  it('is told in lines', () => {
    const difference = differenceOf(planWith(), planWith({ process: Calm }));
    expect(explainDifference(difference)).toBe(
      [
        '  clicks    keeps   position: how far each shard was read\n',
        '  perPage   keeps   window: an accumulator per key and window\n',
        '  spikes    keeps   usual: a value per key\n',
        '  spikes    LOSES   seen: a value per key; it has this state no more\n',
      ].join(''),
    );
  });
});
