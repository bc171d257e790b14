import { reasonOf } from '../../core/error/error.ts';
import type { Plan } from '../../core/graph/plan.ts';

/** What CloudFormation sends to the function behind a custom resource. */
export type CloudFormationEvent = {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
};

export type Command = { readonly command: string };
type CommandHandler<Context> = (command: never, context: Context) => Promise<unknown>;

/**
 * A coordinator that also answers CloudFormation, which starts the job when its stack is created or changed, and that tells
 * the plan it was deployed with (`{ command: 'plan' }`), so that a changed job can be compared with it.
 *
 * CloudFormation waits an hour for an answer that does not come; so a failure is an answer too.
 */
export function answering<Context>(plan: Plan, handler: CommandHandler<Context>, send: typeof fetch = fetch) {
  return async (event: CloudFormationEvent | Command, context: Context): Promise<unknown> => {
    if ('command' in event) return event.command === 'plan' ? plan : handler(event as never, context);
    const failure = await started(event, () => handler({ command: 'start' } as never, context));
    const response = await send(event.ResponseURL, { method: 'PUT', body: JSON.stringify(answerTo(event, failure)) });
    if (!response.ok) throw new Error(`CloudFormation did not take the answer: status ${response.status}`);
    return undefined;
  };
}

/** Why the job could not be started. Deleting needs nothing: the stack removes what it made. */
async function started(
  { RequestType }: CloudFormationEvent,
  start: () => Promise<unknown>,
): Promise<string | undefined> {
  if (RequestType === 'Delete') return undefined;
  return start().then(() => undefined, reasonOf);
}

/** The identity of the resource stays: another one would have CloudFormation delete the old. */
function answerTo(event: CloudFormationEvent, failure: string | undefined) {
  const { StackId, RequestId, LogicalResourceId, PhysicalResourceId = LogicalResourceId } = event;
  return {
    Status: failure === undefined ? 'SUCCESS' : 'FAILED',
    ...(failure !== undefined && { Reason: failure }),
    PhysicalResourceId,
    StackId,
    RequestId,
    LogicalResourceId,
  };
}
