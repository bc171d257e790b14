import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { InvariantError, RetryableError } from '../../core/error/error.ts';
import { type CommitTable, type LogRow, MAX_ROW_BYTES } from '../../core/port/commit-table.ts';
import { LOG_TABLE } from '../deployment/log-table.ts';
import { calling, isNamed, runtimeErrorOf } from './aws-error.ts';

/** What BatchWriteItem takes in one call. */
const BATCH = 25;

/** How often what a batch left out is asked for again; the client pauses between tries of its own. */
const MAX_BATCH_TRIES = 8;

type Item = Record<string, AttributeValue>;

/**
 * Commit logs as items of one DynamoDB table: partition key `log` (S), sort key `n` (N), `writer` (S) and `body` (B).
 *
 * The put is conditional: no item of that key exists. The client's own tries after a lost answer may so find their own
 * row; that is 'taken', and the row's writer says whose it is.
 */
export class DynamoDbCommitTable implements CommitTable {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async put(log: string, row: LogRow): Promise<'written' | 'taken'> {
    if (row.body.length > MAX_ROW_BYTES) {
      throw new InvariantError(`a row of ${row.body.length} bytes is larger than ${MAX_ROW_BYTES}`);
    }
    const command = new PutItemCommand({
      TableName: this.#table,
      Item: itemOf(log, row),
      ConditionExpression: 'attribute_not_exists(#log)',
      ExpressionAttributeNames: { '#log': LOG_TABLE.log },
    });
    try {
      await this.#client.send(command);
      return 'written';
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return 'taken';
      throw runtimeErrorOf(error, `put row ${row.n} of ${log} into table ${this.#table}`);
    }
  }

  async head(log: string): Promise<LogRow | undefined> {
    const [row] = await this.#query(log, { newest: true, limit: 1 });
    return row;
  }

  rows(log: string, first: number, limit: number): Promise<readonly LogRow[]> {
    return this.#query(log, { first, limit });
  }

  async delete(log: string, numbers: readonly number[]): Promise<void> {
    for (let at = 0; at < numbers.length; at += BATCH) {
      await this.#deleteBatch(numbers.slice(at, at + BATCH).map((n) => ({ DeleteRequest: { Key: keyOf(log, n) } })));
    }
  }

  async #deleteBatch(requests: readonly WriteRequest[]): Promise<void> {
    let left = requests;
    for (let tries = 0; left.length > 0; tries++) {
      if (tries === MAX_BATCH_TRIES) {
        throw new RetryableError(`${left.length} rows of table ${this.#table} could not be deleted: it is throttled`);
      }
      const command = new BatchWriteItemCommand({ RequestItems: { [this.#table]: [...left] } });
      const { UnprocessedItems } = await calling(`delete rows of table ${this.#table}`, () =>
        this.#client.send(command),
      );
      left = UnprocessedItems?.[this.#table] ?? [];
    }
  }

  async #query(
    log: string,
    { first, newest = false, limit }: { readonly first?: number; readonly newest?: boolean; readonly limit: number },
  ): Promise<readonly LogRow[]> {
    const command = new QueryCommand({
      TableName: this.#table,
      ConsistentRead: true,
      ScanIndexForward: !newest,
      Limit: limit,
      KeyConditionExpression: first === undefined ? '#log = :log' : '#log = :log AND #n >= :first',
      ExpressionAttributeNames: { '#log': LOG_TABLE.log, ...(first !== undefined && { '#n': LOG_TABLE.number }) },
      ExpressionAttributeValues: { ':log': { S: log }, ...(first !== undefined && { ':first': { N: String(first) } }) },
    });
    const { Items = [] } = await calling(`read ${log} in table ${this.#table}`, () => this.#client.send(command));
    return Items.map(rowOf);
  }
}

function itemOf(log: string, { n, writer, body }: LogRow): Item {
  return { ...keyOf(log, n), writer: { S: writer }, body: { B: body } };
}

function keyOf(log: string, n: number): Item {
  return { [LOG_TABLE.log]: { S: log }, [LOG_TABLE.number]: { N: String(n) } };
}

function rowOf({ [LOG_TABLE.number]: n, writer, body }: Item): LogRow {
  if (n?.N === undefined || writer?.S === undefined || body?.B === undefined) {
    throw new InvariantError('an item of the table of commits is no row; something else writes into this table');
  }
  return { n: Number(n.N), writer: writer.S, body: body.B };
}
