/** The services that are emulated, by the names of their endpoints. */
export type ServiceName = 'kinesis' | 'dynamodb' | 's3' | 'sqs' | 'sns' | 'events' | 'firehose' | 'lambda';

export type Input = Readonly<Record<string, unknown>>;

/** A call as it arrived, before anything is done. */
export type ServiceCall = {
  readonly service: ServiceName;
  /** The name of AWS's API: `PutRecords`, `GetObject`. */
  readonly operation: string;
  readonly input: Input;
  /** Who calls: the access key of the signature. */
  readonly accessKey: string;
};

/**
 * What becomes of a call. `lose-request`: the connection breaks and nothing happened; `lose-reply`: it breaks after it
 * happened; `partly`: of a batch every second entry is refused, as a throttled shard or partition does.
 */
export type Verdict = 'answer' | 'lose-request' | 'lose-reply' | 'partly';

/**
 * Sees every call first: counts it, checks the caller's role, injects a fault. It refuses a call by throwing a
 * ServiceError, and makes one late by resolving late.
 */
export type Gate = (call: ServiceCall) => Verdict | Promise<Verdict>;

export const openGate: Gate = () => 'answer';

/** Told of every call that was done and of its answer, also where the reply is lost. */
export type Observe = (call: ServiceCall, answer: object) => void;

/** All gates in turn; the first verdict that is no plain answer stands. */
export function gatesInTurn(gates: readonly Gate[]): Gate {
  return async (call) => {
    for (const gate of gates) {
      const verdict = await gate(call);
      if (verdict !== 'answer') return verdict;
    }
    return 'answer';
  };
}
