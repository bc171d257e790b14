import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessages, encodeMessages, MESSAGE_OVERHEAD } from '../../../core/connector/aws/queued-message.ts';
import { sqs } from '../../../core/connector/aws/sqs.ts';
import { isLogSource, type LogSource } from '../../../core/connector/log-source.ts';

const { source } = sqs({ queue: 'orders' });
const decode = isLogSource(source) ? (source as LogSource).decode : undefined;
const message = (id: string, sent: number, body: string) => ({ id, sent, body: Buffer.from(body) });

test('messages in an entry are read as they were written, and take no more room than was reckoned with', () => {
  const messages = fc.array(
    fc.record({ id: fc.uuid(), sent: fc.nat({ max: 4_102_444_800_000 }), body: fc.uint8Array({ maxLength: 300 }) }),
  );
  fc.assert(
    fc.property(messages, (written) => {
      const bytes = encodeMessages(written);
      expect(decodeMessages(bytes)).toEqual(written);
      const room = written.reduce((sum, { body }) => sum + body.length + MESSAGE_OVERHEAD, 1);
      expect(bytes.length).toBeLessThanOrEqual(room);
    }),
  );
});

test('a record of a queue has the time at which its message was sent', () => {
  const bytes = encodeMessages([message('a', 1_000, '{"n":1}'), message('b', 2_000, '{"n":2}\n{"n":3}')]);
  expect(decode?.({ bytes, place: 'orders', arrival: 9_000 })).toEqual({
    values: [{ n: 1 }, { n: 2 }, { n: 3 }],
    timestamps: [1_000, 2_000, 2_000],
  });
});

test('a message that is no record is told with its id, and those around it are read', () => {
  const bytes = encodeMessages([message('a', 1, '{"n":1}'), message('b', 2, '{"n":'), message('c', 3, '{"n":3}')]);
  expect(decode?.({ bytes, place: 'orders/shard 7' })).toMatchObject({
    values: [{ n: 1 }, { n: 3 }],
    timestamps: [1, 3],
    faults: [{ place: 'orders/shard 7 message b', raw: '{"n":' }],
  });
});

test('an entry that nobody wrote for a queue is a fault', () => {
  for (const bytes of [Buffer.from('{"n":1}'), encodeMessages([message('a', 1, 'x')]).subarray(0, 5)]) {
    const decoded = decode?.({ bytes, place: 'orders' });
    expect(decoded?.values).toEqual([]);
    expect(decoded?.faults).toHaveLength(1);
  }
});
