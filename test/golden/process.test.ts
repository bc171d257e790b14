import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectedOfJoin, INTERLEAVINGS, type JoinCase, runJoin } from './kind/join.ts';
import { expectedOfProcess, type ProcessCase, runProcess } from './kind/process.ts';

const cases = JSON.parse(readFileSync(new URL('./process.json', import.meta.url), 'utf8')) as (
  | JoinCase
  | ProcessCase
)[];
const joins = cases.filter((golden) => golden.kind === 'join');

describe('process functions give what Flink gives', () => {
  it.each(cases.filter((golden) => golden.kind === 'process'))('$name', (golden) => {
    expect(runProcess(golden)).toEqual(expectedOfProcess(golden));
  });
});

describe.each(INTERLEAVINGS)('joins give what Flink gives, %s', (interleaving) => {
  it.each(joins.filter(({ error }) => error === undefined))('$name', (golden) => {
    expect(runJoin(golden, interleaving)).toEqual(expectedOfJoin(golden));
  });

  it.each(joins.filter(({ error }) => error !== undefined))('$name is refused', (golden) => {
    expect(() => runJoin(golden, interleaving)).toThrow(/bound/);
  });
});
