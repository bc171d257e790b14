import { parseArgs } from 'node:util';
import { type Outcome, simulate } from './simulate.ts';
import { ALL_RULES, SWITCHES } from './switch.ts';

/**
 * `npm run sim -- --seeds 1000 --from 0` runs seeds one after another; `--off p7-dedupe` without a rule; `--trace` prints
 * all that happened. A seed that failed is run again alone by `--seeds 1 --from SEED --trace`.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '300' },
    from: { type: 'string', default: '0' },
    off: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});
const off = values.off === undefined ? ALL_RULES : SWITCHES[values.off];
if (off === undefined)
  throw new Error(`there is no switch ${values.off}; there are ${Object.keys(SWITCHES).join(', ')}`);

let failed = 0;
const from = Number(values.from);
const seeds = Number(values.seeds);
for (let seed = from; seed < from + seeds; seed++) {
  const outcome = await simulate(seed, off, values.trace ? (line) => console.log(line) : undefined);
  if (outcome.faults.length > 0) {
    failed++;
    report(outcome);
  }
}
console.log(`${seeds - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function report({ seed, job, steps, faults }: Outcome): void {
  console.log(
    `seed ${seed} (${job}, ${steps} steps): ${faults.slice(0, 3).join('; ')}${faults.length > 3 ? ' …' : ''}`,
  );
  const switched = values.off === undefined ? '' : ` --off ${values.off}`;
  if (!values.trace) console.log(`  npm run sim -- --seeds 1 --from ${seed}${switched} --trace`);
}
