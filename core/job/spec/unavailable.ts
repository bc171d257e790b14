/** Connectors that the design has and this version has not. */
const UNAVAILABLE = {
  sources: ['kinesis'],
  sinks: ['kinesis', 'dynamodb', 'sqs', 's3'],
} as const;

/** What to say of a connector that is to come; undefined where the word is none of them. */
export function unavailableConnector(group: string, word: string): string | undefined {
  if (group === 'sources' && (UNAVAILABLE.sources as readonly string[]).includes(word)) {
    return `connector "${word}" is not available in this version; read a file instead: file: { path: … }, or --source NAME=PATH for one run`;
  }
  if (group === 'sinks' && (UNAVAILABLE.sinks as readonly string[]).includes(word)) {
    return `connector "${word}" is not available in this version; write a file instead: file: { path: … }, or --sink NAME=PATH for one run`;
  }
  return undefined;
}
