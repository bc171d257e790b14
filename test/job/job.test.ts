import { describe, expect, it } from 'vitest';
import { collect } from '../../core/connector/collect.ts';
import { collection } from '../../core/connector/collection.ts';
import { JobSpecError } from '../../core/error/error.ts';
import type { OperatorNode, SinkNode } from '../../core/graph/node.ts';
import { isJob, type Job, job } from '../../core/job/job.ts';
import { KeyedProcess } from '../../core/job/process.ts';
import type { OperatorStream } from '../../core/job/stream.ts';
import type { AggregateFunction } from '../../core/operator/aggregate-function.ts';
import type { WindowDescriptor } from '../../core/operator/descriptor.ts';

type Click = { page: string; user: string; ms: number; at: number };

const clicks: Click[] = [];
const tumbling = { kind: 'tumbling', sizeMs: 10_000, offsetMs: 0, time: 'event' } as const;
const count = (): AggregateFunction<unknown, number, number> => ({
  create: () => 0,
  add: (total) => total + 1,
  result: (total) => total,
  merge: (left, right) => left + right,
});

/** A job over clicks. */
function onClicks(build: (stream: OperatorStream<Click>) => unknown): Job {
  return job('test', ({ source }) => build(source('clicks', collection<Click>(clicks), { eventTime: { from: 'at' } })));
}

/** The operator that a job of one operator has, or the named one. */
function operatorOf({ graph }: Job, uid?: string): OperatorNode {
  const found = graph.nodes.find((node) => node.kind === 'operator' && (uid === undefined || node.uid === uid));
  if (found?.kind !== 'operator') throw new Error(`no operator ${uid}`);
  return found;
}

describe('a job', () => {
  it('is a graph, and runs nothing', () => {
    const made = onClicks((stream) =>
      stream
        .filter(() => {
          throw new Error('ran');
        })
        .to('out', collect()),
    );
    expect(isJob(made)).toBe(true);
    expect(isJob({ default: made })).toBe(false);
    expect(made.graph.nodes.map(({ uid }) => uid)).toEqual(['clicks', 'clicks.filter', 'out']);
    expect(made.graph.settings).toEqual({ parallelism: 1, maxParallelism: 1024, onPoison: 'deadLetter' });
  });

  it('takes its settings', () => {
    const made = job('test', ({ source }) => source('clicks', collection(clicks)), {
      parallelism: 2,
      maxParallelism: 16,
      checkpointEvery: '10s',
      onPoison: 'stop',
    });
    expect(made.graph.settings).toEqual({
      parallelism: 2,
      maxParallelism: 16,
      checkpointEveryMs: 10_000,
      onPoison: 'stop',
    });
  });

  it('with faults is refused with all of them', () => {
    const make = () =>
      job(
        'test',
        ({ source }) =>
          source('clicks', collection(clicks))
            .keyBy('page')
            .window(tumbling)
            .sum('ms')
            .uid('clicks')
            .to('out', collect()),
        { maxParallelism: 3 },
      );
    expect(make).toThrow(JobSpecError);
    expect(make).toThrow('settings.maxParallelism: 3 is not a power of two');
    expect(make).toThrow('"clicks" is the name of a source already');
  });

  it('warns of state under a derived name', () => {
    const { warnings } = onClicks((stream) => stream.keyBy('page').sum('ms').to('out', collect()));
    expect(warnings).toEqual([expect.objectContaining({ path: 'operators.clicks.reduce' })]);
  });

  it('is not built asynchronously', () => {
    expect(() => job('test', async () => {})).toThrow('must not be async');
  });

  it('keeps out streams of another job', () => {
    let stolen: OperatorStream<Click> | undefined;
    onClicks((stream) => {
      stolen = stream;
    });
    expect(() => onClicks((stream) => stream.union(stolen ?? stream))).toThrow('different jobs');
  });
});

describe('a stream', () => {
  it('is left as it was by what is made of it', () => {
    const { graph } = onClicks((stream) => {
      stream.rebalance().to('one', collect());
      stream.to('two', collect()).to('three', collect());
    });
    const sinks = graph.nodes.filter((node): node is SinkNode => node.kind === 'sink');
    expect(sinks.map(({ uid, inputs }) => [uid, inputs[0]?.partitioning.kind])).toEqual([
      ['one', 'rebalance'],
      ['two', 'forward'],
      ['three', 'forward'],
    ]);
  });

  it('is named, described and given its parallelism after the fact', () => {
    const made = onClicks((stream) => stream.map(String).uid('text').describe('as text').parallelism(3));
    expect(operatorOf(made)).toMatchObject({ uid: 'text', uidGiven: true, description: 'as text', parallelism: 3 });
  });

  it('united with others is one input of several edges', () => {
    const made = onClicks((stream) =>
      stream
        .union(stream.map((click) => click))
        .map((click) => click.ms)
        .uid('united'),
    );
    expect(operatorOf(made, 'united').inputs.map(({ from, port }) => [from, port])).toEqual([
      ['clicks', 0],
      ['clicks.map', 0],
    ]);
  });

  it('connected with a broadcast one is its first input', () => {
    const made = onClicks((stream) =>
      stream
        .keyBy('page')
        .connect(stream.broadcast())
        .process({ process() {}, processBroadcast() {} }),
    );
    expect(operatorOf(made).inputs.map(({ port, partitioning }) => [port, partitioning.kind])).toEqual([
      [0, 'hash'],
      [1, 'broadcast'],
    ]);
    expect(operatorOf(made).operator.kind).toBe('keyedBroadcastProcess');
  });

  it('has sources and operators of side outputs', () => {
    const made = onClicks((stream) => {
      const pages = stream.process<string>({ process: (click, { side }) => side('slow', click) });
      pages.sideOutput('slow').to('slow', collect());
    });
    const last = made.graph.nodes.at(-1);
    expect(last?.kind === 'sink' && last.inputs).toEqual([
      { from: 'clicks.process', output: 'slow', port: 0, partitioning: { kind: 'forward' } },
    ]);
  });

  it('refuses the side output of an operator that has none of that name', () => {
    expect(() =>
      onClicks((stream) => stream.keyBy('page').window(tumbling).sum('ms').sideOutput('lat').to('out', collect())),
    ).toThrow('"clicks.window" has no side output "lat"; it has late');
  });
});

describe('a key', () => {
  const keyOf = (made: Job) => {
    const { operator } = operatorOf(made);
    if (operator.kind !== 'reduce') throw new Error('no key');
    return operator.key;
  };
  const click = { page: '/', user: 'ann', ms: 1, at: 0 };

  it('of one field is its value, of several their tuple, of a function what it gives', () => {
    const one = keyOf(onClicks((stream) => stream.keyBy('page').reduce((left) => left)));
    expect([one.of(click), one.columns, one.fields]).toEqual(['/', ['page'], ['page']]);
    const two = keyOf(onClicks((stream) => stream.keyBy('user', 'page').reduce((left) => left)));
    expect([two.of(click), two.columns]).toEqual([
      ['ann', '/'],
      ['user', 'page'],
    ]);
    const own = keyOf(onClicks((stream) => stream.keyBy((each) => each.ms % 2).reduce((left) => left)));
    expect([own.of(click), own.columns, own.fields]).toEqual([1, ['key'], undefined]);
  });

  it('names no field twice', () => {
    expect(() => onClicks((stream) => stream.keyBy('page', 'page'))).toThrow('names a field twice');
  });
});

describe('a window', () => {
  const windowOf = (made: Job): WindowDescriptor => {
    const { operator } = operatorOf(made);
    if (operator.kind !== 'window') throw new Error('no window');
    return operator;
  };
  const context = (key: unknown) => ({ key, window: { start: 0, end: 10_000 } }) as never;
  /** What a window emits for these records. */
  const rowOf = (window: WindowDescriptor, key: unknown, records: readonly Click[]): unknown => {
    const { computation } = window;
    if (computation.kind !== 'aggregate') throw new Error('no aggregate');
    const { aggregate, result } = computation;
    const total = records.reduce((sum, record) => aggregate.add(sum, record, record.at), aggregate.create());
    return result === undefined ? aggregate.result(total) : result(aggregate.result(total), context(key));
  };
  const click = { page: '/', user: 'ann', ms: 4, at: 0 };
  const slowest: AggregateFunction<Click, number, number> = {
    create: () => 0,
    add: (most, { ms }) => Math.max(most, ms),
    result: (most) => most,
    merge: Math.max,
  };

  it('gives rows of key, bounds and results, in that order', () => {
    const made = onClicks((stream) =>
      stream.keyBy('user', 'page').window(tumbling).aggregate({ views: count(), slowest }),
    );
    const row = rowOf(windowOf(made), ['ann', '/'], [click, click]);
    expect(row).toEqual({ user: 'ann', page: '/', windowStart: 0, windowEnd: 10_000, views: 2, slowest: 4 });
    expect(Object.keys(row as object)).toEqual(['user', 'page', 'windowStart', 'windowEnd', 'views', 'slowest']);
    expect(operatorOf(made).description).toBe('tumbling 10s: views, slowest');
  });

  it('of records has no bounds; over all keys it has no key and one subtask', () => {
    const counted = onClicks((stream) =>
      stream
        .keyBy((each) => each.page)
        .countWindow(3)
        .aggregate({ views: count() }),
    );
    expect(rowOf(windowOf(counted), '/', [click])).toEqual({ key: '/', views: 1 });
    const all = onClicks((stream) => stream.windowAll(tumbling).aggregate({ views: count() }));
    expect(rowOf(windowOf(all), undefined, [click])).toEqual({ windowStart: 0, windowEnd: 10_000, views: 1 });
    expect([operatorOf(all).parallelism, operatorOf(all).inputs[0]?.partitioning.kind]).toEqual([1, 'global']);
  });

  it('gives the result of one aggregate function as it is, or turned into another', () => {
    const plain = onClicks((stream) => stream.keyBy('page').window(tumbling).aggregate(count()));
    expect(rowOf(windowOf(plain), '/', [click])).toBe(1);
    const told = onClicks((stream) =>
      stream
        .keyBy('page')
        .window(tumbling)
        .aggregate({ views: count() }, ({ page, views }, { window }) => `${page} ${views} ${window.end}`),
    );
    expect(rowOf(windowOf(told), '/', [click])).toBe('/ 1 10000');
  });

  it('merges its aggregates exactly if all of them can', () => {
    const mergeOf = (aggregates: Parameters<typeof made>[0]) => {
      const { computation } = windowOf(made(aggregates));
      return computation.kind === 'aggregate' ? computation.aggregate.merge : undefined;
    };
    const made = (aggregates: { [name: string]: AggregateFunction<Click, number, number> }) =>
      onClicks((stream) => stream.keyBy('page').window(tumbling).aggregate(aggregates));
    const { merge: _, ...unmergeable } = slowest;
    expect(mergeOf({ views: count(), slowest })?.([1, 5], [2, 3])).toEqual([3, 5]);
    expect(mergeOf({ views: count() })?.(1, 2)).toBe(3);
    expect(mergeOf({ views: count(), slowest: unmergeable })).toBeUndefined();
    expect(mergeOf({ slowest: unmergeable })).toBeUndefined();
  });

  it('refuses a map without aggregates, or with something else', () => {
    const made = (aggregates: object) => () =>
      onClicks((stream) =>
        stream
          .keyBy('page')
          .window(tumbling)
          .aggregate(aggregates as { views: typeof slowest }),
      );
    expect(made({})).toThrow('aggregate: has no aggregate; name one, such as { views: count() }');
    expect(made({ views: 3 })).toThrow('aggregate.views: is not an aggregate');
    expect(made({ ['__proto__']: count(), views: count() })).toThrow('aggregate.__proto__');
  });
});

describe('a process function', () => {
  class Plain extends KeyedProcess<string, Click, number> {
    readonly seen: string[] = [];
    process({ page }: Click) {
      this.seen.push(page);
    }
  }
  const createOf = (made: Job) => {
    const { operator } = operatorOf(made);
    if (operator.kind !== 'keyedProcess') throw new Error('no process function');
    return operator.create;
  };

  it('given as a class or a maker has one instance for each subtask', () => {
    for (const made of [Plain, () => new Plain()]) {
      const create = createOf(onClicks((stream) => stream.keyBy('page').process(made)));
      expect(create()).toBeInstanceOf(Plain);
      expect(create()).not.toBe(create());
    }
  });

  it('given as an object is that object', () => {
    const one = { process() {} };
    expect(createOf(onClicks((stream) => stream.keyBy('page').process(one)))()).toBe(one);
  });

  it('is told in plans by the name of its class', () => {
    expect(operatorOf(onClicks((stream) => stream.keyBy('page').process(Plain))).description).toBe('Plain');
  });
});

describe('an asynchronous call', () => {
  it('has defaults, and reads its durations', () => {
    const made = onClicks((stream) => stream.mapAsync(async ({ ms }) => ms, { timeout: '2s', retry: { delay: '1s' } }));
    expect(operatorOf(made).operator).toMatchObject({
      kind: 'async',
      order: 'ordered',
      timeoutMs: 2_000,
      capacity: 100,
      retry: { attempts: 3, delayMs: 1_000, backoff: 1, maxDelayMs: 60_000 },
    });
    expect(() => onClicks((stream) => stream.mapAsync(async () => 1, { timeout: 'long' }))).toThrow('async.timeout');
  });
});

describe('a join', () => {
  const join = (made: Job) => operatorOf(made).operator;

  it('of windows calls its function for every pair and drops undefined', () => {
    const operator = join(
      onClicks((stream) =>
        stream
          .keyBy('page')
          .join(stream.keyBy('user'))
          .window(tumbling, { allowedLateness: '1s' })
          .apply((left, right) => (left.ms < right.ms ? `${left.ms}${right.ms}` : undefined)),
      ),
    );
    const out: unknown[] = [];
    const [one, two] = [{ ms: 1 }, { ms: 2 }];
    if (operator.kind !== 'coGroup') throw new Error('no coGroup');
    operator.coGroup([one, two], [two, one], {
      key: '/',
      window: { start: 0, end: 1 },
      emit: (value) => out.push(value),
    });
    expect(out).toEqual(['12']);
    expect(operator.allowedLatenessMs).toBe(1_000);
    expect(operator.keys.map(({ columns }) => columns)).toEqual([['page'], ['user']]);
  });

  it('by interval takes both bounds in unless said otherwise', () => {
    const operator = join(
      onClicks((stream) => {
        const pages = stream.keyBy('page');
        return pages
          .intervalJoin(pages)
          .between('-5m', '10s', { upperInclusive: false })
          .process((left) => left.ms);
      }),
    );
    expect(operator).toMatchObject({ lowerMs: -300_000, upperMs: 10_000, lowerInclusive: true, upperInclusive: false });
  });

  it('of a coGroup gives all that its function returns', () => {
    const operator = join(
      onClicks((stream) => {
        const pages = stream.keyBy('page');
        return pages
          .coGroup(pages)
          .window(tumbling)
          .apply((lefts, rights, { key }) => [key, lefts.length, rights.length]);
      }),
    );
    const out: unknown[] = [];
    if (operator.kind !== 'coGroup') throw new Error('no coGroup');
    operator.coGroup([1], [], { key: '/', window: { start: 0, end: 1 }, emit: (value) => out.push(value) });
    expect(out).toEqual(['/', 1, 0]);
  });
});
