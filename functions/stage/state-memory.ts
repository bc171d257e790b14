/**
 * How much of a function's memory the state of one task may take: an instance meets several shards in its life, and a batch
 * with what it makes takes a multiple of what arrived.
 */
const STATE_SHARE = 1 / 8;

const BYTES_OF_MEBIBYTE = 1_048_576;

/**
 * Bytes for the state of a task, from the memory that Lambda says the function has; undefined where it does not say.
 *
 * @example
 * stateBytesOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024' }); // 134_217_728
 */
export function stateBytesOf(variables: { readonly [name: string]: string | undefined }): number | undefined {
  const mebibytes = Number(variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  return mebibytes > 0 ? mebibytes * BYTES_OF_MEBIBYTE * STATE_SHARE : undefined;
}
