import { basename, join, resolve } from 'node:path';
import { InvariantError, JobSpecError } from '../../error/error.ts';
import type { Sink, SinkContext, SinkWriter } from '../sink.ts';
import { type Compressor, compressorOf } from './compressor.ts';
import { fileEnding, type PartEncoder } from './encoder.ts';
import { writeError } from './file-error.ts';
import type { FileOptions } from './file-options.ts';
import { errorCode, type FileSystem, type WritableFile } from './file-system.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { encoderOf } from './part-encoder.ts';
import { finalName, type PartName, parsePartName, partitionOf, temporaryName } from './part-name.ts';

/**
 * Rolling files, each record exactly once (Flink: FileSink).
 *
 * 1. A part is written under a hidden name, is closed at a checkpoint at the latest, and gets its name by the commit.
 * 2. Renaming is the whole commit: done twice it finds the new name and nothing under the old one, and is done.
 * 3. Parts of an earlier incarnation that are still hidden after the commit of a restored checkpoint belong to none, and
 *    `abandon` removes them. It touches none of its own incarnation, so it may run beside writers.
 * 4. A part has one set of columns; a record with others begins the next part.
 */
export type FileCommittable = { readonly temporary: string; readonly final: string };

const ROLL_BYTES = 128 * 1_048_576;
/** Each open part holds a file and a buffer; the oldest is closed before there are more. */
const MAX_OPEN_PARTS = 256;

export function fileSink(options: FileOptions): Sink<unknown, FileCommittable> {
  const { path } = options;
  if (typeof path !== 'string') {
    throw new JobSpecError([{ path: 'file.path', message: 'a sink writes into one folder; name just one' }]);
  }
  return {
    name: `file ${path}`,
    guarantee: 'exactly-once',
    async open(context) {
      const files = context.files ?? nodeFileSystem;
      const folder = resolve(context.baseFolder, path);
      return new FileWriter(options, files, folder, context, await firstCounter(files, folder, context));
    },
    async commit(committables, context) {
      const files = context.files ?? nodeFileSystem;
      const folder = resolve(context.baseFolder, path);
      for (const committable of committables) await commitPart(files, folder, committable);
    },
    async abandon(context) {
      const files = context.files ?? nodeFileSystem;
      const folder = resolve(context.baseFolder, path);
      for (const found of await files.glob('**/.part-*', folder)) {
        const name = parsePartName(basename(found));
        if (name?.inProgress !== true || name.uid !== context.uid || name.incarnation >= context.incarnation) continue;
        await files.remove(found);
      }
    },
  };
}

async function commitPart(files: FileSystem, folder: string, part: FileCommittable): Promise<void> {
  const final = join(folder, part.final);
  try {
    await files.rename(join(folder, part.temporary), final);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw writeError(final, error);
    if ((await files.stat(final)) !== undefined) return;
    throw new InvariantError(`part ${final} was written but is gone under both its names; someone removed it`);
  }
}

/** Behind all parts that this subtask's incarnation left, as when a job is run once more without --resume. */
async function firstCounter(files: FileSystem, folder: string, context: SinkContext): Promise<number> {
  let counter = 0;
  const { uid, subtask, incarnation } = context;
  const found = [...(await files.glob('**/part-*', folder)), ...(await files.glob('**/.part-*', folder))];
  for (const path of found) {
    const name = parsePartName(basename(path));
    if (name?.uid !== uid || name.subtask !== subtask.index || name.incarnation !== incarnation) continue;
    counter = Math.max(counter, name.counter + 1);
  }
  return counter;
}

class FileWriter implements SinkWriter<unknown, FileCommittable> {
  readonly #options: FileOptions;
  readonly #files: FileSystem;
  readonly #folder: string;
  readonly #name: Omit<PartName, 'counter'>;
  #counter: number;
  readonly #open = new Map<string, Part>();
  /** Full, or in the way of a record that needs other columns. */
  #full: Part[] = [];
  #finished: FileCommittable[] = [];
  #buffered = 0;

  constructor(options: FileOptions, files: FileSystem, folder: string, context: SinkContext, counter: number) {
    this.#options = options;
    this.#files = files;
    this.#folder = folder;
    this.#name = { uid: context.uid, subtask: context.subtask.index, incarnation: context.incarnation };
    this.#counter = counter;
  }

  get buffered(): number {
    return this.#buffered;
  }

  write(value: unknown): void {
    const partition = partitionOf(value, this.#options.partitionBy);
    let part = this.#open.get(partition) ?? this.#begin(partition);
    const before = part.encoder.waiting;
    if (part.encoder.add(value)) {
      part.records++;
      this.#buffered += part.encoder.waiting - before;
      return;
    }
    const { columns } = part.encoder;
    this.#close(part);
    part = this.#begin(partition, columns);
    if (!part.encoder.add(value)) throw new InvariantError(`a record does not fit a new part of ${this.#folder}`);
    part.records++;
    this.#buffered += part.encoder.waiting;
  }

  async flush(): Promise<void> {
    this.#buffered = 0;
    const full = this.#full;
    this.#full = [];
    for (const part of full) await this.#finish(part);
    const rollBytes = this.#options.rollBytes ?? ROLL_BYTES;
    for (const part of this.#open.values()) {
      await part.append(part.encoder.take());
      if (part.size < rollBytes) continue;
      this.#open.delete(part.partition);
      await this.#finish(part);
    }
  }

  async prepareCommit(): Promise<readonly FileCommittable[]> {
    this.#full.push(...this.#open.values());
    this.#open.clear();
    await this.flush();
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  async close(): Promise<void> {
    for (const part of [...this.#full, ...this.#open.values()]) await part.close();
    this.#full = [];
    this.#open.clear();
  }

  #begin(partition: string, columns?: readonly string[]): Part {
    const oldest = this.#open.size >= MAX_OPEN_PARTS ? this.#open.values().next().value : undefined;
    if (oldest !== undefined) this.#close(oldest);
    const format = this.#options.format ?? 'json';
    const ending = fileEnding(format, this.#options);
    const name = { ...this.#name, counter: this.#counter++ };
    const prefix = partition === '' ? '' : `${partition}/`;
    const part = new Part({
      partition,
      names: { temporary: prefix + temporaryName(name, ending), final: prefix + finalName(name, ending) },
      encoder: encoderOf(format, this.#options, columns),
      compressor: compressorOf(format === 'parquet' ? 'none' : (this.#options.compression ?? 'none')),
      files: this.#files,
      folder: this.#folder,
    });
    this.#open.set(partition, part);
    return part;
  }

  #close(part: Part): void {
    this.#open.delete(part.partition);
    this.#full.push(part);
  }

  async #finish(part: Part): Promise<void> {
    // The only record of a part may have been refused.
    if (part.records === 0) return;
    await part.finish();
    this.#finished.push(part.names);
  }
}

type PartOptions = {
  readonly partition: string;
  readonly names: FileCommittable;
  readonly encoder: PartEncoder;
  readonly compressor: Compressor;
  readonly files: FileSystem;
  readonly folder: string;
};

/** A file in progress, made when it gets its first bytes. */
class Part {
  readonly partition: string;
  readonly names: FileCommittable;
  readonly encoder: PartEncoder;
  records = 0;
  /** Bytes in the file. */
  size = 0;
  readonly #options: PartOptions;
  #file: WritableFile | undefined;

  constructor(options: PartOptions) {
    this.partition = options.partition;
    this.names = options.names;
    this.encoder = options.encoder;
    this.#options = options;
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (bytes.length > 0) await this.#write(await this.#options.compressor.add(bytes));
  }

  async finish(): Promise<void> {
    await this.append(this.encoder.finish());
    await this.#write(await this.#options.compressor.end());
    await this.#guarded(async (file) => {
      await file.sync();
      await file.close();
    });
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    await this.#guarded((file) => file.write(bytes));
    this.size += bytes.length;
  }

  async #guarded(action: (file: WritableFile) => Promise<void>): Promise<void> {
    const path = join(this.#options.folder, this.names.temporary);
    try {
      this.#file ??= await this.#options.files.create(path);
      await action(this.#file);
    } catch (error) {
      throw writeError(path, error);
    }
  }
}
