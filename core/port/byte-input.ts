/**
 * Bytes that come from outside, in pieces of any size, such as the standard input of a process.
 *
 * Law: it is iterated over once; the end of the iteration is the end of the input.
 */
export type ByteInput = AsyncIterable<Uint8Array>;
