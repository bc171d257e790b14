import { keyGroupsOf } from '../../core/frame/hash-key.ts';
import type { Graph } from '../../core/graph/node.ts';
import { planOf } from '../../core/graph/plan.ts';
import { seededRandom } from '../../core/port/random.ts';
import { decodeRow } from '../../core/task/row-codec.ts';
import { StageRuntime } from '../../core/task/stage-runtime.ts';
import { topologyLogOf } from '../../core/task/task-name.ts';
import { startJob, type Topology } from '../../core/task/topology.ts';
import type { History } from './history.ts';
import { type Life, Scheduler } from './scheduler.ts';
import { type SimulatedShard, SimulatedSink, SimulatedStore, SimulatedStream, SimulatedTable } from './service.ts';
import type { Switches } from './switch.ts';

/** An instance of a stage's function: one call at a time, memory in between, until it is killed. */
type Instance = { life: Life; runtime: StageRuntime; busy: Invocation | undefined };

type Invocation = {
  readonly instance: Instance;
  readonly stage: string;
  /** Absent: a tick. */
  readonly reading?: Reading;
  readonly upTo: number;
  /** The poller has given up on it, and it still runs. */
  isZombie: boolean;
};

/** What the event source mapping of a shard knows. */
type Reading = { readonly shard: SimulatedShard; next: number; call: Invocation | undefined; restUntil: number };

const INSTANCES = 3;
const DAY_MS = 86_400_000;
const TIMEOUT_MS = 60_000;

/**
 * A whole deployment in one process: streams, table, store, functions whose instances come and go, and event source
 * mappings that give every shard's entries in order and again, cut differently, until a call has succeeded.
 */
export class World {
  readonly scheduler: Scheduler;
  readonly table: SimulatedTable;
  readonly store: SimulatedStore;
  readonly streams = new Map<string, SimulatedStream>();
  readonly sinks = new Map<string, SimulatedSink>();
  readonly deadLetters: SimulatedSink;
  readonly #graph: Graph;
  readonly #history: History;
  readonly #switches: Switches;
  readonly #readings = new Map<string, readonly Reading[]>();
  readonly #instances = new Map<string, Instance[]>();
  #lives = 0;
  #running = 0;
  /** What a call threw that is no answer of a service: a bug. */
  failure: unknown;

  constructor(graph: Graph, history: History, switches: Switches, trace?: (line: string) => void) {
    this.#graph = graph;
    this.#history = history;
    this.#switches = switches;
    this.scheduler = new Scheduler(history.seed, history.faults, trace);
    this.table = new SimulatedTable(this.scheduler, switches.conditionalPut);
    this.store = new SimulatedStore(this.scheduler);
    this.deadLetters = new SimulatedSink(this.scheduler, 'dead letters');
    for (const { name } of planOf(graph).stages) {
      const shards = history.shards[name] ?? 1;
      const stream = new SimulatedStream(this.scheduler, name, { ...history.stream, shards });
      this.streams.set(name, stream);
      this.#readings.set(
        name,
        stream.shards.map((shard) => ({ shard, next: 0, call: undefined, restUntil: 0 })),
      );
    }
    for (const { kind, uid } of graph.nodes)
      if (kind === 'sink') this.sinks.set(uid, new SimulatedSink(this.scheduler, uid));
    for (const name of this.streams.keys()) {
      this.#instances.set(
        name,
        Array.from({ length: INSTANCES }, () => this.#newInstance(name)),
      );
    }
  }

  async start(): Promise<void> {
    const stages: Record<string, Topology['stages'][string]> = {};
    for (const [stage, { shards }] of this.streams) {
      stages[stage] = shards.flatMap((shard) => {
        const range = keyGroupsOf(shard, this.#graph.settings.maxParallelism);
        return range === undefined ? [] : [{ id: shard.id, range }];
      });
    }
    const life: Life = { name: 'start', dead: false };
    const started = startJob(
      this.table.portOf(life),
      { name: this.#graph.name, incarnation: 1, writer: 'start' },
      { stages },
    );
    this.scheduler.isFaulty = false;
    while (this.scheduler.hasWork) await this.scheduler.step();
    this.scheduler.isFaulty = true;
    await started;
  }

  /** One thing happens: something fails, a call begins, or one goes on. */
  async step(): Promise<void> {
    const { scheduler } = this;
    const { kill, zombie, sleep, tick, collect } = this.#history.events;
    if (scheduler.isFaulty) {
      if (scheduler.chance(kill)) this.#kill();
      if (scheduler.chance(zombie)) this.#timeOut();
      if (scheduler.chance(sleep)) this.#sleep();
      if (scheduler.chance(collect)) this.#collect();
    }
    if (scheduler.chance(tick)) this.tick();
    if (scheduler.chance(0.2) || this.#running === 0) this.#deliver();
    await scheduler.step();
  }

  /** Every stage has been given all that its shards hold, and every call has ended. */
  get isSettled(): boolean {
    const isRead = [...this.#readings.values()]
      .flat()
      .every(({ shard, next, call }) => next === shard.entries.length && !call);
    return isRead && this.#running === 0 && !this.scheduler.hasWork;
  }

  tick(): void {
    const stage = this.scheduler.pick([...this.streams.keys()]);
    this.#tick(stage, this.scheduler.pick(this.streams.get(stage)?.shards ?? []));
  }

  /** Ticks every task, one after the other. */
  async tickAll(): Promise<void> {
    for (const [stage, { shards }] of this.streams) {
      for (const shard of shards) {
        this.#tick(stage, shard);
        while (this.#running > 0) await this.scheduler.step();
      }
    }
  }

  #tick(stage: string, shard: SimulatedShard): void {
    const instance = this.#freeInstance(stage);
    if (instance === undefined) return;
    this.scheduler.log(`${instance.life.name} ticks ${stage}/${shard.id}`);
    const invocation: Invocation = { instance, stage, upTo: 0, isZombie: false };
    this.#run(invocation, () => instance.runtime.tick(shard.id, this.scheduler.now + TIMEOUT_MS));
  }

  #deliver(): void {
    const { scheduler } = this;
    const ready = [...this.#readings].flatMap(([stage, readings]) =>
      readings
        .filter(
          ({ call, next, shard, restUntil }) => !call && next < shard.entries.length && restUntil <= scheduler.now,
        )
        .map((reading) => ({ stage, reading })),
    );
    if (ready.length === 0) {
      if (this.#running === 0) scheduler.sleep(1_000);
      return;
    }
    const { stage, reading } = scheduler.pick(ready);
    const instance = this.#freeInstance(stage);
    if (instance === undefined) return;
    const { shard, next } = reading;
    const upTo = Math.min(shard.entries.length, next + scheduler.integer(1, this.#history.batch));
    shard.delivered = Math.max(shard.delivered, upTo);
    const entries = shard.entries.slice(next, upTo);
    scheduler.log(`${instance.life.name} is given ${stage}/${shard.id} ${next}..${upTo - 1}`);
    const invocation: Invocation = { instance, stage, reading, upTo, isZombie: false };
    reading.call = invocation;
    const deadline = scheduler.now + (scheduler.chance(0.1) ? 0 : TIMEOUT_MS);
    this.#run(invocation, async () => {
      const left = await instance.runtime.batch(shard.id, entries, deadline);
      const done = left === undefined ? upTo : next + entries.findIndex(({ sequence }) => sequence === left);
      if (reading.call === invocation) reading.next = Math.max(reading.next, done);
    });
  }

  #run(invocation: Invocation, work: () => Promise<void>): void {
    const { instance, reading } = invocation;
    const { life } = instance;
    instance.busy = invocation;
    this.#running++;
    const ended = (outcome: string) => {
      if (life.dead) return;
      this.scheduler.log(`${life.name} ends: ${outcome}`);
      instance.busy = undefined;
      this.#running--;
      if (reading?.call === invocation) reading.call = undefined;
    };
    work().then(
      () => ended('well'),
      (error: Error) => {
        if (life.dead) return;
        if (error.name !== 'RetryableError' && error.name !== 'UnansweredError') this.failure ??= error;
        if (reading !== undefined) reading.restUntil = this.scheduler.now + 500;
        ended(error.message);
      },
    );
  }

  #freeInstance(stage: string): Instance | undefined {
    const free = (this.#instances.get(stage) ?? []).filter(({ busy }) => busy === undefined);
    return free.length === 0 ? undefined : this.scheduler.pick(free);
  }

  #busy(): readonly Instance[] {
    return [...this.#instances.values()].flat().filter(({ busy }) => busy !== undefined);
  }

  /** A process dies; a new one takes its place when it is called. */
  #kill(): void {
    const busy = this.#busy();
    if (busy.length > 0) this.#replace(this.scheduler.pick(busy));
  }

  #replace(instance: Instance): void {
    const { busy, life } = instance;
    this.scheduler.log(`${life.name} is killed`);
    this.scheduler.kill(life);
    if (busy !== undefined) {
      this.#running--;
      if (busy.reading?.call === busy) busy.reading.call = undefined;
      instance.busy = undefined;
    }
    const [stage] = life.name.split('#') as [string];
    Object.assign(instance, this.#newInstance(stage));
  }

  /** The poller waits no longer for a call, and gives the batch to another instance, while the first still runs. */
  #timeOut(): void {
    const busy = this.#busy().filter(({ busy: call }) => call?.reading?.call === call);
    if (busy.length === 0) return;
    const { busy: call, life } = this.scheduler.pick(busy);
    if (call?.reading === undefined) return;
    this.scheduler.log(`${life.name} is given up on, and runs on`);
    call.isZombie = true;
    call.reading.call = undefined;
  }

  /** Instances that run are gone after so long; those that wait keep their memory. */
  #sleep(): void {
    for (const instance of this.#busy()) this.#replace(instance);
    this.scheduler.log('two days go by');
    this.scheduler.sleep(2 * DAY_MS);
  }

  /** Rows below the base of a log go one day after that base was written. */
  #collect(): void {
    for (const [log, rows] of this.table.logs) {
      const head = this.table.sorted(log).at(-1);
      if (head === undefined || log === topologyLogOf(this.#graph.name, 1)) continue;
      const base = decodeRow(head.n, head.body).head.base.n;
      if ((rows.get(base)?.at ?? Number.POSITIVE_INFINITY) + DAY_MS > this.scheduler.now) continue;
      for (const n of [...rows.keys()]) if (n < base) rows.delete(n);
      this.scheduler.log(`rows of ${log} below ${base} are collected`);
    }
  }

  #newInstance(stage: string): Instance {
    const life: Life = { name: `${stage}#${++this.#lives}`, dead: false };
    const inboxes = new Map([...this.streams].map(([name, stream]) => [name, stream.portOf(life)]));
    const runtime = new StageRuntime({
      graph: this.#graph,
      stage,
      incarnation: 1,
      table: this.table.portOf(life),
      objects: this.store.portOf(life),
      inboxes,
      writers: new Map([...this.sinks].map(([uid, sink]) => [uid, sink.portOf(life)])),
      deadLetters: this.deadLetters.portOf(life),
      clock: this.scheduler.clockOf(life, this.scheduler.integer(-2_000, 2_000)),
      random: seededRandom(this.#history.seed * 1_000 + this.#lives),
      limits: { ...this.#history.limits, ...this.#switches.limits },
      parts: this.#switches.parts(this.scheduler),
    });
    return { life, runtime, busy: undefined };
  }
}
