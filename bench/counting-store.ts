import type { BytePart, ObjectStore } from '../core/port/object-store.ts';

/** Counts what goes to another store. */
export class CountingStore implements ObjectStore {
  readonly #store: ObjectStore;
  puts = 0;
  putBytes = 0;
  gets = 0;
  getBytes = 0;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    this.puts++;
    this.putBytes += bytes.length;
    await this.#store.put(name, bytes);
  }

  async get(name: string, part?: BytePart): Promise<Uint8Array | undefined> {
    const bytes = await this.#store.get(name, part);
    this.gets++;
    this.getBytes += bytes?.length ?? 0;
    return bytes;
  }

  list(prefix: string): Promise<readonly string[]> {
    return this.#store.list(prefix);
  }

  delete(name: string): Promise<void> {
    return this.#store.delete(name);
  }
}
