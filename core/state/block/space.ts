import { ByteWriter } from '../../codec/byte-writer.ts';
import { murmur3 } from '../../codec/murmur3.ts';

/** One table, timer queue or operator list of one operator: a part of the task's state with a name of its own. */
export type Space = { readonly kind: SpaceKind; readonly uid: string; readonly name: string };

export const SPACE_KINDS = ['table', 'event timers', 'processing timers', 'list'] as const;
export type SpaceKind = (typeof SPACE_KINDS)[number];

/** A number that stands for a space in the keys of blocks: the same in every task and version of a job. */
export function spaceId({ kind, uid, name }: Space): number {
  const out = new ByteWriter();
  out.byte(SPACE_KINDS.indexOf(kind));
  out.text(uid);
  out.text(name);
  return murmur3(out.take());
}
