import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { hashKey } from '../core/codec/key.ts';
import type { FrameHeader } from '../core/frame/frame.ts';
import { decodeFrame, encodeBody, encodeFrame } from '../core/frame/frame-codec.ts';
import { NO_TIMESTAMP } from '../core/time/timestamp.ts';
import { clickEvents } from './click-event.ts';

/**
 * `node bench/frame.ts [EVENTS]`: events of about 1 KB packed and unpacked, as frames and as JSON lines in zstd; CPU
 * microseconds per event and bytes per event, best of many rounds. It does not measure base64 nor the Lambda event around it.
 */
const count = Number(process.argv[2] ?? 2_000);
const events = clickEvents(count);
const records = {
  values: events,
  timestamps: events.map(({ at }) => at ?? NO_TIMESTAMP),
  groups: events.map(({ page }) => hashKey(page) & 1023),
};
const header: FrameHeader = {
  job: 'bench',
  incarnation: 1,
  producer: 'humans/shardId-000000000000',
  n: 1,
  chunk: 0,
  last: true,
  prev: [],
  port: 0,
  range: { first: 0, last: 1023 },
  watermark: 0,
  idle: false,
  barrier: 0,
};

function best(name: string, bytes: number, work: () => unknown): void {
  let least = Number.POSITIVE_INFINITY;
  const until = performance.now() + 1500;
  while (performance.now() < until) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, user + system);
  }
  process.stdout.write(
    `${name.padEnd(24)}${(least / count).toFixed(2).padStart(8)} µs/event${(bytes / count).toFixed(0).padStart(8)} B/event\n`,
  );
}

function packFrame(): Uint8Array {
  const body = encodeBody(records);
  if (body.kind === 'too-large') throw new Error(`take fewer events: ${body.pieces} frames are needed`);
  return encodeFrame(header, body);
}

const level = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const packJson = () => zstdCompressSync(Buffer.from(JSON.stringify(events)), level);

const frame = packFrame();
const json = packJson();
const plain = JSON.stringify(events);
best('JSON.stringify', plain.length, () => JSON.stringify(events));
best('JSON.parse', plain.length, () => JSON.parse(plain));
best('pack JSON + zstd', json.length, packJson);
best('unpack JSON + zstd', json.length, () => JSON.parse(zstdDecompressSync(json).toString()));
best('pack frame', frame.length, packFrame);
best('unpack frame', frame.length, () => decodeFrame(frame).records());
