import { JobSpecError } from '../error/error.ts';
import type { Draft, DraftInput, DraftOperator, GraphBuilder } from '../graph/graph-builder.ts';
import type { Partitioning } from '../graph/node.ts';
import type { OperatorDescriptor } from '../operator/descriptor.ts';
import type { KeySelector } from '../operator/key-selector.ts';

/** What a stream is underneath: where its records come from, and how they are to be handed on. */
export class Wiring {
  readonly builder: GraphBuilder;
  readonly inputs: readonly DraftInput[];

  constructor(builder: GraphBuilder, inputs: readonly DraftInput[]) {
    this.builder = builder;
    this.inputs = inputs;
  }

  /** The output of a node. */
  static of(builder: GraphBuilder, from: Draft, output?: string): Wiring {
    return new Wiring(builder, [{ from, ...(output !== undefined && { output }) }]);
  }

  /** The same records, handed on otherwise. */
  partitioned(partitioning: Partitioning): Wiring {
    return new Wiring(
      this.builder,
      this.inputs.map((input) => ({ ...input, partitioning })),
    );
  }

  keyed(key: KeySelector): Wiring {
    return this.partitioned({ kind: 'hash', key });
  }

  /** @throws JobSpecError where the other belongs to another job. */
  and(other: Wiring): Wiring {
    this.#expectSameJob(other);
    return new Wiring(this.builder, [...this.inputs, ...other.inputs]);
  }

  operator(operator: OperatorDescriptor, description?: string): DraftOperator {
    return this.builder.operator({ operator, inputs: this.inputs, ...(description !== undefined && { description }) });
  }

  /** An operator of two inputs: this one and another. */
  operatorWith(other: Wiring, operator: OperatorDescriptor, description?: string): DraftOperator {
    this.#expectSameJob(other);
    const inputs = [...this.inputs, ...other.inputs.map((input) => ({ ...input, port: 1 }))];
    return this.builder.operator({ operator, inputs, ...(description !== undefined && { description }) });
  }

  #expectSameJob({ builder }: Wiring): void {
    if (builder === this.builder) return;
    const message = 'two streams of different jobs cannot meet; begin both from the same job(…)';
    throw new JobSpecError([{ path: 'job', message }]);
  }
}
