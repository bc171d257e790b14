import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { RetryableError } from '../error/error.ts';
import type { NodeMetrics } from './local-metrics.ts';
import { receiveError } from './sent-error.ts';
import type { SubtaskOptions, SubtaskPart } from './subtask.ts';
import type { SubtaskHandle } from './subtask-handle.ts';
import type { WorkerAnswer, WorkerCall, WorkerNews, WorkerStart } from './worker-message.ts';

/** Starts a worker for each subtask; resolves when all are open. */
export async function startWorkers(
  options: Omit<SubtaskOptions, 'index' | 'connect'>,
  module: URL,
): Promise<readonly SubtaskHandle[]> {
  const { parallelism } = options.layout;
  const ports = portsBetween(parallelism);
  const workers = ports.map((own, index) => new WorkerHandle(options, { module, index, ports: own }));
  try {
    await Promise.all(workers.map((worker) => worker.opened));
  } catch (error) {
    await Promise.all(workers.map((worker) => worker.close()));
    throw error;
  }
  return workers;
}

/** A message port between every two workers: `ports[i].get(j)` is the end that worker i holds of the one to worker j. */
function portsBetween(count: number): readonly Map<number, MessagePort>[] {
  const ports = Array.from({ length: count }, () => new Map<number, MessagePort>());
  for (let one = 0; one < count; one++) {
    for (let other = one + 1; other < count; other++) {
      const { port1, port2 } = new MessageChannel();
      ports[one]?.set(other, port1);
      ports[other]?.set(one, port2);
    }
  }
  return ports;
}

const ENTRY = new URL(`./worker-entry${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

type Place = { readonly module: URL; readonly index: number; readonly ports: Map<number, MessagePort> };
type Waiting = { readonly resolve: (answer: WorkerAnswer) => void; readonly reject: (error: unknown) => void };

/** A subtask in a worker thread. Its death is a failure of the run, never a silence. */
class WorkerHandle implements SubtaskHandle {
  readonly opened: Promise<void>;
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  readonly #options: Omit<SubtaskOptions, 'index' | 'connect'>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #open = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<void>();
  #calls = 0;
  #closing = false;

  constructor(options: Omit<SubtaskOptions, 'index' | 'connect'>, { module, index, ports }: Place) {
    this.#options = options;
    this.opened = this.#open.promise;
    this.ended = this.#end.promise;
    this.ended.catch(() => undefined);
    const { environment, layout, restored, allowDroppedState } = options;
    const { input } = environment.ports;
    const start: WorkerStart = {
      module: module.href,
      index,
      parallelism: layout.parallelism,
      baseFolder: environment.baseFolder,
      incarnation: environment.incarnation,
      timed: environment.timed,
      allowDroppedState,
      restored,
      ports,
    };
    const stdin = index === 0 && input !== undefined;
    this.#worker = new Worker(ENTRY, {
      workerData: start,
      transferList: [...ports.values()],
      stdin,
      name: `millrace-${index}`,
    });
    this.#worker.on('message', (news: WorkerNews) => this.#heard(news));
    this.#worker.on('error', (error) => this.#failed(error));
    this.#worker.on('exit', (code) => this.#exited(index, code));
  }

  addSplits(...[uid, splits, complete]: Parameters<SubtaskHandle['addSplits']>): void {
    this.#post({ call: 'addSplits', uid, splits, complete });
  }

  async pause(): Promise<void> {
    await this.#ask({ call: 'pause' });
  }

  resume(): void {
    this.#post({ call: 'resume' });
  }

  async rest(): Promise<void> {
    await this.#ask({ call: 'rest' });
  }

  async drain(level: number): Promise<void> {
    await this.#ask({ call: 'drain', level });
  }

  async finish(level: number): Promise<void> {
    await this.#ask({ call: 'finish', level });
  }

  async snapshot(): Promise<SubtaskPart> {
    return (await this.#ask({ call: 'snapshot' })) as SubtaskPart;
  }

  async metrics(): Promise<readonly NodeMetrics[]> {
    return (await this.#ask({ call: 'metrics' })) as readonly NodeMetrics[];
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    const failed = await Promise.race([
      this.ended.then(
        () => false,
        () => true,
      ),
      Promise.resolve(false),
    ]);
    this.#closing = true;
    if (!failed) await this.#closeItself();
    await this.#worker.terminate();
  }

  /** A worker in an endless loop of the user's does not answer; it is ended all the same. */
  async #closeItself(): Promise<void> {
    const closed = this.#ask({ call: 'close' });
    await new Promise<void>((resolve) => {
      const cancel = this.#options.environment.clock.after(CLOSE_GRACE_MS, resolve);
      const ended = () => {
        cancel();
        resolve();
      };
      closed.then(ended, ended);
    });
  }

  #ask(call: { call: string; level?: number }): Promise<WorkerAnswer> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#post({ id, ...call } as WorkerCall);
    });
  }

  #post(call: WorkerCall): void {
    this.#worker.postMessage(call);
  }

  #heard(news: WorkerNews): void {
    switch (news.kind) {
      case 'open':
        this.#open.resolve();
        return;
      case 'answer':
        this.#waiting.get(news.id)?.resolve(news.answer);
        this.#waiting.delete(news.id);
        return;
      case 'refused':
        this.#waiting.get(news.id)?.reject(receiveError(news.error));
        this.#waiting.delete(news.id);
        return;
      case 'failed':
        this.#failed(receiveError(news.error));
        return;
      case 'sourcesEnded':
        this.#options.sourcesEnded();
        return;
      case 'deadLetter':
        this.#options.environment.deadLetter(news.letter);
        return;
      case 'readsInput':
        this.#sendInput();
    }
  }

  /** Begun only by a job that reads it: an open standard input keeps the process alive. */
  #sendInput(): void {
    const { input } = this.#options.environment.ports;
    if (input !== undefined && this.#worker.stdin !== null) Readable.from(input).pipe(this.#worker.stdin);
  }

  #exited(index: number, code: number): void {
    if (this.#closing) this.#end.resolve();
    else this.#failed(new RetryableError(`worker ${index} ended with code ${code}; resume from the last checkpoint`));
    for (const { reject } of this.#waiting.values()) reject(new RetryableError(`worker ${index} is gone`));
    this.#waiting.clear();
  }

  #failed(error: unknown): void {
    this.#open.reject(error);
    this.#end.reject(error);
  }
}

/** How long a worker may take to close its files before it is ended. */
const CLOSE_GRACE_MS = 5_000;
