import { randomUUID } from 'node:crypto';
import { invokeUntilDone } from '../lambda/invoke-service.ts';
import type { LambdaFunction } from '../lambda/lambda-function.ts';
import { bodyOf, listenLocal } from '../server/local-server.ts';
import type { Place, Properties } from '../template/template.ts';

type Answer = { readonly Status: 'SUCCESS' | 'FAILED'; readonly Reason?: string };

export type CustomResource = {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;
  readonly place: Place;
};

/**
 * Makes a custom resource as CloudFormation does: its function is called with a URL, to which it sends whether it
 * succeeded.
 *
 * @throws Error with the reason that the function gives, or where it ends without an answer
 */
export async function makeCustomResource(lambda: LambdaFunction, resource: CustomResource): Promise<void> {
  const { logicalId, type, properties, place } = resource;
  const answered = Promise.withResolvers<Answer>();
  const server = await listenLocal(async (request, response) => {
    answered.resolve(JSON.parse((await bodyOf(request)).toString('utf8')));
    response.end();
  });
  const event = {
    RequestType: 'Create',
    ResponseURL: `${server.url}/answer`,
    StackId: `arn:aws:cloudformation:${place.region}:${place.account}:stack/${place.stack}/local`,
    RequestId: randomUUID(),
    LogicalResourceId: logicalId,
    ResourceType: type,
    ResourceProperties: properties,
  };
  try {
    const end = await invokeUntilDone(lambda, JSON.stringify(event));
    if (end.kind === 'failed') throw new Error(`${logicalId} could not be made: ${end.message}`);
    // The function has returned, so whatever it sent is on its way at most.
    const silent = new Promise<Answer>((resolve) => {
      setTimeout(() => resolve({ Status: 'FAILED', Reason: `${lambda.name} ended without an answer` }), 5_000).unref();
    });
    const { Status, Reason } = await Promise.race([answered.promise, silent]);
    if (Status !== 'SUCCESS') throw new Error(`${logicalId} could not be made: ${Reason ?? 'no reason was given'}`);
  } finally {
    await server.close();
  }
}
