import type { Operator, Output, RecordOutput } from '../operator/operator.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { WatermarkValve } from '../time/watermark-valve.ts';

/** What stands between an operator and those that read from it. Where one reads, as a rule nothing does. */

/** The only channel of an operator whose input is not the operator itself. */
class PortOutput implements Output {
  readonly #input: RecordOutput;
  readonly #operator: Operator;

  constructor(input: RecordOutput, operator: Operator) {
    this.#input = input;
    this.#operator = operator;
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.#input.record(value, timestamp);
  }

  watermark(at: Timestamp): void {
    this.#operator.watermark(at);
  }

  idle(isIdle: boolean): void {
    this.#operator.idle(isIdle);
  }
}

/** One of several channels of an operator: records go straight in, watermarks through the valve. */
export class ChannelOutput implements Output {
  readonly #input: RecordOutput;
  readonly #valve: WatermarkValve;
  readonly #channel: number;

  constructor(input: RecordOutput, valve: WatermarkValve, channel: number) {
    this.#input = input;
    this.#valve = valve;
    this.#channel = channel;
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.#input.record(value, timestamp);
  }

  watermark(at: Timestamp): void {
    this.#valve.watermark(this.#channel, at);
  }

  idle(isIdle: boolean): void {
    this.#valve.idle(this.#channel, isIdle);
  }
}

/** Several readers: records to those of the main output, watermarks to those of side outputs too. */
export class FanOut implements Output {
  readonly #readers: readonly Output[];
  readonly #all: readonly Output[];

  constructor(readers: readonly Output[], all: readonly Output[]) {
    this.#readers = readers;
    this.#all = all;
  }

  record(value: unknown, timestamp: Timestamp): void {
    for (let i = 0; i < this.#readers.length; i++) (this.#readers[i] as Output).record(value, timestamp);
  }

  watermark(at: Timestamp): void {
    for (const reader of this.#all) reader.watermark(at);
  }

  idle(isIdle: boolean): void {
    for (const reader of this.#all) reader.idle(isIdle);
  }
}

/** The output that `main` and the readers of side outputs make together. */
export function outputTo(main: readonly Output[], sides: readonly Output[]): Output {
  const only = main[0];
  return main.length === 1 && sides.length === 0 && only !== undefined ? only : new FanOut(main, [...main, ...sides]);
}

/** What hands records to one input of an operator and watermarks to the operator, with nothing in between where it can. */
export function directTo(operator: Operator, input: RecordOutput): Output {
  return isOutput(input, operator) ? input : new PortOutput(input, operator);
}

/** An operator of one input is its own input, and takes watermarks too. */
function isOutput(input: RecordOutput, operator: Operator): input is RecordOutput & Operator {
  return (input as unknown) === operator;
}
