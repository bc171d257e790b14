import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { reasonOf } from '../../core/error/error.ts';
import type { Plan } from '../../core/graph/plan.ts';
import { clientOptions } from '../adapter/client-options.ts';
import { coordinatorName } from '../deployment/physical-name.ts';

/**
 * The plan that a job was deployed with, which its coordinator tells; undefined where none is deployed under the name.
 *
 * @throws Error where AWS cannot be asked, such as without credentials
 */
export async function deployedPlan(
  deployment: string,
  client = new LambdaClient(clientOptions()),
): Promise<Plan | undefined> {
  const FunctionName = coordinatorName(deployment);
  const request = new InvokeCommand({ FunctionName, Payload: Buffer.from('{"command":"plan"}') });
  const answer = await client.send(request).catch((error: Error) => {
    if (error.name === 'ResourceNotFoundException') return undefined;
    throw new Error(`${FunctionName} cannot be asked for its plan: ${reasonOf(error)}`, { cause: error });
  });
  if (answer === undefined) return undefined;
  const text = Buffer.from(answer.Payload ?? []).toString();
  if (answer.FunctionError !== undefined) throw new Error(`${FunctionName} could not tell its plan: ${text}`);
  return JSON.parse(text) as Plan;
}
