import { encodeJson } from '../../core/connector/json.ts';
import type { ObjectStore } from '../../core/port/object-store.ts';
import type { RecordBatch, RecordWriter, RefusedRecord } from '../../core/port/record-writer.ts';
import { OBJECT_PREFIX } from '../deployment/log-table.ts';

/**
 * Dead letters as objects: one for each commit that has some, lines of JSON, at
 * `dead-letters/STAGE/INCARNATION/SHARD/N.jsonl`. A batch that is written again replaces the same object.
 */
export class DeadLetterWriter implements RecordWriter {
  readonly #store: ObjectStore;
  readonly #stage: string;

  constructor(store: ObjectStore, stage: string) {
    this.#store = store;
    this.#stage = stage;
  }

  async write({ identity, records }: RecordBatch): Promise<readonly RefusedRecord[]> {
    if (records.length === 0) return [];
    const { incarnation, task, n } = identity;
    const own = `${this.#stage}/`;
    const shard = task.startsWith(own) ? task.slice(own.length) : task;
    const name = `${OBJECT_PREFIX.deadLetters}${this.#stage}/${incarnation}/${shard}/${String(n).padStart(12, '0')}.jsonl`;
    const lines = records.map(({ value }) => `${encodeJson(value)}\n`).join('');
    await this.#store.put(name, Buffer.from(lines));
    return [];
  }
}
