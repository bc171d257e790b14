import type { OperatorNode } from '../graph/node.ts';
import { createOperator } from '../operator/create-operator.ts';
import type { Operator, OperatorContext, Output, RecordOutput } from '../operator/operator.ts';
import { outputTo } from './output.ts';

/** What a runtime brings to an operator of its chain: all of the operator's context but its outputs. */
export type OperatorSurroundings = Omit<OperatorContext, 'uid' | 'output' | 'side'> & {
  /** The tags of the side outputs that are read. */
  readonly tags: ReadonlySet<string>;
  /** Who reads a side output; undefined asks for the main one. All of them are there already. */
  readonly readersOf: (tag: string | undefined) => readonly Output[];
};

/** Makes the operator of a node with its outputs wired: the main one carries watermarks to the side outputs' readers too. */
export function openOperator(node: OperatorNode, { tags, readersOf, ...context }: OperatorSurroundings): Operator {
  const sides = new Map<string, RecordOutput>();
  const sideReaders = [...tags].flatMap((tag) => {
    const readers = readersOf(tag);
    sides.set(tag, outputTo(readers, []));
    return readers;
  });
  return createOperator(node.operator, {
    ...context,
    uid: node.uid,
    output: outputTo(readersOf(undefined), sideReaders),
    side: (tag) => sides.get(tag) ?? NOBODY,
  });
}

const NOBODY: RecordOutput = { record: () => {} };
