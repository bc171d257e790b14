import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderStore } from '../core/local/folder-store.ts';
import { seededRandom } from '../core/port/random.ts';
import type { BasePointer } from '../core/state/block/base.ts';
import { TaskState } from '../core/state/block/task-state.ts';
import type { StateTable } from '../core/state/state-table.ts';
import { VOID_NAMESPACE } from '../core/state/state-table.ts';
import { CountingStore } from './counting-store.ts';

/**
 * A task with far more state than memory: `node --max-old-space-size=192 --max-semi-space-size=8 bench/state-large.ts [gigabytes]`. Builds the state
 * by commits, opens it cold, and then changes keys at random, a batch at a time, each prefetched, each commit's value
 * checked. A folder is the object store. It does not measure the network.
 */
const GIGABYTES = Number(process.argv[2] ?? 2);
const VALUE_BYTES = 900;
const CELLS = Math.floor((GIGABYTES * 2 ** 30) / (VALUE_BYTES + 100));
const BATCH = 10_000;
const CHANGES = 2_000;
const ROUNDS = Number(process.argv[3] ?? 128);
const range = { first: 0, last: 1023, maxParallelism: 1024 };
const cacheBytes = 64 * 1024 * 1024;

type Value = { readonly count: number; readonly text: Uint8Array };

const folder = await mkdtemp(join(tmpdir(), 'millrace-state-'));
const store = new CountingStore(new FolderStore(folder));
const random = seededRandom(7);
const NOISE = Uint8Array.from({ length: 2 ** 22 }, (_, place) => (place % 2 === 0 ? random.next() * 256 : 0));
let state = await TaskState.open({ store, range, cacheBytes });
let table = tableOf(state);
let base: BasePointer | undefined;
let pending: BasePointer | undefined;
let payloads: string[] = [];
let peak = 0;
let changed = 0;
let rows = 0;

try {
  await timed(`built ${CELLS.toLocaleString('en')} cells of ${VALUE_BYTES} bytes`, build);
  await timed('opened cold', reopen);
  await timed(`changed ${CHANGES} random keys in each of ${ROUNDS} batches`, update);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function build(): Promise<void> {
  for (let first = 0; first < CELLS; first += BATCH) {
    for (let key = first; key < Math.min(CELLS, first + BATCH); key++) {
      table.insert(key, VOID_NAMESPACE, { count: 0, text: noise() });
    }
    changed += BATCH;
    await commit();
  }
}

async function reopen(): Promise<void> {
  pending = undefined;
  state = await TaskState.open({ store, range, cacheBytes, ...(base && { bases: [base] }) });
  for (const name of payloads) state.apply((await store.get(name)) ?? new Uint8Array());
  table = tableOf(state);
}

async function update(): Promise<void> {
  const counts = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const keys = Array.from({ length: CHANGES }, () => Math.floor(random.next() * CELLS));
    if (!(await state.prefetch(new Map([['operator', keys]])))) throw new Error('a batch does not fit the cache');
    for (const key of keys) {
      const cell = table.cell(key, VOID_NAMESPACE);
      if (cell === undefined) throw new Error(`key ${key} is lost`);
      if (cell.value.count !== (counts.get(key) ?? 0)) throw new Error(`key ${key} has a wrong count`);
      counts.set(key, cell.value.count + 1);
      cell.value = { count: cell.value.count + 1, text: noise() };
      table.changed(cell);
    }
    changed += keys.length;
    await commit();
  }
}

async function commit(): Promise<void> {
  const delta = state.takeDelta();
  state.committed(pending);
  if (pending !== undefined) {
    base = pending;
    payloads = [];
  }
  await store.put(`payloads/${rows}`, delta);
  payloads.push(`payloads/${rows}`);
  pending = undefined;
  rows++;
  peak = Math.max(peak, process.memoryUsage.rss());
  if (state.wantsCompaction) pending = await state.compact(`blocks/${rows}`);
  peak = Math.max(peak, process.memoryUsage.rss());
}

function tableOf(of: TaskState): StateTable<Value> {
  return of.backendOf('operator').table<Value>({ name: 'values' });
}

/** Bytes of which about two thirds are left after compression. */
function noise(): Uint8Array {
  const start = Math.floor(random.next() * (NOISE.length - VALUE_BYTES));
  return NOISE.slice(start, start + VALUE_BYTES);
}

async function timed(what: string, run: () => Promise<void>): Promise<void> {
  const [puts, putBytes, gets, getBytes] = [store.puts, store.putBytes, store.gets, store.getBytes];
  const cpuBefore = process.cpuUsage();
  const [before, rowsBefore, changedBefore] = [performance.now(), rows, changed];
  await run();
  const seconds = (performance.now() - before) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const [batches, cells] = [rows - rowsBefore, changed - changedBefore];
  const perBatch =
    batches === 0 ? '' : `${((store.puts - puts) / batches).toFixed(3)} puts a batch beside its own row, `;
  const perCell = cells === 0 ? '' : `${((user + system) / cells).toFixed(1)} µs of CPU a cell, `;
  process.stdout.write(
    `${what}: ${seconds.toFixed(1)} s, ${perCell}${perBatch}` +
      `${mib(store.putBytes - putBytes)} MiB written, ${store.gets - gets} reads of ${mib(store.getBytes - getBytes)} MiB, ` +
      `base ${mib(state.size.baseBytes)} MiB, peak RSS ${mib(peak)} MiB\n`,
  );
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
