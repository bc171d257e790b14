/**
 * Named byte strings: a folder on a laptop, a bucket on AWS.
 *
 * Laws: a put is whole or absent, never half (also when the process dies during it); after a put has resolved, get and
 * list see it; names use `/` between parts; list gives names in UTF-8 byte order.
 */
export interface ObjectStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Undefined where there is no such object. Of a part that reaches past the end, what there is. */
  get(name: string, part?: BytePart): Promise<Uint8Array | undefined>;
  list(prefix: string): Promise<readonly string[]>;
  /** Deleting what is absent is no error. */
  delete(name: string): Promise<void>;
}

/** Bytes of an object from `start` up; both are not negative, and `length` is not 0. */
export type BytePart = { readonly start: number; readonly length: number };
