import { describe, expect, test } from 'vitest';
import { InvariantError, RetryableError, UnansweredError } from '../../core/error/error.ts';
import { DeadLetterWriter } from '../../functions/adapter/dead-letter-writer.ts';
import { DynamoDbCommitTable } from '../../functions/adapter/dynamodb-commit-table.ts';
import { KinesisFrameLog } from '../../functions/adapter/kinesis-frame-log.ts';
import { S3ObjectStore } from '../../functions/adapter/s3-object-store.ts';
import type { Gate, Verdict } from '../../functions/emulator/server/gate.ts';
import { ServiceError } from '../../functions/emulator/server/service-error.ts';
import { dynamoDb, isEmulated, kinesis, newBucket, newStream, newTable, s3 } from './aws.ts';

/** The next calls of an operation come to this, in turn: a verdict, or an error that is thrown. */
class Faults {
  readonly #next: { readonly operation: string; readonly outcome: Verdict | ServiceError }[] = [];
  calls = 0;

  add(operation: string, ...outcomes: readonly (Verdict | ServiceError)[]): void {
    this.#next.push(...outcomes.map((outcome) => ({ operation, outcome })));
  }

  readonly gate: Gate = ({ operation }) => {
    this.calls++;
    const [fault] = this.#next;
    if (fault === undefined || fault.operation !== operation) return 'answer';
    this.#next.shift();
    if (typeof fault.outcome !== 'string') throw fault.outcome;
    return fault.outcome;
  };
}

const row = { n: 0, writer: 'me', body: Uint8Array.of(1) };
const entry = (hashKey: bigint) => ({ hashKey, bytes: Uint8Array.of(1, 2, 3) });

async function table(faults: Faults, attempts = 1) {
  const client = await dynamoDb(faults.gate, { attempts });
  return new DynamoDbCommitTable(client, await newTable(client, ['log:S', 'n:N']));
}

async function log(faults: Faults, attempts = 1) {
  const client = await kinesis(faults.gate, { attempts });
  return new KinesisFrameLog(client, await newStream(client, 2));
}

// Faults are made by the gates of the emulators; no other service makes them on demand.
describe.runIf(isEmulated)('a commit table', () => {
  test('does not know what became of a put whose answer was lost; the same put again says that it won', async () => {
    const faults = new Faults();
    const commits = await table(faults);
    faults.add('PutItem', 'lose-reply');
    await expect(commits.put('log', row)).rejects.toThrow(UnansweredError);
    expect(await commits.put('log', row)).toBe('taken');
    expect((await commits.head('log'))?.writer).toBe('me');
  });

  test('does not know either where the request was lost', async () => {
    const faults = new Faults();
    const commits = await table(faults);
    faults.add('PutItem', 'lose-request');
    await expect(commits.put('log', row)).rejects.toThrow(UnansweredError);
    expect(await commits.head('log')).toBeUndefined();
    expect(await commits.put('log', row)).toBe('written');
  });

  test('does not know where the service failed inside', async () => {
    const faults = new Faults();
    const commits = await table(faults);
    faults.add('PutItem', new ServiceError('InternalServerError', 'oops', 500));
    await expect(commits.put('log', row)).rejects.toThrow(UnansweredError);
  });

  test('knows that a throttled put did not happen', async () => {
    const faults = new Faults();
    const commits = await table(faults);
    faults.add('PutItem', new ServiceError('ProvisionedThroughputExceededException', 'slow down'));
    const failure = await commits.put('log', row).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RetryableError);
    expect(failure).not.toBeInstanceOf(UnansweredError);
  });

  test('finds its own row when the client tried again by itself', async () => {
    const faults = new Faults();
    const commits = await table(faults, 3);
    faults.add('PutItem', 'lose-reply');
    expect(await commits.put('log', row)).toBe('taken');
  });

  test('deletes what a batch left out too', async () => {
    const faults = new Faults();
    const commits = await table(faults);
    for (let n = 0; n < 10; n++) await commits.put('log', { ...row, n });
    faults.add('BatchWriteItem', 'partly', 'partly');
    await commits.delete('log', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await commits.rows('log', 0, 100)).toEqual([]);
  });

  test('says which right is missing, and where', async () => {
    const faults = new Faults();
    const commits = await table(faults);
    faults.add('PutItem', new ServiceError('AccessDeniedException', 'not authorized to perform: dynamodb:PutItem'));
    const failure = await commits.put('log', row).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvariantError);
    expect((failure as Error).message).toMatch(
      /could not put row 0 of log into table millrace-test.*dynamodb:PutItem; give the role or the credentials this right/,
    );
  });

  test('that is not there is told with the way out', async () => {
    const commits = new DynamoDbCommitTable(await dynamoDb(), 'nowhere');
    await expect(commits.head('log')).rejects.toThrow('is this its region and account?');
  });
});

describe.runIf(isEmulated)('a frame log', () => {
  test('gives each entry of a put its own result', async () => {
    const faults = new Faults();
    const frames = await log(faults);
    const [low, high] = await frames.shards();
    faults.add('PutRecords', 'partly');
    const results = await frames.put([entry(low?.first ?? 0n), entry(high?.first ?? 0n)]);
    expect(results.map(({ kind }) => kind).sort()).toEqual(['refused', 'taken']);
    const refused = results.find((result) => result.kind === 'refused');
    expect(refused?.reason).toMatch(/ProvisionedThroughputExceeded/);
  });

  test('does not know what became of a put whose answer was lost', async () => {
    const faults = new Faults();
    const frames = await log(faults);
    faults.add('PutRecords', 'lose-reply');
    await expect(frames.put([entry(0n)])).rejects.toThrow(UnansweredError);
    const [low] = await frames.shards();
    expect(await frames.after(low?.id ?? '', undefined)).toBe('more');
  });

  test('that is not there is told with the way out', async () => {
    const frames = new KinesisFrameLog(await kinesis(), 'nowhere');
    await expect(frames.put([entry(0n)])).rejects.toThrow(
      /could not put records into stream nowhere: ResourceNotFound/,
    );
    await expect(frames.after('shardId-000000000000', undefined)).rejects.toThrow(InvariantError);
  });
});

describe.runIf(isEmulated)('an object store', () => {
  test('is asked again after an outage', async () => {
    const faults = new Faults();
    const client = await s3(faults.gate, { attempts: 1 });
    const store = new S3ObjectStore(client, await newBucket(client));
    faults.add('PutObject', new ServiceError('SlowDown', 'reduce your rate', 503));
    await expect(store.put('a', Uint8Array.of(1))).rejects.toThrow(RetryableError);
    await store.put('a', Uint8Array.of(1));
    faults.add('GetObject', 'lose-reply');
    await expect(store.get('a')).rejects.toThrow(RetryableError);
    expect(await store.get('a')).toEqual(Uint8Array.of(1));
  });

  test('takes dead letters as lines of JSON, and the same batch twice as one', async () => {
    const client = await s3();
    const store = new S3ObjectStore(client, await newBucket(client));
    const writer = new DeadLetterWriter(store, 'perPage');
    const letter = { value: { reason: 'a key must not be NaN', record: { page: 1n } }, timestamp: 5 };
    const batch = {
      identity: { incarnation: 2, task: 'perPage/shardId-000000000001', n: 17 },
      records: [letter, letter],
    };
    expect(await writer.write(batch)).toEqual([]);
    expect(await writer.write(batch)).toEqual([]);
    const name = 'dead-letters/perPage/2/shardId-000000000001/000000000017.jsonl';
    expect(await store.list('')).toEqual([name]);
    const line = '{"reason":"a key must not be NaN","record":{"page":1}}\n';
    expect(Buffer.from((await store.get(name)) ?? []).toString()).toBe(line + line);
  });

  test('gives nothing of a part behind the end', async () => {
    const client = await s3();
    const store = new S3ObjectStore(client, await newBucket(client));
    await store.put('a', Uint8Array.of(1));
    expect(await store.get('a', { start: 1, length: 5 })).toEqual(new Uint8Array());
  });

  test('lists more names than one page holds', async () => {
    const client = await s3();
    const store = new S3ObjectStore(client, await newBucket(client), 'p/');
    const names = Array.from({ length: 1_050 }, (_, i) => `n/${String(i).padStart(5, '0')}`);
    for (let at = 0; at < names.length; at += 50) {
      await Promise.all(names.slice(at, at + 50).map((name) => store.put(name, new Uint8Array())));
    }
    expect(await store.list('n/')).toEqual(names);
  });
});
