import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { DeadLetter } from '../../core/chain/dead-letter.ts';
import type { HeldEntry } from '../../core/testing/memory-frame-log.ts';
import { MemoryDeployment } from './deployment.ts';
import { type Deadly, deadlyJob } from './fixture/deadly-job.ts';

/** An instance that does nothing for so long is given up on, as Lambda does when its time is over. */
const TIMEOUT_MS = 2_000;

type Call = {
  readonly kind: 'call';
  readonly call: number;
  readonly service: string;
  readonly method: string;
  readonly given: readonly unknown[];
};

/** Gives the entries to instances, one after the other, each in a process of its own, until one gets through. */
async function deathsUntilThrough(deployment: MemoryDeployment, entries: readonly HeldEntry[]): Promise<number> {
  const services: Record<string, object | undefined> = {
    table: deployment.table,
    objects: deployment.objects,
    out: deployment.sinks.get('out'),
    letters: deployment.deadLetters,
  };
  for (let deaths = 0; deaths < 20; deaths++) if (await lives(services, entries)) return deaths;
  throw new Error('no instance gets through');
}

/** A process and not a thread: one that runs out of memory may take its whole process with it. */
function lives(services: Record<string, object | undefined>, entries: readonly HeldEntry[]): Promise<boolean> {
  const child = fork(fileURLToPath(new URL('./fixture/mortal-process.ts', import.meta.url)), {
    execArgv: ['--max-old-space-size=48', '--max-semi-space-size=4'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise((resolve) => {
    let isDone = false;
    let timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    child.on('message', async (message: Call | { readonly kind: 'done' }) => {
      if (message.kind === 'done') {
        isDone = true;
        return;
      }
      clearTimeout(timer);
      timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
      const { call, service, method, given } = message;
      const port = services[service] as Record<string, (...given: readonly unknown[]) => Promise<unknown>>;
      const value = await port[method]?.(...given);
      if (child.connected) child.send({ kind: 'answer', call, value });
    });
    child.on('exit', () => {
      clearTimeout(timer);
      resolve(isDone);
    });
    child.send({ kind: 'entries', entries });
  });
}

describe('a record that takes the process with it', () => {
  test.each(['loop', 'fill'] as const)(
    'by a %s goes to the dead letters, and all others come out once',
    async (does) => {
      const deployment = new MemoryDeployment(deadlyJob());
      await deployment.start();
      const items = Array.from({ length: 10 }, (_, id): Deadly => ({ id, does: id === 6 ? does : 'nothing' }));
      await deployment.put('items', items);
      const deaths = await deathsUntilThrough(deployment, deployment.stream('items').entries('shard-000'));
      expect(deaths).toBeGreaterThanOrEqual(6);
      expect((deployment.sinks.get('out')?.values ?? []).map((value) => (value as Deadly).id)).toEqual(
        items.map(({ id }) => id).filter((id) => id !== 6),
      );
      const letters = deployment.deadLetters.values as readonly DeadLetter[];
      expect(letters).toMatchObject([{ operator: 'items', record: { id: 6, does } }]);
    },
    60_000,
  );
});
