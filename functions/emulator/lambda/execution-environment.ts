import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../../core/port/clock.ts';
import type { Invocation } from '../mapping/invocation.ts';
import type { EnvironmentAnswer, EnvironmentCall, EnvironmentStart } from './environment-message.ts';

export type EnvironmentOptions = {
  readonly start: EnvironmentStart;
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly onLog: (line: string) => void;
  /** What becomes of a process whose time is over. Lambda stops it, but calls that it has sent may still arrive. */
  readonly afterTimeout: 'stop' | 'let run';
};

const ENTRY = fileURLToPath(new URL(`./environment-entry${extname(fileURLToPath(import.meta.url))}`, import.meta.url));

/** What the start of a handler's module may take, as on Lambda. */
const START_MS = 10_000;

/** Processes that live, so that none outlives this one: an endless loop does not notice that its parent is gone. */
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/**
 * One execution environment of a function: a process that holds its modules and answers one event at a time. A handler
 * that stalls is killed at its time-out, and one that needs more memory than the function has dies; the environment is
 * then gone, as on Lambda. (A worker thread will not do: one that runs out of memory may take the whole process with it.)
 */
export class ExecutionEnvironment {
  readonly #options: EnvironmentOptions;
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();
  #finish: ((end: Invocation) => void) | undefined;
  #gone = false;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    const child = fork(ENTRY, {
      env: { ...options.variables },
      execArgv: [`--max-old-space-size=${options.start.memoryMb}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    living.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface(stream).on('line', options.onLog);
    }
    child.on('message', (answer: EnvironmentAnswer) => this.#answered(answer));
    child.on('error', (error) => this.#died(error.message));
    child.on('exit', (code, signal) => {
      living.delete(child);
      this.#died(signal === null ? `the process ended with code ${code}` : causeOf(signal));
      this.#exited.resolve();
    });
    child.send(options.start);
    this.#ready.promise.catch(() => {});
    this.#child = child;
  }

  /** It cannot be called any more. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Resolves when the process is no more: with one that timed out and runs on, later than it is `gone`. */
  get ended(): Promise<void> {
    return this.#exited.promise;
  }

  /** Runs one event; never rejects. Not to be called while a call is under way. */
  async invoke(eventJson: string): Promise<Invocation> {
    const { clock, timeoutMs } = this.#options;
    const failure = await this.#started();
    if (failure !== undefined) {
      void this.stop();
      return { kind: 'failed', reason: 'crashed', message: `Runtime.InitError: ${failure}`, ms: 0 };
    }
    const from = clock.elapsedMs();
    const end = Promise.withResolvers<Invocation>();
    const cancel = clock.after(timeoutMs, () => this.#timedOut());
    this.#finish = end.resolve;
    if (this.#gone) this.#died('the process ended between two calls');
    const call: EnvironmentCall = { requestId: randomUUID(), eventJson, deadline: Date.now() + timeoutMs };
    if (!this.#gone) this.#child.send(call);
    const outcome = await end.promise;
    cancel();
    this.#finish = undefined;
    return { ...outcome, ms: clock.elapsedMs() - from };
  }

  /** Ends the process at once, whatever it does. */
  async stop(): Promise<void> {
    this.#gone = true;
    this.#child.kill('SIGKILL');
    await this.#exited.promise;
  }

  /** Why the module did not load; undefined where it did. */
  async #started(): Promise<string | undefined> {
    const cancel = this.#options.clock.after(START_MS, () => {
      this.#ready.reject(new Error(`the start of the module takes more than ${START_MS / 1_000} s`));
    });
    try {
      await this.#ready.promise;
      return undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      cancel();
    }
  }

  #answered(answer: EnvironmentAnswer): void {
    switch (answer.kind) {
      case 'ready':
        this.#ready.resolve();
        break;
      case 'init failed':
        this.#ready.reject(new Error(answer.message));
        break;
      case 'answered':
        this.#finish?.({ kind: 'answered', json: answer.json, ms: 0 });
        break;
      case 'threw':
        this.#finish?.({ kind: 'failed', reason: 'threw', message: answer.message, ms: 0 });
    }
  }

  #died(why: string): void {
    this.#gone = true;
    this.#ready.reject(new Error(why));
    this.#finish?.({ kind: 'failed', reason: 'crashed', message: `Runtime.ExitError: ${why}`, ms: 0 });
  }

  #timedOut(): void {
    this.#gone = true;
    const seconds = (this.#options.timeoutMs / 1_000).toFixed(2);
    this.#finish?.({ kind: 'failed', reason: 'timed out', message: `Task timed out after ${seconds} seconds`, ms: 0 });
    if (this.#options.afterTimeout === 'stop') void this.stop();
  }
}

/** Node aborts itself where its heap is full. */
function causeOf(signal: NodeJS.Signals): string {
  return signal === 'SIGABRT' ? 'the process aborted, out of memory' : `the process was killed by ${signal}`;
}
