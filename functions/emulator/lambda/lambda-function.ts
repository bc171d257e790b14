import { MAX_PAYLOAD_BYTES } from '../mapping/batch-queue.ts';
import type { Invocation, Invoke } from '../mapping/invocation.ts';
import { type EnvironmentOptions, ExecutionEnvironment } from './execution-environment.ts';

export type FunctionOptions = EnvironmentOptions & {
  /** How many invocations run at once at most: the reserved concurrency, else as many as this machine should hold. */
  readonly concurrency: number;
  /** Told of each end, for the bill and the log. */
  readonly onInvocation?: (end: Invocation) => void;
};

/** A function: as many execution environments as are needed at once, each used again while it lives. */
export class LambdaFunction {
  readonly #options: FunctionOptions;
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #all = new Set<ExecutionEnvironment>();
  #running = 0;

  constructor(options: FunctionOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.start.functionName;
  }

  /** Above its concurrency a call is throttled and never waits, as on Lambda: whoever calls tries again. */
  readonly invoke: Invoke = async (eventJson) => {
    const end = await this.#run(eventJson);
    this.#options.onInvocation?.(end);
    return end;
  };

  /** Ends what runs at once; whoever waits is told that it crashed. What is called next begins anew. */
  async stop(): Promise<void> {
    await Promise.all([...this.#all].map((environment) => environment.stop()));
  }

  async #run(eventJson: string): Promise<Invocation> {
    const bytes = Buffer.byteLength(eventJson);
    if (bytes > MAX_PAYLOAD_BYTES) {
      const message = `the payload has ${bytes} bytes, and Lambda takes ${MAX_PAYLOAD_BYTES} at most`;
      return { kind: 'failed', reason: 'throttled', message, ms: 0 };
    }
    if (this.#running >= this.#options.concurrency) {
      return { kind: 'failed', reason: 'throttled', message: 'Rate Exceeded: the concurrency of the function', ms: 0 };
    }
    this.#running++;
    try {
      const environment = this.#free() ?? this.#opened();
      const end = await environment.invoke(eventJson);
      if (!environment.gone) this.#idle.push(environment);
      return end;
    } finally {
      this.#running--;
    }
  }

  /** One that waits for work and has not died while it waited. */
  #free(): ExecutionEnvironment | undefined {
    for (let environment = this.#idle.pop(); environment; environment = this.#idle.pop()) {
      if (!environment.gone) return environment;
    }
    return undefined;
  }

  #opened(): ExecutionEnvironment {
    const environment = new ExecutionEnvironment(this.#options);
    this.#all.add(environment);
    void environment.ended.then(() => this.#all.delete(environment));
    return environment;
  }
}
