import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { BytePart, ObjectStore } from '../../core/port/object-store.ts';
import { calling, isNamed, runtimeErrorOf } from './aws-error.ts';

/** A bucket, or what stands under a prefix of one, as named byte strings. A prefix ends in `/`. */
export class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(client: S3Client, bucket: string, prefix = '') {
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const command = new PutObjectCommand({ ...this.#at(name), Body: bytes });
    await calling(`put ${this.#where(name)}`, () => this.#client.send(command));
  }

  async get(name: string, part?: BytePart): Promise<Uint8Array | undefined> {
    const range = part && `bytes=${part.start}-${part.start + part.length - 1}`;
    const command = new GetObjectCommand({ ...this.#at(name), ...(range !== undefined && { Range: range }) });
    try {
      const { Body } = await this.#client.send(command);
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (error) {
      if (isNamed(error, 'NoSuchKey')) return undefined;
      // A part that begins at the end or behind it.
      if (isNamed(error, 'InvalidRange')) return new Uint8Array();
      throw runtimeErrorOf(error, `get ${this.#where(name)}`);
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    const names: string[] = [];
    let next: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: this.#prefix + prefix,
        ...(next !== undefined && { ContinuationToken: next }),
      });
      const page = await calling(`list ${this.#where(prefix)}`, () => this.#client.send(command));
      names.push(...(page.Contents ?? []).map(({ Key = '' }) => Key.slice(this.#prefix.length)));
      next = page.NextContinuationToken;
    } while (next !== undefined);
    return names;
  }

  async delete(name: string): Promise<void> {
    const command = new DeleteObjectCommand(this.#at(name));
    await calling(`delete ${this.#where(name)}`, () => this.#client.send(command));
  }

  #at(name: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + name };
  }

  #where(name: string): string {
    return `s3://${this.#bucket}/${this.#prefix}${name}`;
  }
}
