import { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * What all AWS clients are made with. Region, credentials and endpoint come from the environment, as in any AWS program:
 * AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL …
 *
 * HTTP/1.1 for all: it is what emulators speak, and requests to one host share connections. Time-outs are short and tries
 * few: whoever calls tries again by its own rules (P10: a put with its retries stays within minutes).
 */
const CONNECT_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;

export type ClientOptions = {
  /** Where the services are; AWS_ENDPOINT_URL unless said, else AWS. */
  readonly endpoint?: string;
  readonly region?: string;
};

export function clientOptions({ endpoint, region }: ClientOptions = {}) {
  return {
    maxAttempts: ATTEMPTS,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    }),
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
  };
}

/** Emulators have one name for all buckets, so the bucket stands in the path. */
export function s3Options(options: ClientOptions = {}) {
  const emulated = options.endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  return { ...clientOptions(options), forcePathStyle: emulated !== undefined };
}
