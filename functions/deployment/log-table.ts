/** The attributes of the table of commit logs, between the construct that makes it and the adapter that fills it. */
export const LOG_TABLE = {
  /** Partition key: `job/incarnation/stage/shard`, text. */
  log: 'log',
  /** Sort key: the number of the row. */
  number: 'n',
  /** Epoch seconds from which a row may go; set by the collector alone. */
  expires: 'expires',
} as const;

/** The prefixes of the objects in a job's bucket. */
export const OBJECT_PREFIX = {
  payloads: 'payloads/',
  blocks: 'blocks/',
  checkpoints: 'checkpoints/',
  deadLetters: 'dead-letters/',
} as const;
