import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readDocument } from '../../../core/job/spec/document.ts';
import { jobJsonSchema } from '../../../core/job/spec/json-schema.ts';
import { parseDuration } from '../../../core/time/duration.ts';
import { CASES } from './parity/cases.ts';

const schema = jobJsonSchema() as z.core.JSONSchema.JSONSchema;
/** The JSON Schema read back: what an editor would accept. */
const editor = z.fromJSONSchema(schema);
const dataOf = (text: string): unknown => readDocument(text, 'job.yaml').value;
const accepts = (text: string): boolean => editor.safeParse(dataOf(text)).success;

const operator = (text: string) =>
  `job: x\nsources: { clicks: { stdin: json } }\noperators:\n${text.replace(/^/gm, '  ')}\n`;

describe('the JSON Schema of the job spec', () => {
  it('is of draft 7 and has whatever it refers to', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    const references = JSON.stringify(schema).match(/"\$ref":"[^"]+"/g) ?? [];
    expect(references.length).toBeGreaterThan(10);
    for (const reference of new Set(references)) {
      const name = /#\/definitions\/(\w+)/.exec(reference)?.[1] ?? '';
      expect(schema.definitions).toHaveProperty(name);
    }
  });

  it('describes every word', () => {
    const bare: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [name, below] of Object.entries(node)) {
        const isWord = path.endsWith('/properties') && typeof below === 'object';
        if (isWord && !('description' in below || '$ref' in below || 'allOf' in below)) bare.push(`${path}/${name}`);
        visit(below, `${path}/${name}`);
      }
    };
    visit(schema, '');
    expect(bare).toEqual([]);
  });

  it.each(Object.entries(CASES))('accepts %s', (_, { spec }) => {
    expect(accepts(operator(spec))).toBe(true);
  });

  it('takes for a duration what a job takes for one', () => {
    const definitions = schema.definitions as Record<string, { anyOf: readonly { pattern?: string }[] }>;
    const written = definitions.SignedDuration?.anyOf.find((option) => option.pattern !== undefined);
    const pattern = new RegExp(written?.pattern ?? '');
    const texts = fc.string({ unit: fc.constantFrom(...'159. -', 'ms', 's', 'm', 'h', 'd'), maxLength: 8 });
    fc.assert(
      fc.property(texts, (text) => {
        expect(pattern.test(text)).toBe(parseDuration(text) !== undefined);
      }),
      { numRuns: 5_000 },
    );
  });

  it('accepts the job that init makes', () => {
    const text = readFileSync(new URL('../../../functions/cli/template/job.yaml', import.meta.url), 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/node_modules\/millrace\/job\.schema\.json\n/);
    expect(accepts(text)).toBe(true);
  });

  it.each([
    ['an unknown word', operator('x: { input: clicks, filtr: a > 1 }')],
    ['a wrong type', operator('x: { input: 7, filter: a > 1 }')],
    ['a duration that is none', operator('x: { input: clicks, keyBy: a, window: { tumbling: soon }, sum: b }')],
    ['a reference that is none', operator('x: { input: clicks, process: Spikes }')],
    ['a count below 1', operator('x: { input: clicks, map: a, parallelism: 0 }')],
    ['a type of a column that is none', 'job: x\nsources: { a: { stdin: json, schema: { n: intt } } }\n'],
    ['a nested type that is none', 'job: x\nsources: { a: { stdin: json, schema: { n: [intt] } } }\n'],
    ['a job without sources', 'job: x\n'],
  ])('refuses %s', (_, text) => {
    expect(accepts(text)).toBe(false);
  });
});
