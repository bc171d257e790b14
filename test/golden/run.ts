import { readFileSync } from 'node:fs';
import { DIFFERENCES } from './difference.ts';
import { faultOf, type GoldenCase } from './kind/index.ts';

/**
 * `npm run golden -- FILE.json`: runs a file of golden cases, and tells each that fails with what was expected. Cases of
 * difference.ts are skipped.
 */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('name a file of cases: npm run golden -- test/golden/windows.json');
const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly GoldenCase[];
const differing = new Set(DIFFERENCES.flatMap(({ names }) => names));
const count = { passed: 0, failed: 0, skipped: 0 };
for (const golden of cases) count[outcomeOf(golden)]++;
const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
process.stdout.write(`${count.passed} passed, ${count.failed} failed${skipped}\n`);
process.exitCode = count.failed > 0 ? 1 : 0;

function outcomeOf(golden: GoldenCase): keyof typeof count {
  if (differing.has(golden.name)) return 'skipped';
  const fault = faultOf(golden);
  if (fault === undefined) return 'passed';
  process.stdout.write(`${golden.name}\n  expected ${shown(fault.expected)}\n  actual   ${shown(fault.actual)}\n`);
  return 'failed';
}

function shown(value: unknown): string {
  if (value instanceof Error) return `it threw ${value.stack}`;
  if (typeof value === 'symbol') return String(value.description);
  return JSON.stringify(value, (_name, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? 'undefined';
}
