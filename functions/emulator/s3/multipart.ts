import { createHash, randomUUID } from 'node:crypto';
import { ServiceError } from '../server/service-error.ts';
import type { StoredObject } from './object-table.ts';
import type { S3Request } from './s3-request.ts';
import { textsOf } from './xml.ts';

type Upload = {
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, Buffer>;
};

/** All parts but the last must be this large, as on S3. */
const MIN_PART_BYTES = 5 * 1024 * 1024;

/** Uploads under way. They live in memory: a restart forgets those that were not completed. */
export class MultipartUploads {
  readonly #uploads = new Map<string, Upload>();

  create({ bucket, key }: S3Request, headers: Readonly<Record<string, string>>): string {
    const id = randomUUID();
    this.#uploads.set(id, { bucket, key, headers, parts: new Map() });
    return id;
  }

  /** Keeps a part and gives its ETag. */
  add(request: S3Request): string {
    this.#of(request).parts.set(Number(request.query.get('partNumber')), request.body);
    return md5(request.body);
  }

  /** The object that the listed parts make. The upload stays until `forget`, since a condition may refuse the object. */
  assemble(request: S3Request): Omit<StoredObject, 'modified'> {
    const { parts, headers } = this.#of(request);
    const document = request.body.toString('utf8');
    const numbers = textsOf(document, 'PartNumber').map(Number);
    const etags = textsOf(document, 'ETag').map((etag) => etag.replaceAll('"', ''));
    const bodies = numbers.map((number, index) => {
      const body = parts.get(number);
      if (body === undefined || md5(body) !== etags[index]) {
        throw new ServiceError('InvalidPart', `part ${number} was not uploaded, or with another ETag`);
      }
      return body;
    });
    if (numbers.some((number, index) => index > 0 && number <= Number(numbers[index - 1]))) {
      throw new ServiceError('InvalidPartOrder', 'The list of parts was not in ascending order.');
    }
    if (bodies.slice(0, -1).some((body) => body.length < MIN_PART_BYTES)) {
      throw new ServiceError('EntityTooSmall', 'A part but the last is smaller than 5 MB');
    }
    const sums = Buffer.concat(bodies.map((body) => createHash('md5').update(body).digest()));
    return { body: Buffer.concat(bodies), etag: `${md5(sums)}-${bodies.length}`, headers };
  }

  forget(request: S3Request): void {
    this.#of(request);
    this.#uploads.delete(String(request.query.get('uploadId')));
  }

  #of({ bucket, key, query }: S3Request): Upload {
    const upload = this.#uploads.get(String(query.get('uploadId')));
    if (upload?.bucket === bucket && upload.key === key) return upload;
    throw new ServiceError('NoSuchUpload', 'The specified multipart upload does not exist.', 404);
  }
}

export function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}
