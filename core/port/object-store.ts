/**
 * Named byte strings: a folder on a laptop, a bucket on AWS.
 *
 * Laws: a put is whole or absent, never half (also when the process dies during it); after a put has resolved, get and
 * list see it; names use `/` between parts; list gives names in UTF-8 byte order.
 */
export interface ObjectStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Undefined where there is no such object. */
  get(name: string): Promise<Uint8Array | undefined>;
  list(prefix: string): Promise<readonly string[]>;
  /** Deleting what is absent is no error. */
  delete(name: string): Promise<void>;
}
