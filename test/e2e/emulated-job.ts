import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { type Attributes, recordOf } from '../../core/connector/aws/attribute-value.ts';
import { runLocal } from '../../core/local/run-local.ts';
import { seededRandom } from '../../core/port/random.ts';
import { MemoryStore } from '../../core/testing/memory-store.ts';
import { loadJob } from '../../functions/cli/load-job.ts';
import { type PreparedStack, runStack, type UpOptions, type UpStack } from '../../functions/cli/up/run-stack.ts';
import { folderLines } from '../local/folder-lines.ts';

export const PAGE_VIEWS = fileURLToPath(new URL('./fixture/page-views.yaml', import.meta.url));

/** The same behind a filter that kills its process at the page `/kill`. */
export const WITH_KILLER = fileURLToPath(new URL('./fixture/with-killer.yaml', import.meta.url));

export type Row = Readonly<Record<string, unknown>>;

export const START = Date.UTC(2026, 0, 1);

/** Clicks in nearly the order of their time, and one an hour after the last that ends all windows before it. */
export function clicks(count: number): readonly object[] {
  const random = seededRandom(1);
  const below = (limit: number) => Math.floor(random.next() * limit);
  const some = Array.from({ length: count }, (_, n) => ({
    page: `/page-${below(40)}`,
    user: `user-${below(1_000)}`,
    ms: below(500),
    at: START + n * 30 + below(4_000),
  }));
  return [...some, { page: '/end', user: 'nobody', ms: 0, at: START + count * 30 + 3_600_000 }];
}

/** A file with a line for each record, for one test. */
export async function fileOf(records: readonly object[]): Promise<string> {
  const file = join(await newFolder(), 'input.jsonl');
  await writeFile(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return file;
}

/** What the page views are on the local runtime, in order. */
export async function localPageViews(clicksFile: string): Promise<readonly Row[]> {
  const folder = await newFolder();
  const output = join(folder, 'out');
  const { job, module } = await loadJob(PAGE_VIEWS, { sources: { clicks: clicksFile }, sinks: { table: output } });
  await (await runLocal(job.graph, { baseFolder: folder, store: new MemoryStore(), module })).done;
  return inOrder((await folderLines(output)).map((line) => JSON.parse(line) as Row));
}

/** A stack on emulators, ended with the test. */
export async function emulated(prepared: PreparedStack, stack: UpOptions['stack'] = {}) {
  const log: string[] = [];
  const onLog = (name: string, line: string) => log.push(`${name} ${line}`);
  const running = await runStack(prepared, { onResult: () => {}, stack: { onLog, ...stack } });
  onTestFinished(() => running.stack.stop());
  return { ...running, log };
}

/** The page views that are in the table, in order, without the version that the sink keeps in each. */
export async function pageViews({ stack }: UpStack): Promise<readonly Row[]> {
  const items: Row[] = [];
  let ExclusiveStartKey: unknown;
  do {
    const more = ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey };
    const page = await stack.aws.dynamodb.call('Scan', { TableName: 'PageViews', ...more });
    for (const item of page.Items as readonly Attributes[]) {
      const { _version, ...row } = recordOf(item);
      items.push(row);
    }
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return inOrder(items);
}

/** Waits for as many rows as are expected; a row too many or another one is found by the comparison after it. */
export async function expectRows(running: UpStack, expected: readonly Row[]): Promise<void> {
  const count = async () => (await pageViews(running)).length;
  await expect.poll(count, { timeout: 120_000, interval: 200 }).toBe(expected.length);
  expect(await pageViews(running)).toEqual(expected);
}

/** By window and page, without the window that only ended the others. */
export function inOrder(rows: readonly Row[]): readonly Row[] {
  const key = ({ page, windowStart }: Row) => `${windowStart} ${page}`;
  return rows.filter(({ page }) => page !== '/end').toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-e2e-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
