import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checksum } from './checksum.ts';

export type StoredObject = {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: number;
  /** Content-Type, x-amz-meta-* and their like, given back with the object. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum?: Checksum;
};

/** Buckets and their objects, in memory, and in a folder too where one is given. */
export class ObjectTable {
  readonly #folder: string | undefined;
  readonly #buckets = new Map<string, Map<string, StoredObject>>();

  private constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  static async open(folder?: string): Promise<ObjectTable> {
    const table = new ObjectTable(folder);
    if (folder !== undefined) await table.#load(folder);
    return table;
  }

  get buckets(): readonly string[] {
    return [...this.#buckets.keys()].sort();
  }

  has(bucket: string): boolean {
    return this.#buckets.has(bucket);
  }

  async create(bucket: string): Promise<void> {
    if (this.#folder !== undefined) await mkdir(join(this.#folder, bucket), { recursive: true });
    if (!this.#buckets.has(bucket)) this.#buckets.set(bucket, new Map());
  }

  async drop(bucket: string): Promise<void> {
    this.#buckets.delete(bucket);
    if (this.#folder !== undefined) await rm(join(this.#folder, bucket), { recursive: true, force: true });
  }

  get(bucket: string, key: string): StoredObject | undefined {
    return this.#buckets.get(bucket)?.get(key);
  }

  /** The object is there at once; the promise says that it is in the folder too. */
  async put(bucket: string, key: string, object: StoredObject): Promise<void> {
    this.#buckets.get(bucket)?.set(key, object);
    const file = this.#fileOf(bucket, key);
    if (file === undefined) return;
    const { body, ...meta } = object;
    const head = Buffer.from(`${JSON.stringify({ key, ...meta })}\n`);
    const draft = `${file}.draft`;
    await writeFile(draft, Buffer.concat([head, body]));
    await rename(draft, file);
  }

  async delete(bucket: string, key: string): Promise<void> {
    this.#buckets.get(bucket)?.delete(key);
    const file = this.#fileOf(bucket, key);
    if (file !== undefined) await rm(file, { force: true });
  }

  /** The keys that begin with a prefix, in the order of their bytes in UTF-8. */
  keys(bucket: string, prefix: string): readonly string[] {
    const keys = [...(this.#buckets.get(bucket)?.keys() ?? [])].filter((key) => key.startsWith(prefix));
    return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  /** A key may hold what a file's name may not. */
  #fileOf(bucket: string, key: string): string | undefined {
    if (this.#folder === undefined) return undefined;
    return join(this.#folder, bucket, createHash('sha256').update(key).digest('hex'));
  }

  async #load(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const bucket of await readdir(folder)) {
      await this.create(bucket);
      for (const name of await readdir(join(folder, bucket))) {
        if (name.endsWith('.draft')) continue;
        const bytes = await readFile(join(folder, bucket, name));
        const end = bytes.indexOf('\n');
        const { key, ...meta } = JSON.parse(bytes.toString('utf8', 0, end));
        this.#buckets.get(bucket)?.set(key, { ...meta, body: bytes.subarray(end + 1) });
      }
    }
  }
}
