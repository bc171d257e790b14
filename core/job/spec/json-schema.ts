import * as z from 'zod';
import { Job } from './schema.ts';

/**
 * The JSON Schema of the job spec, for editors: draft 7, which they all know. `job.schema.json` at the root of the package
 * is this, written out.
 */
export function jobJsonSchema(): unknown {
  return z.toJSONSchema(Job, { target: 'draft-7', io: 'input' });
}
