import { describe, expect, test } from 'vitest';
import type { ObjectStore } from '../../core/port/object-store.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const plain = (value: Uint8Array | undefined) => value && [...value];

/** The laws of the object store; every implementation runs them. `open` gives a store with nothing in it. */
export function objectStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`object store: ${name}`, () => {
    test('what is absent is undefined, in part too', async () => {
      const store = await open();
      expect(await store.get('no/such')).toBeUndefined();
      expect(await store.get('no/such', { start: 0, length: 1 })).toBeUndefined();
    });

    test('a put is read back, and a second one replaces it', async () => {
      const store = await open();
      await store.put('a/b', bytes(0, 255, 10, 13));
      expect(plain(await store.get('a/b'))).toEqual([0, 255, 10, 13]);
      await store.put('a/b', bytes());
      expect(plain(await store.get('a/b'))).toEqual([]);
    });

    test('a part is what stands there, cut at the end', async () => {
      const store = await open();
      await store.put('part', bytes(0, 1, 2, 3, 4));
      expect(plain(await store.get('part', { start: 1, length: 3 }))).toEqual([1, 2, 3]);
      expect(plain(await store.get('part', { start: 4, length: 10 }))).toEqual([4]);
    });

    test('names are listed by prefix, in UTF-8 byte order', async () => {
      const store = await open();
      for (const name of ['x/b', 'x/a', 'x/\u{1F600}', 'x/\uFF5E', 'y/a', 'x/c/a']) await store.put(name, bytes(1));
      expect(await store.list('x/')).toEqual(['x/a', 'x/b', 'x/c/a', 'x/\uFF5E', 'x/\u{1F600}']);
    });

    test('deleting takes away one name, and what is absent is no error', async () => {
      const store = await open();
      await store.put('d/1', bytes(1));
      await store.put('d/2', bytes(2));
      await store.delete('d/1');
      await store.delete('d/1');
      expect(await store.list('d/')).toEqual(['d/2']);
    });
  });
}
