import { parentPort, workerData } from 'node:worker_threads';
import { type DeadLetter, withTextRecord } from '../chain/dead-letter.ts';
import { InvariantError } from '../error/error.ts';
import type { Graph } from '../graph/node.ts';
import type { ByteInput } from '../port/byte-input.ts';
import { Exchange } from './exchange.ts';
import { layoutOf } from './layout.ts';
import { sendError } from './sent-error.ts';
import { Subtask } from './subtask.ts';
import { systemClock } from './system-clock.ts';
import type { WorkerAnswer, WorkerCall, WorkerNews, WorkerStart } from './worker-message.ts';

/** The entry of a worker thread: one subtask of every node, told what to do by the coordinator in the main thread. */
const port = parentPort;
if (port === null) throw new InvariantError('this module is the entry of a worker thread');
const tell = (news: WorkerNews, transfer: ArrayBuffer[] = []) => port.postMessage(news, transfer);

try {
  const subtask = await open(workerData as WorkerStart);
  port.on('message', (call: WorkerCall) => void answer(subtask, call));
  tell({ kind: 'open' });
  subtask.run().catch((error) => tell({ kind: 'failed', error: sendError(error) }));
} catch (error) {
  tell({ kind: 'failed', error: sendError(error) });
}

async function open(start: WorkerStart): Promise<Subtask> {
  const { module, index, parallelism, baseFolder, incarnation, timed, allowDroppedState, restored, ports } = start;
  const { default: job } = (await import(module)) as { default?: { graph?: Graph } };
  if (job?.graph === undefined) throw new InvariantError(`${module} does not export a job as its default`);
  return Subtask.open({
    layout: layoutOf(job.graph, parallelism),
    index,
    environment: {
      clock: systemClock,
      ports: { input: standardInput(), output: { write: (text) => process.stdout.write(text) } },
      baseFolder,
      incarnation,
      timed,
      signal: new AbortController().signal,
      deadLetter: sendLetter,
    },
    restored,
    allowDroppedState,
    restoreEveryRecord: false,
    connect: (wake) => new Exchange(index, ports, wake),
    sourcesEnded: () => tell({ kind: 'sourcesEnded' }),
  });
}

/** Sent on by the main thread from when it is read. */
function standardInput(): ByteInput {
  return {
    [Symbol.asyncIterator]() {
      tell({ kind: 'readsInput' });
      return process.stdin[Symbol.asyncIterator]();
    },
  };
}

/** A record that cannot cross a thread goes as text. */
function sendLetter(letter: DeadLetter): void {
  try {
    tell({ kind: 'deadLetter', letter });
  } catch {
    tell({ kind: 'deadLetter', letter: withTextRecord(letter) });
  }
}

async function answer(subtask: Subtask, call: WorkerCall): Promise<void> {
  if (call.call === 'addSplits') subtask.addSplits(call.uid, call.splits, call.complete);
  else if (call.call === 'resume') subtask.resume();
  else {
    const { id } = call;
    await handle(subtask, call).then(
      (given) => tell({ kind: 'answer', id, answer: given }),
      (error) => tell({ kind: 'refused', id, error: sendError(error) }),
    );
  }
}

async function handle(subtask: Subtask, call: Extract<WorkerCall, { id: number }>): Promise<WorkerAnswer> {
  switch (call.call) {
    case 'pause':
      await subtask.pause();
      return undefined;
    case 'rest':
      await subtask.rest();
      return undefined;
    case 'drain':
      await subtask.drain(call.level);
      return undefined;
    case 'finish':
      await subtask.finish(call.level);
      return undefined;
    case 'snapshot':
      return subtask.snapshot();
    case 'metrics':
      return subtask.metrics();
    case 'close':
      await subtask.close();
      return undefined;
  }
}
