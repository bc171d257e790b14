import { RetryableError } from '../error/error.ts';
import type { JobSettings } from '../graph/node.ts';
import type { Timestamp } from '../time/timestamp.ts';

/** A record that could not be handled, or a piece of input that could not be decoded. */
export type DeadLetter = {
  /** The uid of the source or operator that could not. */
  readonly operator: string;
  readonly reason: string;
  readonly stack?: string;
  /** The record; the raw text of what could not be decoded. */
  readonly record: unknown;
  /** Absent where it has none. */
  readonly timestamp?: Timestamp;
  /** Where it stood, such as `clicks.jsonl:17`; absent where that is not known. */
  readonly place?: string;
};

/** Takes dead letters. Law: what was written is durable once `flush` has resolved. */
export interface DeadLetterWriter {
  write(letter: DeadLetter): void;
  flush(): Promise<void>;
}

/** What is done with a dead letter: it is written, unless the job says that the first one is to stop it. */
export function handlerOf(
  { onPoison }: Pick<JobSettings, 'onPoison'>,
  write: (letter: DeadLetter) => void,
): (letter: DeadLetter) => void {
  if (onPoison === 'deadLetter') return write;
  return (letter) => {
    const { operator, reason, place } = letter;
    const where = place === undefined ? operator : `${operator}: ${place}`;
    const way = 'mend it and resume, or leave the setting out';
    throw new RetryableError(`${where}: ${reason}; the job says onPoison: stop: ${way}`, { cause: letter });
  };
}

/** A letter whose record cannot be written or sent as it is (it holds a function, or itself) has it as text. */
export function withTextRecord(letter: DeadLetter): DeadLetter {
  return { ...letter, record: textOf(letter.record) };
}

function textOf(record: unknown): string {
  try {
    return String(record);
  } catch {
    return `a record of type ${typeof record} that cannot be shown`;
  }
}
