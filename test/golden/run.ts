import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expectedOf, type GoldenCase, runCase } from './kind/index.ts';

/** `npm run golden -- FILE.json`: runs a file of golden cases, and tells each that fails with what was expected. */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('name a file of cases: npm run golden -- test/golden/windows.json');
const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly (GoldenCase & { readonly error?: string })[];
let passed = 0;
for (const golden of cases) {
  const fault = faultOf(golden);
  if (fault === undefined) passed++;
  else process.stdout.write(`${golden.name}\n${fault}\n`);
}
process.stdout.write(`${passed} passed, ${cases.length - passed} failed\n`);
process.exitCode = passed === cases.length ? 0 : 1;

/** What is wrong with what a case gives; undefined where it is right. */
function faultOf(golden: GoldenCase & { readonly error?: string }): string | undefined {
  let actual: unknown;
  try {
    actual = runCase(golden);
  } catch (error) {
    return golden.error === undefined ? `  it threw ${error instanceof Error ? error.stack : error}` : undefined;
  }
  if (golden.error !== undefined)
    return `  expected to be refused: ${golden.error}\n  actual   ${JSON.stringify(actual)}`;
  const expected = expectedOf(golden);
  if (isDeepStrictEqual(actual, expected)) return undefined;
  return `  expected ${JSON.stringify(expected)}\n  actual   ${JSON.stringify(actual)}`;
}
