import type { BytePart, ObjectStore } from '../port/object-store.ts';

/** An object store in memory, for tests. */
export class MemoryStore implements ObjectStore {
  readonly #objects = new Map<string, Uint8Array>();
  #failure: unknown;

  /** Makes every put fail so, as a full disk would; undefined mends it. */
  failWith(error: unknown): void {
    this.#failure = error;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#objects.set(name, bytes.slice());
  }

  async get(name: string, part?: BytePart): Promise<Uint8Array | undefined> {
    return this.#objects.get(name)?.slice(part?.start, part && part.start + part.length);
  }

  async list(prefix: string): Promise<readonly string[]> {
    const names = [...this.#objects.keys()].filter((name) => name.startsWith(prefix));
    return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  async delete(name: string): Promise<void> {
    this.#objects.delete(name);
  }
}
