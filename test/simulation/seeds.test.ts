import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';
import { ALL_RULES } from './switch.ts';

const SEEDS = 300;

test(`whatever happens in ${SEEDS} histories, the results are those of a plain computation`, {
  timeout: 300_000,
}, async () => {
  const faults: string[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const outcome = await simulate(seed, ALL_RULES);
    if (outcome.faults.length > 0) faults.push(`npm run sim -- --seeds 1 --from ${seed} --trace: ${outcome.faults[0]}`);
  }
  expect(faults).toEqual([]);
});

test('a seed replays to the letter', async () => {
  const traceOf = async () => {
    const lines: string[] = [];
    await simulate(5, ALL_RULES, (line) => lines.push(line));
    return lines;
  };
  const first = await traceOf();
  expect(first.length).toBeGreaterThan(100);
  expect(await traceOf()).toEqual(first);
});
