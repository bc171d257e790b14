import * as z from 'zod';
import { valueAt } from './spec-fault.ts';

/**
 * Which part of a schema a value is meant for, so that a fault is told of that part alone: zod itself says of a union only
 * that nothing fits.
 */
type AnySchema = z.core.$ZodType;

/** The schema of what stands at a path of a value. */
export function schemaAt(schema: AnySchema, path: readonly PropertyKey[], value: unknown): AnySchema | undefined {
  let found: AnySchema | undefined = meant(schema, value);
  for (const [index, step] of path.entries()) {
    if (found === undefined) return undefined;
    const below = under(found, step);
    found = below === undefined ? undefined : meant(below, valueAt(value, path.slice(0, index + 1)));
  }
  return found;
}

/** The text that the schema at a path is described with, that of the property before that of its type. */
export function descriptionAt(schema: AnySchema, path: readonly PropertyKey[], value: unknown): string | undefined {
  const last = path.at(-1);
  const owner = last === undefined ? undefined : schemaAt(schema, path.slice(0, -1), value);
  let found = owner === undefined || last === undefined ? schema : under(owner, last);
  while (found !== undefined) {
    const description = z.globalRegistry.get(found)?.description;
    if (description !== undefined) return description;
    found = inner(found);
  }
  return undefined;
}

/** The names that a strict object knows. */
export function namesOf(schema: AnySchema | undefined): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** The options of a union whose type is that of the value; the schema itself where it is no union. */
export function optionsFor(schema: AnySchema, value: unknown): readonly AnySchema[] {
  const bare = unwrapped(schema);
  if (!(bare instanceof z.ZodUnion)) return [bare];
  return bare.options.flatMap((option) => optionsFor(option, value)).filter((option) => fits(option, value));
}

/** Without the wrappers that let it be absent. */
export function unwrapped(schema: AnySchema): AnySchema {
  const within = inner(schema);
  return within === undefined ? schema : unwrapped(within);
}

function meant(schema: AnySchema, value: unknown): AnySchema | undefined {
  const options = optionsFor(schema, value);
  return options.length === 1 ? options[0] : undefined;
}

function inner(schema: AnySchema): AnySchema | undefined {
  if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodOptional) return schema.def.innerType;
  return undefined;
}

function under(schema: AnySchema, step: PropertyKey): AnySchema | undefined {
  const bare = unwrapped(schema);
  if (bare instanceof z.ZodObject) return bare.shape[String(step)];
  if (bare instanceof z.ZodRecord) return bare.valueType;
  return bare instanceof z.ZodArray ? bare.element : undefined;
}

function fits(schema: AnySchema, value: unknown): boolean {
  if (Array.isArray(value)) return schema instanceof z.ZodArray;
  if (value === null) return schema instanceof z.ZodNull;
  switch (typeof value) {
    case 'string':
      return schema instanceof z.ZodString || schema instanceof z.ZodEnum;
    case 'number':
      return schema instanceof z.ZodNumber;
    case 'boolean':
      return schema instanceof z.ZodBoolean || schema instanceof z.ZodLiteral;
    case 'object':
      return schema instanceof z.ZodObject || schema instanceof z.ZodRecord;
    default:
      return false;
  }
}
