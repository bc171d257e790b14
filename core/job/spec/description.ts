import * as z from 'zod';

/** A connector is described as its options are. */
export function textOf(options: z.ZodType): string {
  return z.globalRegistry.get(options)?.description ?? '';
}
