import type { SplitSnapshot, SubtaskSnapshot } from '../checkpoint/checkpoint.ts';
import type { SourceContext } from '../connector/source.ts';
import type { SourceNode } from '../graph/node.ts';

/**
 * The splits of one source, and who reads which: the k-th split that was found is read by subtask k modulo how many there
 * are. One place finds them, so that no two subtasks read one, and none is left out.
 */
export class SplitAssigner {
  readonly node: SourceNode;
  readonly #parallelism: number;
  readonly #known = new Set<string>();
  #next = 0;

  constructor(node: SourceNode, parallelism: number) {
    this.node = node;
    this.#parallelism = parallelism;
  }

  /** Whether more splits may come later. */
  get isComplete(): boolean {
    return this.node.source.bounded || this.node.source.discoverEveryMs === undefined;
  }

  /** Splits of a checkpoint, with how far they were read, by subtask. */
  restore(subtasks: readonly SubtaskSnapshot[]): readonly (readonly SplitSnapshot[])[] {
    const before = subtasks.flatMap(({ sources }) => sources.filter(({ uid }) => uid === this.node.uid));
    return this.#assign(before.flatMap(({ splits }) => splits));
  }

  /** Splits that are new since the last time, by subtask. */
  async discover(context: SourceContext): Promise<readonly (readonly SplitSnapshot[])[]> {
    const found = await this.node.source.splits(context, this.#parallelism);
    return this.#assign(
      found.filter(({ id }) => !this.#known.has(id)).map(({ id, split }) => ({ id, split, ended: false })),
    );
  }

  #assign(splits: readonly SplitSnapshot[]): readonly (readonly SplitSnapshot[])[] {
    const shares: SplitSnapshot[][] = Array.from({ length: this.#parallelism }, () => []);
    for (const split of splits) {
      if (this.#known.has(split.id)) continue;
      this.#known.add(split.id);
      shares[this.#next++ % this.#parallelism]?.push(split);
    }
    return shares;
  }
}
