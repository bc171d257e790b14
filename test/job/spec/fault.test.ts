import { describe, expect, it } from 'vitest';
import { specOf } from './run-spec.ts';

const MODULES = {
  './own.ts': {
    Spikes: class {},
    three: (_a: unknown, _b: unknown, _c: unknown) => true,
    text: 'hello',
    agg: { create: () => 0, add: () => 0 },
  },
};

/** The faults of a job whose one operator is `x`, on line 7. */
function faultsOf(x: string, sinks = '  out: { input: x, stdout: json }'): readonly string[] {
  return specOf(
    `job: test
sources:
  clicks:
    file: clicks.jsonl
    schema: { page: string, ms: int, at: timestamp, tags: [string] }
operators:
  x: ${x}
sinks:
${sinks}
`,
    MODULES,
  ).faults;
}

describe('a fault of a spec is told with its place and the way out', () => {
  it.each<readonly [string, string, string]>([
    [
      'an unknown column',
      '{ input: clicks, filter: "prise > 1" }',
      'job.yaml:7:32  operators.x.filter: column "prise" is not in clicks; it has page, ms, at, tags',
    ],
    [
      'a misspelt column',
      '{ input: clicks, filter: "1 < mss" }',
      'job.yaml:7:36  operators.x.filter: column "mss" is not in clicks; did you mean "ms"?',
    ],
    [
      'a column of a key',
      '{ input: clicks, keyBy: pge, sum: ms }',
      'job.yaml:7:30  operators.x.keyBy: column "pge" is not in clicks; did you mean "page"?',
    ],
    [
      'an event time that is not at hand',
      '{ input: clicks, keyBy: extract(hour from rowtime()), sum: ms }',
      'job.yaml:7:48  operators.x.keyBy: rowtime() is not at hand here; make a column of it first',
    ],
    [
      'an event time within an aggregate',
      '{ input: clicks, windowAll: endOfStream, aggregate: { n: max(rowtime()) } }',
      'operators.x.aggregate.n: rowtime() is not at hand here; make a column of it first',
    ],
    ['a wrong type', '{ input: clicks, filter: page + 1 }', 'operators.x.filter'],
    [
      'an unknown input',
      '{ input: clickz, filter: ms > 1 }',
      'job.yaml:7:15  operators.x.input: "clickz" is not in this job; did you mean "clicks"?',
    ],
    [
      'a cycle',
      '{ input: x, filter: ms > 1 }',
      'operators.x.input: reads what it gives itself: x ─▶ x; a job has no cycles',
    ],
    [
      'an unknown word',
      '{ input: clicks, filtr: ms > 1 }',
      'job.yaml:7:23  operators.x.filtr: "filtr" is not known here; did you mean "filter"?',
    ],
    [
      'two operators in one',
      '{ input: clicks, filter: ms > 1, map: ms }',
      'operators.x.map: filter and map are two operators; give each its own name',
    ],
    ['an operator that does nothing', '{ input: clicks }', 'operators.x: does nothing with a stream; add filter, map,'],
    [
      'a window without keyBy',
      '{ input: clicks, window: { tumbling: 10s }, aggregate: { n: count(*) } }',
      'operators.x.window: a window needs keyBy; add keyBy, or write windowAll',
    ],
    [
      'an aggregate without a window',
      '{ input: clicks, keyBy: page, aggregate: { n: count(*) } }',
      'operators.x.aggregate: aggregate needs a window; add window: { tumbling: 10s } or another',
    ],
    [
      'a window without event time',
      '{ input: clicks, keyBy: page, window: { tumbling: 10s }, aggregate: { n: count(*) } }',
      'event time',
    ],
    [
      'a duration that is none',
      '{ input: clicks, keyBy: page, window: { tumbling: 1 parsec }, aggregate: { n: count(*) } }',
      'job.yaml:7:56  operators.x.window.tumbling: "1 parsec" is not a duration; write one like 500ms, 10s or 2h',
    ],
    [
      'two kinds of window',
      '{ input: clicks, keyBy: page, window: { tumbling: 1s, session: 1s }, aggregate: { n: count(*) } }',
      'operators.x.window.session: tumbling and session are two; window has one window',
    ],
    [
      'a slide of a tumbling window',
      '{ input: clicks, keyBy: page, window: { tumbling: 1s, slide: 1s }, aggregate: { n: count(*) } }',
      'operators.x.window.slide: slide goes with sliding and count, not with tumbling; leave it out',
    ],
    [
      'sliding without slide',
      '{ input: clicks, keyBy: page, window: { sliding: 1s }, aggregate: { n: count(*) } }',
      'operators.x.window.sliding: sliding windows need slide',
    ],
    [
      'brackets that YAML cuts',
      '{ input: clicks, windowAll: endOfStream, aggregate: { p: percentile(ms, 0.95) } }',
      'operators.x.aggregate.p: "percentile(ms" ends at its comma, in the middle of its brackets; quote it: "percentile(ms, 0.95)"',
    ],
    [
      'an unknown aggregate',
      '{ input: clicks, windowAll: endOfStream, aggregate: { p: cuont(ms) } }',
      'operators.x.aggregate.p: an aggregate such as count(*), sum(price) or max(ms) is expected; did you mean "count"?',
    ],
    [
      'a missing export',
      '{ input: clicks, process: ./own.ts#Spike }',
      'job.yaml:7:32  operators.x.process: ./own.ts has no export "Spike"; did you mean "Spikes"?',
    ],
    [
      'a function of too many parameters',
      '{ input: clicks, map: ./own.ts#three }',
      'operators.x.map: ./own.ts#three takes 3 parameters, and is given 1',
    ],
    [
      'an export that is no function',
      '{ input: clicks, filter: ./own.ts#text }',
      'operators.x.filter: ./own.ts#text is of type string; a function is expected',
    ],
    [
      'a class where a function is expected',
      '{ input: clicks, filter: ./own.ts#Spikes }',
      'operators.x.filter: ./own.ts#Spikes is a class; a function is expected',
    ],
    [
      'an export that is no trigger',
      '{ input: clicks, windowAll: { global: true, trigger: ./own.ts#three }, aggregate: { n: count(*) } }',
      'job.yaml:7:59  operators.x.windowAll.trigger: ./own.ts#three is of type function; a trigger is expected',
    ],
    [
      'an export that is no evictor',
      '{ input: clicks, windowAll: { global: true, evictor: { custom: ./own.ts#agg } }, aggregate: { n: count(*) } }',
      'operators.x.windowAll.evictor.custom: ./own.ts#agg is not an evictor: it has no function before or after',
    ],
    [
      'an export that is no aggregate function',
      '{ input: clicks, windowAll: endOfStream, aggregate: ./own.ts#agg }',
      'operators.x.aggregate: ./own.ts#agg is not an aggregate function: it has no function result',
    ],
    [
      'an export that is no process function',
      '{ input: clicks, process: ./own.ts#text }',
      'operators.x.process: ./own.ts#text is of type string; a process function is expected',
    ],
    [
      'a reference without an export',
      '{ input: clicks, process: ./own.ts }',
      '"./own.ts" names no export; write ./own.ts#name',
    ],
    [
      'a bad parallelism',
      '{ input: clicks, filter: ms > 1, parallelism: 0 }',
      'operators.x.parallelism: 0 is not a whole number above 0',
    ],
  ])('%s', (_, x, message) => {
    const faults = faultsOf(x);
    expect(faults.filter((fault) => fault.includes(message))).toHaveLength(1);
  });

  it('a source and a sink of one’s own that are none', () => {
    const { faults } = specOf(
      `job: test
sources:
  a: { source: ./own.ts#agg }
  b: { source: { from: ./own.ts#breaks, options: { n: 1 } } }
sinks:
  out: { input: [a, b], sink: { from: ./own.ts#three } }
`,
      { './own.ts': { ...MODULES['./own.ts'], breaks: ({ n }: { n: number }) => Array(-n) } },
    );
    expect(faults).toEqual([
      'job.yaml:3:16  sources.a.source: ./own.ts#agg is not a source: it has no function splits',
      'job.yaml:4:24  sources.b.source.from: ./own.ts#breaks throws: Invalid array length',
      'job.yaml:6:39  sinks.out.sink.from: ./own.ts#three is of type boolean; a sink is expected',
    ]);
  });

  it('types of columns that are none, however deep', () => {
    const { faults } = specOf(`job: test
sources:
  a:
    stdin: json
    schema: { n: intt, tags: [strng], geo: { deep: [[nope]] }, two: [int, string] }
operators:
  x: { input: a, filter: n > 1 }
sinks: { out: { input: x, stdout: json } }
`);
    expect(faults).toEqual([
      expect.stringMatching(/^job.yaml:5:18 {2}sources.a.schema.n: "intt" is not one of .*did you mean "int"\?$/),
      expect.stringMatching(/^job.yaml:5:31 {2}sources.a.schema.tags: "strng" is not .*did you mean "string"\?$/),
      expect.stringMatching(/^job.yaml:5:54 {2}sources.a.schema.geo.deep: "nope" is not one of/),
      'job.yaml:5:69  sources.a.schema.two: an array has one type, such as [string]',
    ]);
  });

  it('an unknown side output', () => {
    const faults = faultsOf('{ input: clicks, filter: ms > 1 }', '  out: { input: x.late, stdout: json }');
    expect(faults).toEqual([expect.stringMatching(/^job.yaml:9:17 {2}sinks.out.input: .*"late"; it has none$/)]);
  });

  it('two sinks of one name', () => {
    const sinks = '  out: { input: x, stdout: json }\n  out: { input: x, stdout: json }';
    expect(faultsOf('{ input: clicks, filter: ms > 1 }', sinks)).toEqual([
      expect.stringContaining('job.yaml:10:3  sinks.out: two sinks are named "out"; give each its own'),
    ]);
  });

  it('a sink without a connector, with two, and with one that is not here', () => {
    const sinks = '  a: { input: x }\n  b: { input: x, stdout: json, file: out }\n  c: { input: x, cassandra: t }';
    const faults = faultsOf('{ input: clicks, filter: ms > 1 }', sinks).join('\n');
    expect(faults).toContain('sinks.a: has no connector of the sink; there are file, stdout');
    expect(faults).toContain(
      'sinks.b.file: stdout and file are two; b has one connector of the sink'
        .replace('stdout and file', 'file and stdout')
        .replace('.file', '.stdout'),
    );
    expect(faults).toContain('"cassandra" is not known here');
  });

  it('all of them in one go', () => {
    const faults = specOf(`job: test
sources:
  clicks: { file: clicks.jsonl, schema: { page: string } }
operators:
  a: { input: clicks, filter: pag = '/x' }
  b: { input: nowhere, filter: page = '/x' }
  c: { input: clicks, keyBy: page, sum: total }
  d: { input: a, windwo: 10s }
settings: { parallelism: many }
sinks:
  out: { input: d, stdout: jsno }
`).faults;
    for (const path of [
      'operators.a.filter',
      'operators.b.input',
      'operators.c.sum',
      'operators.d.windwo',
      'settings.parallelism',
      'sinks.out.stdout',
    ]) {
      expect(faults.filter((fault) => fault.includes(`${path}:`))).toHaveLength(1);
    }
  });

  it('of what is no spec at all', () => {
    for (const text of ['', '[]', '7', 'job: x', '{"job": ', '\t- a', 'job: [', `job: ${'['.repeat(5_000)}`]) {
      expect(specOf(text).faults.length).toBeGreaterThan(0);
    }
  });
});
