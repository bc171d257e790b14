import { ServiceError } from '../server/service-error.ts';

export type ChunkedBody = { readonly body: Buffer; readonly trailers: ReadonlyMap<string, string> };

const LINE_END = Buffer.from('\r\n');

/**
 * The body of a streamed upload, as SDKs send it whose checksum is known at the end only: chunks that begin with their
 * length in hex, a chunk of length 0, then trailers (AWS, "Signature calculations: transferring payload in chunks").
 */
export function readChunked(bytes: Buffer): ChunkedBody {
  const pieces: Buffer[] = [];
  let at = 0;
  const line = () => {
    const end = bytes.indexOf(LINE_END, at);
    if (end < 0) throw new ServiceError('IncompleteBody', 'the chunked body ends within a line');
    const text = bytes.toString('latin1', at, end);
    at = end + LINE_END.length;
    return text;
  };
  for (;;) {
    const size = Number.parseInt(line(), 16);
    if (!(size >= 0)) throw new ServiceError('InvalidChunkSizeError', 'a chunk begins without its length');
    if (size === 0) break;
    if (at + size > bytes.length) throw new ServiceError('IncompleteBody', 'the chunked body ends within a chunk');
    pieces.push(bytes.subarray(at, at + size));
    at += size + LINE_END.length;
  }
  const trailers = new Map<string, string>();
  while (at < bytes.length) {
    const [name = '', value = ''] = line().split(/:(.*)/s);
    if (name !== '') trailers.set(name.trim().toLowerCase(), value.trim());
  }
  return { body: Buffer.concat(pieces), trailers };
}
