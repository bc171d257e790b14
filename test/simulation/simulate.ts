import { planOf } from '../../core/graph/plan.ts';
import { type Random, seededRandom } from '../../core/port/random.ts';
import { type History, historyOf } from './history.ts';
import { DISORDER_MS, JOBS, type SimulatedJob, WINDOW_MS } from './job.ts';
import { checkLetters, type Input, type Item } from './oracle.ts';
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
  const simulated = (JOBS[seed % JOBS.length] as (typeof JOBS)[number])();
  const stages = planOf(simulated.graph).stages.map(({ name }) => name);
  const history = historyOf(seed, stages);
  const world = new World(simulated.graph, history, switches, trace);
  const input = new Map<string, Item[]>(simulated.sources.map((source) => [source, []]));
  await world.start();
  await feed(world, input, itemsOf(history, seededRandom(seed + 1)));
  for (let i = 0; i < history.records * 4 && world.failure === undefined; i++) await world.step();
  const end = (history.records + 10) * ITEM_MS;
  close(world, input, end);
  const tasks = history.shards[stages.at(-1) as string] ?? 1;
  const faults = (await comeToRest(world)) ?? [...check(world, simulated, { items: input, end, tasks })];
  return { seed, job: simulated.graph.name, steps: world.scheduler.steps, faults };
}

const ITEM_MS = 1_000;
const KEYS = 6;
const MINUTE_MS = 60_000;

function itemsOf({ records }: History, random: Random): readonly Item[] {
  return Array.from({ length: records }, (_, id) => ({
    id,
    key: `k${Math.floor(random.next() * KEYS)}`,
    at: DISORDER_MS + id * ITEM_MS - Math.floor(random.next() * DISORDER_MS),
    bad: random.next() < 0.05,
  }));
}

/** The outside world puts an item into one of the sources now and then, while all else goes on. */
async function feed(world: World, input: ReadonlyMap<string, Item[]>, items: readonly Item[]): Promise<void> {
  for (let next = 0; next < items.length && world.failure === undefined; ) {
    if (world.scheduler.chance(0.3)) {
      const [source, put] = world.scheduler.pick([...input]);
      const item = items[next++] as Item;
      const stream = world.streams.get(source);
      stream?.append(world.scheduler.pick(stream.shards), bytesOf(item));
      put.push(item);
    }
    await world.step();
  }
}

/** The last items, one into every shard of every source: they say that time has gone on for ever. */
function close(world: World, input: ReadonlyMap<string, Item[]>, end: number): void {
  let id = 10_000;
  for (const [source, put] of input) {
    for (const shard of world.streams.get(source)?.shards ?? []) {
      const item = { id: id++, key: `end ${source}`, at: end + 10 * WINDOW_MS, bad: false };
      world.streams.get(source)?.append(shard, bytesOf(item));
      put.push(item);
    }
  }
}

function bytesOf(item: Item): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(item));
}

/**
 * Nothing fails any more, and the coordinator looks after every task as it does once a minute. Undefined once all is done;
 * else what is wrong.
 */
async function comeToRest(world: World): Promise<readonly string[] | undefined> {
  world.scheduler.isFaulty = false;
  for (let minute = 0; minute < 3; minute++) {
    while (world.failure === undefined && !world.isSettled) {
      if (world.scheduler.steps > MAX_STEPS) return ['it does not come to rest'];
      await world.step();
    }
    world.scheduler.sleep(MINUTE_MS);
    if (world.failure === undefined && minute < 2) await world.tickAll();
  }
  return world.failure === undefined ? undefined : [`${world.failure}`];
}

function* check(world: World, { checks, across, hasLetters }: SimulatedJob, input: Input): Iterable<string> {
  const valuesOf = (sink: string) => world.sinks.get(sink)?.values ?? [];
  for (const [uid, compare] of Object.entries(checks)) {
    for (const id of world.sinks.get(uid)?.differences ?? [])
      yield `${id} came to ${uid} twice, with different records`;
    yield* compare(input, valuesOf(uid));
  }
  yield* across?.(valuesOf) ?? [];
  const bad = hasLetters ? [...input.items.values()].flat().filter((item) => item.bad) : [];
  yield* checkLetters(bad, world.deadLetters.values);
}
