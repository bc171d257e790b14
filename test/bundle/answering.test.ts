import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../core/error/error.ts';
import { planOf } from '../../core/graph/plan.ts';
import { blackhole, collection, job } from '../../core/index.ts';
import { answering, type CloudFormationEvent } from '../../functions/coordinator/answering.ts';

const plan = planOf(job('copy', ({ source }) => source('in', collection([1])).to('out', blackhole())).graph);

/** What a coordinator was asked, and what CloudFormation was sent, for some events. */
async function answersTo(events: readonly (CloudFormationEvent | { command: string })[], failure?: Error) {
  const asked: unknown[] = [];
  const sent: { url: string; body: Record<string, unknown> }[] = [];
  const handler = async (command: unknown) => {
    asked.push(command);
    if (failure !== undefined) throw failure;
    return 'done';
  };
  const send = async (url: unknown, init?: RequestInit) => {
    sent.push({ url: String(url), body: JSON.parse(String(init?.body)) });
    return new Response();
  };
  const answer = answering(plan, handler, send as typeof fetch);
  const results: unknown[] = [];
  for (const event of events) results.push(await answer(event, undefined));
  return { asked, sent, results };
}

const event: CloudFormationEvent = {
  RequestType: 'Create',
  ResponseURL: 'https://answer/1',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Start',
};

describe('a coordinator behind a custom resource', () => {
  it('starts the job when the stack is created and changed, under one identity, and does nothing when it is deleted', async () => {
    const again = { ...event, PhysicalResourceId: 'Start' };
    const events = [event, { ...again, RequestType: 'Update' }, { ...again, RequestType: 'Delete' }] as const;
    const { asked, sent } = await answersTo(events);
    expect(asked).toEqual([{ command: 'start' }, { command: 'start' }]);
    expect(sent.map(({ body }) => [body.Status, body.PhysicalResourceId])).toEqual(Array(3).fill(['SUCCESS', 'Start']));
  });

  it('tells why the job could not be started, so that the stack does not wait an hour', async () => {
    const { sent } = await answersTo([event], new RetryableError('the stream clicks has AUTO record distribution'));
    expect(sent).toEqual([
      {
        url: 'https://answer/1',
        body: {
          Status: 'FAILED',
          Reason: 'the stream clicks has AUTO record distribution',
          PhysicalResourceId: 'Start',
          StackId: 'stack',
          RequestId: 'request',
          LogicalResourceId: 'Start',
        },
      },
    ]);
  });

  it('tells the plan that it was deployed with, and passes other commands on', async () => {
    const { asked, results, sent } = await answersTo([{ command: 'plan' }, { command: 'tick' }]);
    expect(results).toEqual([plan, 'done']);
    expect(asked).toEqual([{ command: 'tick' }]);
    expect(sent).toEqual([]);
  });
});
