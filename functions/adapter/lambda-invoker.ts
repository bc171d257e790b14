import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Invoker, TaskCommand } from '../../core/port/invoker.ts';
import { calling } from './aws-error.ts';

/** Calls the function of a stage without waiting for it to run. `functionOf` gives its name or ARN. */
export class LambdaInvoker implements Invoker {
  readonly #client: LambdaClient;
  readonly #functionOf: (stage: string) => string;

  constructor(client: LambdaClient, functionOf: (stage: string) => string) {
    this.#client = client;
    this.#functionOf = functionOf;
  }

  async invoke(stage: string, command: TaskCommand): Promise<void> {
    const name = this.#functionOf(stage);
    const request = new InvokeCommand({
      FunctionName: name,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(command)),
    });
    await calling(`call function ${name}`, () => this.#client.send(request));
  }
}
