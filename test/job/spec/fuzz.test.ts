import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { planOf } from '../../../core/graph/plan.ts';
import { readDocument } from '../../../core/job/spec/document.ts';
import { jobJsonSchema } from '../../../core/job/spec/json-schema.ts';
import { CASES } from './parity/cases.ts';
import * as own from './parity/own.ts';
import { specOf } from './run-spec.ts';

const MODULES = { './own.ts': own };

/** A whole job around the operator of a case. */
function textOf(operator: string): string {
  return `job: test
settings: { parallelism: 1, checkpointEvery: 10s }
sources:
  clicks: { file: clicks.jsonl, schema: { page: string, ms: int, at: timestamp }, eventTime: { field: at, idleAfter: 1m } }
  other: { datagen: { fields: { page: { kind: enum, values: [a, b] } }, count: 3 }, eventTime: ingestion }
operators:
${operator.replace(/^/gm, '  ')}
sinks:
  out: { input: x, file: { path: out, format: csv } }
`;
}
const specs = fc.constantFrom(...Object.values(CASES).map(({ spec }) => textOf(spec)));

/** What might stand anywhere in a file. */
const anything = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1.5, '', '10s', 'x', 'clicks', './own.ts#total', './own.ts#none', '__proto__'),
  fc.constantFrom([], {}, [[]], { from: 'clicks' }, { left: 'clicks', right: 'x' }, ['clicks', 'x']),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Every path of a value, the deepest last. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, one]) => pathsOf(one, [...path, name]))];
}

function replaced(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[name] = replaced(copy[name], rest, by);
  return copy;
}

/** A spec of which one value, wherever it stands, is another. */
const mutants = fc.tuple(specs, fc.nat(), anything).map(([text, place, by]) => {
  const value = readDocument(text, 'job.yaml').value;
  const paths = pathsOf(value);
  return replaced(value, paths[place % paths.length] ?? [], by);
});

describe('whatever stands in a spec', () => {
  it('in place of a value gives a job, or faults with their places', () => {
    fc.assert(
      fc.property(mutants, (mutant) => {
        const { job, faults } = specOf(JSON.stringify(mutant, null, 1), MODULES);
        expect(job.kind).toBe('job');
        for (const fault of faults) expect(fault).toMatch(/^job\.yaml:\d+:\d+ {2}/);
      }),
      { numRuns: 300 },
    );
  });

  it('cut out of its text or put into it gives a job, or faults with their places', () => {
    const cuts = fc.record({
      text: specs,
      at: fc.nat(),
      length: fc.nat({ max: 12 }),
      put: fc.string({ maxLength: 4 }),
    });
    fc.assert(
      fc.property(cuts, ({ text, at, length, put }) => {
        const place = at % text.length;
        const { job, faults } = specOf(text.slice(0, place) + put + text.slice(place + length), MODULES);
        expect(job.kind).toBe('job');
        for (const fault of faults) expect(fault).toMatch(/^job\.yaml:\d+:\d+ {2}/);
      }),
      { numRuns: 300 },
    );
  });

  it('without faults is accepted by an editor and can be planned', () => {
    const editor = z.fromJSONSchema(jobJsonSchema() as z.core.JSONSchema.JSONSchema);
    fc.assert(
      fc.property(mutants, (mutant) => {
        const { job, faults } = specOf(JSON.stringify(mutant), MODULES);
        if (faults.length > 0) return;
        expect(editor.safeParse(mutant).success).toBe(true);
        expect(planOf(job.graph).stages.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});
