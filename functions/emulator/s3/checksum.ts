import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ServiceError } from '../server/service-error.ts';

/** A checksum that came with an object and is given back with it: the header's name and its value. */
export type Checksum = { readonly header: string; readonly value: string };

const ALGORITHMS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  crc32: (body) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return sum;
  },
  sha1: (body) => createHash('sha1').update(body).digest(),
  sha256: (body) => createHash('sha256').update(body).digest(),
};

const NO_CHECKSUM = new Set(['x-amz-checksum-algorithm', 'x-amz-checksum-mode', 'x-amz-checksum-type']);

/**
 * Checks what came with a body: the checksum that S3 was asked to keep, and Content-MD5.
 *
 * @throws ServiceError BadDigest where a checksum differs, NotImplemented for an algorithm that the emulator lacks
 */
export function verified(body: Buffer, headers: Iterable<readonly [string, string]>): Checksum | undefined {
  let kept: Checksum | undefined;
  for (const [name, value] of headers) {
    if (name === 'content-md5') compare('Content-MD5', createHash('md5').update(body).digest('base64'), value);
    if (!name.startsWith('x-amz-checksum-') || NO_CHECKSUM.has(name)) continue;
    const algorithm = name.slice('x-amz-checksum-'.length);
    const compute = ALGORITHMS[algorithm];
    if (compute === undefined) {
      const has = Object.keys(ALGORITHMS).join(', ');
      throw new ServiceError('NotImplemented', `the emulated S3 checks ${has}, and not ${algorithm}`, 501);
    }
    compare(algorithm, compute(body).toString('base64'), value);
    kept = { header: name, value };
  }
  return kept;
}

function compare(algorithm: string, computed: string, given: string): void {
  if (computed !== given)
    throw new ServiceError('BadDigest', `the ${algorithm} you specified did not match the calculated checksum.`);
}
