import type { BatchIdentity } from '../../core/port/record-writer.ts';
import { fieldText, identityDigest, type SinkTarget, textOf } from './sink-target.ts';

type MessageOptions = { readonly format?: 'json' | 'text'; readonly group?: string };

/** A record as a message of SQS or SNS: its body, and for FIFO its group and what repetitions are known by. */
export function messageOf(
  { uid, options }: SinkTarget<MessageOptions>,
  isFifo: boolean,
  identity: BatchIdentity,
  { value, index }: { readonly value: unknown; readonly index: number },
) {
  const body = textOf(value, options.format);
  if (!isFifo) return { body, fifo: {} };
  const group = fieldText(value, options.group) ?? identity.task;
  return {
    body,
    fifo: {
      MessageGroupId: /^[!-~]{1,128}$/.test(group) ? group : identityDigest(group, NOBODY, 0),
      MessageDeduplicationId: identityDigest(uid, identity, index),
    },
  };
}

/** A group that the service does not take as it is goes by its digest. */
const NOBODY: BatchIdentity = { incarnation: 0, task: '', n: 0 };
