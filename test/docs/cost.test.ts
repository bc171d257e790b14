import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadJob } from '../../functions/cli/load-job.ts';
import { ASSUMED } from '../../functions/cost/assumption.ts';
import { estimate, estimateText } from '../../functions/cost/estimate.ts';
import { PAGE_VIEWS } from '../cdk/deploy.ts';

const document = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8');

it('docs/cost.md shows the estimate that its command gives', async () => {
  const { job } = await loadJob(PAGE_VIEWS);
  const workload = { rate: 1_000, eventBytes: 1_000, keys: 10_000, batchSeconds: 1, memory: 1_024, packed: true };
  expect(document).toContain(`\`\`\`text estimate\n${estimateText(estimate(job.graph, workload))}\`\`\``);
});

it('docs/cost.md names assumptions that there are', () => {
  const [, formulas = ''] = document.split('## Formulas');
  const named = [...formulas.matchAll(/`([a-z]+[A-Z]\w+|compression)`/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(8);
  for (const name of named) expect(Object.keys(ASSUMED)).toContain(name);
});
