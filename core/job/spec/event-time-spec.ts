import type { Untyped } from '../../operator/untyped.ts';
import { noWatermarks } from '../../time/watermark-generator.ts';
import type { EventTimeOptions } from '../event-time.ts';
import type { Known } from './expressions.ts';
import type { FunctionResolver } from './function-resolver.ts';
import type { EventTimeSpec } from './schema.ts';
import type { Step } from './spec-fault.ts';

type Context = { readonly resolver: FunctionResolver; readonly known: Known; readonly path: readonly Step[] };

/** The options of event time as the API takes them. */
export function eventTimeOptions(spec: EventTimeSpec, { resolver, known, path }: Context): EventTimeOptions<Untyped> {
  if (typeof spec === 'string') {
    resolver.column(spec, path, known);
    return { from: spec };
  }
  const { field, from, watermarks, ...rest } = spec;
  if (field !== undefined) resolver.column(field, [...path, 'field'], known);
  const time = from === undefined ? field : resolver.value(from, [...path, 'from'], { ...known, rowtime: true }, 2);
  return {
    ...(rest as object),
    ...(time !== undefined && { from: time }),
    ...(watermarks !== undefined && { watermarks: watermarksOf(watermarks, { resolver, known, path }) }),
  };
}

function watermarksOf(text: string, { resolver, path }: Context): Untyped {
  if (text === 'monotonous') return text;
  return text === 'none' ? noWatermarks() : resolver.export(text, [...path, 'watermarks'], 0);
}
