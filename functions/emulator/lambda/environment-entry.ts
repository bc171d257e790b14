import type { EnvironmentAnswer, EnvironmentCall, EnvironmentStart } from './environment-message.ts';

/** The inside of an execution environment: imports the handler once, then answers one event after the other. */
type Handler = (event: unknown, context: object) => unknown;

const answer = (message: EnvironmentAnswer) => process.send?.(message);
const textOf = (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
const stackOf = (error: unknown) => (error instanceof Error ? (error.stack ?? textOf(error)) : String(error));

process.once('message', (start: EnvironmentStart) => {
  open(start).catch((error: unknown) => {
    process.stderr.write(`${stackOf(error)}\n`);
    answer({ kind: 'init failed', message: textOf(error) });
  });
});
// Ctrl-C in a terminal reaches all processes; this one ends when the emulator says so.
process.on('SIGINT', () => {});
// Nobody waits for the answer any more.
process.once('disconnect', () => process.exit());

async function open(start: EnvironmentStart): Promise<void> {
  const exported = ((await import(start.module)) as Readonly<Record<string, unknown>>)[start.handler];
  if (typeof exported !== 'function') throw new Error(`${start.module} exports no function ${start.handler}`);
  process.on('message', (call: EnvironmentCall) => void run(exported as Handler, call, start));
  answer({ kind: 'ready' });
}

async function run(handle: Handler, { requestId, eventJson, deadline }: EnvironmentCall, start: EnvironmentStart) {
  try {
    const result = await handle(JSON.parse(eventJson), contextOf(start, requestId, deadline));
    answer({ kind: 'answered', requestId, json: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    process.stderr.write(`${stackOf(error)}\n`);
    answer({ kind: 'threw', requestId, message: textOf(error) });
  }
}

/** The context object of Node's runtime on Lambda. */
function contextOf({ functionName, functionArn, memoryMb }: EnvironmentStart, awsRequestId: string, deadline: number) {
  return {
    awsRequestId,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: String(memoryMb),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}
