/** What is assumed of a job where it cannot be known before it runs. Each is a number that a measurement may replace. */
export const ASSUMED = {
  /** An invocation beside the work on events: envelope, commit, publishing. */
  invocationMs: 25,
  /** Work on one event, or one accumulator, in one stage, of a whole core. */
  microsecondsPerEvent: 20,
  /** From so much memory a function has a whole core. */
  coreMebibytes: 1_769,
  logBytesPerInvocation: 1_400,
  /** A commit row beside its payload: position, watermarks, what was seen. */
  rowBytes: 400,
  /** From here on a payload is an object in S3, which costs what 8 write units cost. */
  inlineBytes: 8_192,
  /** What a key that a batch changed takes in the row: key, namespace, value. */
  deltaBytesPerKey: 24,
  /** An accumulator on its way between stages. */
  accumulatorBytes: 16,
  /** JSON in frames: so many times smaller. */
  compression: 2.8,
  /** State of a key at rest, with its share of indexes. */
  stateBytesPerKey: 100,
  /** Commits after which deltas are folded into a base, in some objects. */
  commitsPerCompaction: 64,
  objectsPerCompaction: 2,
  /** A batch handed to a function is base64 in JSON, and at most so large. */
  payloadBytes: 6e6,
  base64: 4 / 3,
  /** Rows that a window gives. */
  resultBytes: 200,
  /** A session of a key ends so often. */
  sessionSeconds: 60,
  metricsPerStage: 8,
  alarmsPerStage: 4,
  /** A shard takes so much. */
  shardBytesPerSecond: 1e6,
  shardRecordsPerSecond: 1_000,
} as const;
