import type { DeadLetter } from '../chain/dead-letter.ts';
import type { FileSystem } from '../connector/file/file-system.ts';
import type { ByteInput } from '../port/byte-input.ts';
import type { Clock } from '../port/clock.ts';
import type { TextOutput } from '../port/text-output.ts';

/** What connectors may use of the machine; what is absent, this run has not. */
export type MachinePorts = { readonly files?: FileSystem; readonly input?: ByteInput; readonly output?: TextOutput };

/** What all parts of one subtask share. */
export type Environment = {
  readonly clock: Clock;
  readonly ports: MachinePorts;
  readonly baseFolder: string;
  readonly incarnation: number;
  readonly signal: AbortSignal;
  readonly deadLetter: (letter: DeadLetter) => void;
  /** The loop has something to do. */
  readonly wake: () => void;
  /** Measure how long each operator takes. */
  readonly timed: boolean;
};
