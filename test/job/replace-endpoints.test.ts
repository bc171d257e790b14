import { describe, expect, it } from 'vitest';
import { blackhole } from '../../core/connector/blackhole.ts';
import { collection } from '../../core/connector/collection.ts';
import { job } from '../../core/job/job.ts';
import { replaceEndpoints, replaceSpecEndpoints } from '../../core/job/replace-endpoints.ts';

const copy = job('copy', ({ source }) => {
  const rows = source('rows', collection([1]), { eventTime: 'ingestion' });
  source('constructor', collection([2]))
    .union(rows)
    .to('out', blackhole(), { parallelism: 1 })
    .to('other', blackhole());
});
const SPEC = {
  job: 'copy',
  sources: { rows: { kinesis: { stream: 'rows' }, eventTime: 'at', parallelism: 2 }, broken: 7 },
  sinks: { out: { input: 'rows', partition: 'global', sqs: { queue: 'q' } }, other: { input: 'rows', stdout: null } },
};

const namesOf = ({ graph }: typeof copy) =>
  Object.fromEntries(
    graph.nodes.flatMap((node) =>
      node.kind === 'source'
        ? [[node.uid, node.source.name]]
        : node.kind === 'sink'
          ? [[node.uid, node.sink.name]]
          : [],
    ),
  );

describe('other ends of a job', () => {
  it('are files, or the standard streams; all else of the job stays', () => {
    const replaced = replaceEndpoints(copy, { sources: { rows: 'rows.jsonl' }, sinks: { out: '-' } });
    expect(namesOf(copy)).toMatchObject({ rows: 'collection of 1', out: 'blackhole' });
    expect(namesOf(replaced)).toMatchObject({
      rows: 'file rows.jsonl',
      constructor: 'collection of 1',
      out: 'stdout json',
      other: 'blackhole',
    });
    const without = (one: typeof copy) =>
      one.graph.nodes.map((node) => ({ ...node, source: undefined, sink: undefined }));
    expect(without(replaced)).toEqual(without(copy));
    const swapped = replaceEndpoints(copy, { sources: { rows: '-' }, sinks: { out: 'folder' } });
    expect(namesOf(swapped)).toMatchObject({ rows: 'stdin json', out: 'file folder' });
  });

  it('are told where the job has none of that name, all at once', () => {
    expect(() => replaceEndpoints(copy, { sources: { row: 'x' }, sinks: { toString: 'y' } })).toThrow(
      expect.objectContaining({
        faults: [
          { path: '--source row', message: 'the job has no source "row"; did you mean "rows"?' },
          { path: '--sink toString', message: 'the job has no sink "toString"; it has out, other' },
        ],
      }),
    );
  });

  it('take the place of a connector in a spec, be it one that is not here', () => {
    const { spec, faults } = replaceSpecEndpoints(SPEC, { sources: { rows: 'rows.jsonl' }, sinks: { out: '-' } });
    expect(faults).toEqual([]);
    expect(spec).toEqual({
      ...SPEC,
      sources: { ...SPEC.sources, rows: { file: { path: 'rows.jsonl' }, eventTime: 'at', parallelism: 2 } },
      sinks: { ...SPEC.sinks, out: { input: 'rows', partition: 'global', stdout: null } },
    });
    expect(replaceSpecEndpoints(7, { sources: {}, sinks: {} })).toEqual({ spec: 7, faults: [] });
    expect(replaceSpecEndpoints({ job: 'x' }, { sources: { a: 'b' }, sinks: {} }).faults).toEqual([
      { path: '--source a', message: 'the job has no source "a"; it has none' },
    ]);
  });
});
