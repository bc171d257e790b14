import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesizeJob } from '../cdk/app.ts';
import { rowOfStages } from '../test/cdk/deploy.ts';

/**
 * `node bench/synth.ts [stages]`: how long a job of so many stages (40 unless said) takes to become a stack, first from
 * nothing loaded to files, then in a process that has done it, then with CloudFormation's rules; bundling included.
 */
const stages = Number(process.argv[2] ?? 40);
let wall = 0;
let used = 0;
for (const run of ['first', 'again', 'validated']) {
  const outdir = mkdtempSync(join(tmpdir(), 'millrace-synth-'));
  const { resources } = synthesizeJob({ job: rowOfStages(stages), outdir, validate: run === 'validated' });
  const { user, system } = process.cpuUsage();
  const seconds = `${((performance.now() - wall) / 1e3).toFixed(2)} s, ${((user + system - used) / 1e6).toFixed(2)} s of CPU`;
  console.log(`${run}: ${stages} stages, ${resources} resources, ${seconds}`);
  wall = performance.now();
  used = user + system;
}
