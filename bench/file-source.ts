/**
 * How fast the file source is beside a bare loop that reads, splits and parses the same file, in one run.
 *
 *     node bench/file-source.ts [records]
 *
 * Method: one file of JSON Lines with five fields, 110 bytes a line, in the page cache; each side reads it whole and adds up
 * one field; the sides take turns, the best of five rounds counts. It does not measure operators or cold disks.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileSource } from '../core/connector/file/file-source.ts';
import { systemClock } from '../core/local/system-clock.ts';
import { seededRandom } from '../core/port/random.ts';

type Click = { user: string; page: string; at: number; ms: number; agent: string };

const ROUNDS = 5;
const BATCH = 1_024;
const records = Number(process.argv[2] ?? 500_000);
const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
const path = join(folder, 'clicks.jsonl');

function writeClicks(): void {
  const lines: string[] = [];
  for (let index = 0; index < records; index++) {
    const click: Click = {
      user: `user-${index % 10_000}`,
      page: `/products/${index % 977}`,
      at: 1_700_000_000_000 + index,
      ms: index % 500,
      agent: 'Mozilla/5.0',
    };
    lines.push(JSON.stringify(click));
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
}

function bareLoop(): number {
  const text = readFileSync(path, 'utf8');
  let sum = 0;
  for (const line of text.split('\n')) if (line !== '') sum += (JSON.parse(line) as Click).ms;
  return sum;
}

async function fromSource(): Promise<number> {
  const context = {
    clock: systemClock,
    random: seededRandom(1),
    baseFolder: folder,
    signal: new AbortController().signal,
  };
  const source = fileSource<Click>({ path });
  let sum = 0;
  for (const split of await source.splits(context, 1)) {
    const reader = await source.open(split, undefined, context);
    for (let ended = false; !ended; ) {
      const read = reader.read(BATCH);
      const batch = read instanceof Promise ? await read : read;
      for (const click of batch.values) sum += click.ms;
      ended = batch.ended;
    }
    await reader.close();
  }
  return sum;
}

writeClicks();
const best = { bare: 0, source: 0 };
for (let round = 0; round < ROUNDS; round++) {
  const start = performance.now();
  const expected = bareLoop();
  const middle = performance.now();
  const actual = await fromSource();
  const end = performance.now();
  if (expected !== actual) throw new Error(`sums differ: ${expected} and ${actual}`);
  best.bare = Math.max(best.bare, records / (middle - start) / 1_000);
  best.source = Math.max(best.source, records / (end - middle) / 1_000);
}
rmSync(folder, { recursive: true });
console.log(`bare loop    ${best.bare.toFixed(2)} M records/s`);
console.log(`file source  ${best.source.toFixed(2)} M records/s`);
console.log(`ratio        ${((100 * best.source) / best.bare).toFixed(0)} %`);
