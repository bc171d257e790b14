import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';
import { SWITCHES } from './switch.ts';

/** A net that catches nothing is no net. */
const SEEDS = 1_000;

test.each(Object.keys(SWITCHES))('without %s, some history gives wrong results', { timeout: 300_000 }, async (name) => {
  const off = SWITCHES[name];
  expect(off).toBeDefined();
  let failed: number | undefined;
  for (let seed = 0; off !== undefined && failed === undefined && seed < SEEDS; seed++) {
    const { faults } = await simulate(seed, off);
    if (faults.length > 0) failed = seed;
  }
  expect(failed).toBeDefined();
});
