import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { xmlOf } from '../s3/xml.ts';
import { openGate } from '../server/gate.ts';
import { accessKeyOf, bodyOf, type LocalServer, listenLocal } from '../server/local-server.ts';
import { ServiceError } from '../server/service-error.ts';
import type { DeliveryOptions } from './delivery-service.ts';

/** SNS, as far as messages are published; it speaks AWS's Query protocol: a form in, XML out. */
export function startSns(options: DeliveryOptions = {}): Promise<LocalServer> {
  return listenLocal(async (request, response) => {
    const send = (status: number, body: string) => {
      response.writeHead(status, { 'content-type': 'text/xml' });
      response.end(body);
    };
    try {
      const body = await answer(request, options);
      if (body === 'lost') request.socket.destroy();
      else send(200, body);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const Type = error.status < 500 ? 'Sender' : 'Receiver';
      send(error.status, xmlOf('ErrorResponse', { Error: { Type, Code: error.code, Message: error.message } }));
    }
  });
}

async function answer(request: IncomingMessage, options: DeliveryOptions): Promise<string | 'lost'> {
  const { gate = openGate, onDone, onDelivery } = options;
  const form = new URLSearchParams((await bodyOf(request)).toString('utf8'));
  const operation = form.get('Action') ?? '';
  const TopicArn = form.get('TopicArn') ?? form.get('TargetArn') ?? '';
  const input = { TopicArn, Message: form.get('Message') };
  const call = { service: 'sns', operation, input, accessKey: accessKeyOf(request) } as const;
  const verdict = await gate(call);
  if (verdict === 'lose-request') return 'lost';
  const deliver = (payload: string) => {
    onDelivery?.({ service: 'sns', target: TopicArn, payload });
    return randomUUID();
  };
  const result = perform(form, operation, { deliver, partly: verdict === 'partly' });
  onDone?.(call, {});
  return verdict === 'lose-reply' ? 'lost' : result;
}

type Performing = { readonly deliver: (payload: string) => string; readonly partly: boolean };

function perform(form: URLSearchParams, operation: string, { deliver, partly }: Performing): string {
  if (operation === 'Publish') {
    return xmlOf('PublishResponse', { PublishResult: { MessageId: deliver(form.get('Message') ?? '') } });
  }
  if (operation !== 'PublishBatch') throw new ServiceError('InvalidAction', `the emulated SNS has no ${operation}`);
  const taken: { Id: string; MessageId: string }[] = [];
  const failed: { Id: string; Code: string; SenderFault: boolean }[] = [];
  for (let index = 1; form.has(`PublishBatchRequestEntries.member.${index}.Id`); index++) {
    const entry = `PublishBatchRequestEntries.member.${index}`;
    const Id = form.get(`${entry}.Id`) ?? '';
    if (partly && index % 2 === 0) failed.push({ Id, Code: 'ThrottledException', SenderFault: false });
    else taken.push({ Id, MessageId: deliver(form.get(`${entry}.Message`) ?? '') });
  }
  const PublishBatchResult = { Successful: { member: taken }, Failed: { member: failed } };
  return xmlOf('PublishBatchResponse', { PublishBatchResult });
}
