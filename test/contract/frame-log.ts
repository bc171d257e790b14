import { describe, expect, test } from 'vitest';
import { type FrameLog, HASH_SPACE, type Shard } from '../../core/port/frame-log.ts';

/** A log of two shards for the suite, and what it needs beside the port. */
export type FrameLogUnderTest = {
  readonly log: FrameLog;
  /** The bytes that a shard holds, oldest first. */
  readonly read: (shard: string) => Promise<readonly { readonly sequence: string; readonly bytes: Uint8Array }[]>;
  /** Splits a shard in two halves; resolves when both are open. */
  readonly split: (shard: string) => Promise<void>;
};

const entry = (hashKey: bigint, text: string) => ({ hashKey, bytes: new TextEncoder().encode(text) });
const byRange = (shards: readonly Shard[]) => [...shards].sort((a, b) => (a.first < b.first ? -1 : 1));

/** The laws of the frame log; every implementation runs them. `open` gives a log with two shards and nothing in it. */
export function frameLogContract(name: string, open: () => Promise<FrameLogUnderTest>): void {
  describe(`frame log: ${name}`, () => {
    test('its open shards share the hash space without gap or overlap', async () => {
      const { log } = await open();
      const shards = byRange(await log.shards());
      expect(shards.map(({ open, parents }) => ({ open, parents }))).toEqual([
        { open: true, parents: [] },
        { open: true, parents: [] },
      ]);
      expect(shards[0]?.first).toBe(0n);
      expect(shards[1]?.first).toBe((shards[0]?.last ?? 0n) + 1n);
      expect(shards[1]?.last).toBe(HASH_SPACE - 1n);
    });

    test('an entry goes to the shard that holds its hash key, and the result names it', async () => {
      const { log, read } = await open();
      const [low, high] = byRange(await log.shards()) as [Shard, Shard];
      const results = await log.put([entry(high.first, 'high'), entry(low.last, 'low')]);
      expect(results).toEqual([
        { kind: 'taken', shard: high.id },
        { kind: 'taken', shard: low.id },
      ]);
      expect(new TextDecoder().decode((await read(high.id))[0]?.bytes)).toBe('high');
      expect(new TextDecoder().decode((await read(low.id))[0]?.bytes)).toBe('low');
    });

    test('any bytes come out as they went in, and sequence numbers rise', async () => {
      const { log, read } = await open();
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      const [result] = await log.put([{ hashKey: 0n, bytes }]);
      if (result?.kind !== 'taken') throw new Error('refused');
      await log.put([{ hashKey: 1n, bytes: Uint8Array.of(1) }]);
      const held = await read(result.shard);
      expect([...(held[0]?.bytes ?? [])]).toEqual([...bytes]);
      expect(BigInt(held[0]?.sequence ?? 0) < BigInt(held[1]?.sequence ?? 0)).toBe(true);
    });

    test('what stands behind a position: more, then nothing yet', async () => {
      const { log, read } = await open();
      const [result] = await log.put([entry(0n, 'only')]);
      if (result?.kind !== 'taken') throw new Error('refused');
      expect(await log.after(result.shard, undefined)).toBe('more');
      const [held] = await read(result.shard);
      expect(await log.after(result.shard, held?.sequence)).toBe('nothing');
    });

    test('an empty open shard has nothing yet', async () => {
      const { log } = await open();
      for (const { id } of await log.shards()) expect(await log.after(id, undefined)).toBe('nothing');
    });

    test('a split shard is closed, its children name it, and what it took can still be read', async () => {
      const { log, read, split } = await open();
      const [low] = byRange(await log.shards()) as [Shard, Shard];
      await log.put([entry(low.first, 'before')]);
      await split(low.id);
      const shards = await log.shards();
      const children = byRange(shards.filter(({ parents }) => parents.includes(low.id)));
      expect(shards.find(({ id }) => id === low.id)?.open).toBe(false);
      expect(children).toHaveLength(2);
      expect([children[0]?.first, children[1]?.last]).toEqual([low.first, low.last]);
      expect(children[1]?.first).toBe((children[0]?.last ?? 0n) + 1n);
      expect(await log.after(low.id, undefined)).toBe('more');
      const held = await read(low.id);
      expect(await log.after(low.id, held.at(-1)?.sequence)).toBe('ended');
    });

    test('an entry for a split shard goes to the child that holds its hash key', async () => {
      const { log, split } = await open();
      const [low] = byRange(await log.shards()) as [Shard, Shard];
      await split(low.id);
      const children = byRange((await log.shards()).filter(({ parents }) => parents.includes(low.id)));
      expect(await log.put([entry(low.last, 'after')])).toEqual([{ kind: 'taken', shard: children[1]?.id }]);
    });
  });
}
