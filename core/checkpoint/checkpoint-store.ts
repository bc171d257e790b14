import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { decodeValue, encodeValue } from '../codec/value-codec.ts';
import { JobSpecError, reasonOf } from '../error/error.ts';
import type { ObjectStore } from '../port/object-store.ts';
import {
  CHECKPOINT_FORMAT,
  type Manifest,
  type PartEntry,
  type RestoredCheckpoint,
  type SubtaskSnapshot,
} from './checkpoint.ts';

/** A part may unpack to so much: more is not state but damage. */
const MAX_PART_BYTES = 4 * 1024 ** 3 - 1;

/** A subtask's part as it is written: encoded at once, before the state moves on. */
export function encodePart(snapshot: SubtaskSnapshot): Uint8Array {
  return zstdCompressSync(encodeValue(snapshot));
}

/** The checkpoints of one job in an object store: `checkpoints/00000007/manifest.json` and the parts beside it. */
export class CheckpointStore {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Writes the parts, then the manifest that makes them a checkpoint. */
  async write(manifest: Omit<Manifest, 'format' | 'parts'>, parts: readonly Uint8Array[]): Promise<Manifest> {
    const entries: PartEntry[] = [];
    for (const [index, bytes] of parts.entries()) {
      const name = `${folderOf(manifest.id)}part-${index}`;
      await this.#store.put(name, bytes);
      entries.push({ name, bytes: bytes.length, crc32: crc32(bytes) });
    }
    const whole: Manifest = { format: CHECKPOINT_FORMAT, ...manifest, parts: entries };
    await this.#store.put(manifestOf(manifest.id), new TextEncoder().encode(`${JSON.stringify(whole, null, 2)}\n`));
    return whole;
  }

  /** The ids of the complete checkpoints, oldest first. */
  async ids(): Promise<readonly number[]> {
    const names = await this.#store.list(PREFIX);
    const ids = names.flatMap((name) =>
      name.endsWith(MANIFEST) ? [Number(name.slice(PREFIX.length).split('/')[0])] : [],
    );
    return ids.filter(Number.isSafeInteger).sort((a, b) => a - b);
  }

  /**
   * @throws JobSpecError where it is not there, was written by a newer version, or is damaged: with the file, and which
   *   older checkpoints there are to resume instead
   */
  async read(id: number): Promise<RestoredCheckpoint> {
    const manifest = await this.#manifest(id);
    const subtasks: SubtaskSnapshot[] = [];
    for (const part of manifest.parts) subtasks.push(await this.#part(id, part));
    return { manifest, subtasks };
  }

  async latest(): Promise<RestoredCheckpoint | undefined> {
    const id = (await this.ids()).at(-1);
    return id === undefined ? undefined : this.read(id);
  }

  /** Deletes all checkpoints but the newest `keep`, manifests first; savepoints stay. Gives how many it deleted. */
  async prune(keep: number): Promise<number> {
    const old = (await this.ids()).slice(0, -keep);
    let deleted = 0;
    for (const id of old) {
      const manifest = await this.#manifest(id).catch(() => undefined);
      if (manifest?.kind !== 'checkpoint') continue;
      await this.#store.delete(manifestOf(id));
      for (const { name } of manifest.parts) await this.#store.delete(name);
      deleted++;
    }
    return deleted;
  }

  async #manifest(id: number): Promise<Manifest> {
    const name = manifestOf(id);
    const bytes = await this.#store.get(name);
    if (bytes === undefined) throw await this.#refusal(id, `there is no checkpoint ${id}`);
    let manifest: Partial<Manifest>;
    try {
      manifest = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Manifest>;
    } catch (error) {
      throw await this.#refusal(id, `${name} is damaged: ${reasonOf(error)}`);
    }
    if (manifest.format !== CHECKPOINT_FORMAT) {
      throw await this.#refusal(
        id,
        `${name} has format ${manifest.format}, and this version reads ${CHECKPOINT_FORMAT}`,
      );
    }
    return manifest as Manifest;
  }

  async #part(id: number, { name, bytes: length, crc32: sum }: PartEntry): Promise<SubtaskSnapshot> {
    const bytes = await this.#store.get(name);
    if (bytes === undefined) throw await this.#refusal(id, `${name} is missing`);
    if (bytes.length !== length || crc32(bytes) !== sum)
      throw await this.#refusal(id, `${name} is damaged: its checksum is wrong`);
    try {
      return decodeValue(zstdDecompressSync(bytes, { maxOutputLength: MAX_PART_BYTES })) as SubtaskSnapshot;
    } catch (error) {
      throw await this.#refusal(id, `${name} is damaged: ${reasonOf(error)}`);
    }
  }

  async #refusal(id: number, what: string): Promise<JobSpecError> {
    const others = (await this.ids()).filter((other) => other !== id);
    const way = others.length === 0 ? 'start without resuming' : `resume another: ${others.join(', ')}`;
    return new JobSpecError([{ path: 'resume', message: `${what}; ${way}` }]);
  }
}

const PREFIX = 'checkpoints/';
const MANIFEST = '/manifest.json';

function folderOf(id: number): string {
  return `${PREFIX}${String(id).padStart(8, '0')}/`;
}

function manifestOf(id: number): string {
  return `${folderOf(id).slice(0, -1)}${MANIFEST}`;
}
