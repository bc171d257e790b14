import { planOf } from '../../core/graph/plan.ts';
import { type Random, seededRandom } from '../../core/port/random.ts';
import { type History, historyOf } from './history.ts';
import { DISORDER_MS, type Item, JOBS, type Numbered, type SimulatedJob, WINDOW_MS } from './job.ts';
import { checkLetters, checkNumbered, checkWindows } from './oracle.ts';
import type { Switches } from './switch.ts';
import { World } from './world.ts';

/** What a seed came to: nothing wrong, or what was. */
export type Outcome = {
  readonly seed: number;
  readonly job: string;
  readonly steps: number;
  readonly faults: readonly string[];
};

/** More steps than this, and the world does not come to rest any more. */
const MAX_STEPS = 60_000;

/** Runs one seed: a job, its input, and all that goes wrong on the way; then compares. */
export async function simulate(seed: number, switches: Switches, trace?: (line: string) => void): Promise<Outcome> {
  const number = seed % JOBS.length;
  const simulated = (JOBS[number] as (typeof JOBS)[number])();
  const stages = planOf(simulated.graph).stages.map(({ name }) => name);
  const history = historyOf(seed, stages, number);
  const world = new World(simulated.graph, history, switches, trace);
  const items = itemsOf(history, seededRandom(seed + 1));
  const end = (items.length + 10) * ITEM_MS;
  await world.start();
  await feed(world, simulated, items, history);
  const all = [...items, ...closing(world, simulated, end)];
  const rest = await comeToRest(world);
  const faults = rest ?? [...check(world, simulated, all, end)];
  return { seed, job: simulated.name, steps: world.scheduler.steps, faults };
}

const ITEM_MS = 1_000;
const KEYS = 6;

function itemsOf({ records }: History, random: Random): readonly Item[] {
  return Array.from({ length: records }, (_, id) => ({
    id,
    key: `k${Math.floor(random.next() * KEYS)}`,
    at: DISORDER_MS + id * ITEM_MS - Math.floor(random.next() * DISORDER_MS),
    bad: random.next() < 0.05,
  }));
}

/** The outside world puts an item now and then, while all else goes on. */
async function feed(world: World, { sources }: SimulatedJob, items: readonly Item[], history: History): Promise<void> {
  for (let next = 0; next < items.length; ) {
    if (world.scheduler.chance(0.3)) put(world, world.scheduler.pick(sources), items[next++] as Item);
    await world.step();
    if (world.failure !== undefined) return;
  }
  for (let i = 0; i < history.records * 4 && world.failure === undefined; i++) await world.step();
}

/** The last items, one into every shard: they say that time has gone on for ever. */
function closing(world: World, { sources }: SimulatedJob, end: number): readonly Item[] {
  const items: Item[] = [];
  for (const source of sources) {
    for (const shard of world.streams.get(source)?.shards ?? []) {
      const item = { id: 10_000 + items.length, key: 'end', at: end + 10 * WINDOW_MS, bad: false };
      items.push(item);
      world.streams.get(source)?.append(shard, bytesOf(item));
    }
  }
  return items;
}

function put(world: World, source: string, item: Item): void {
  const stream = world.streams.get(source);
  if (stream !== undefined) stream.append(world.scheduler.pick(stream.shards), bytesOf(item));
}

function bytesOf(item: Item): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(item));
}

/** Nothing fails any more. Undefined once all is done; else what is wrong. */
async function comeToRest(world: World): Promise<readonly string[] | undefined> {
  world.scheduler.isFaulty = false;
  while (world.failure === undefined && !world.isSettled) {
    if (world.scheduler.steps > MAX_STEPS) return ['it does not come to rest'];
    await world.step();
  }
  return world.failure === undefined ? undefined : [`${world.failure}`];
}

function* check(world: World, { sinks }: SimulatedJob, items: readonly Item[], end: number): Iterable<string> {
  for (const [uid, kind] of Object.entries(sinks)) {
    const sink = world.sinks.get(uid);
    const values = sink?.values ?? [];
    for (const id of sink?.differences ?? []) yield `${id} was written to ${uid} twice, with different records`;
    if (kind === 'numbered') yield* checkNumbered(items, values as readonly Numbered[]);
    else yield* checkWindows(items, values as never, { size: WINDOW_MS, end });
  }
  const hasProcess = Object.values(sinks).includes('numbered');
  const bad = hasProcess ? items : items.filter((item) => !item.bad);
  yield* checkLetters(bad, world.deadLetters.values as readonly { record: unknown }[]);
}
