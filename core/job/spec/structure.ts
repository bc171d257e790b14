import * as z from 'zod';
import { suggestion } from '../../expression/fault.ts';
import { Operator } from './operator-schema.ts';
import { isDurationText } from './scalar-schema.ts';
import { Job, type JobSpec, Settings, Sink, Source } from './schema.ts';
import { descriptionAt, namesOf, optionsFor, schemaAt } from './schema-walk.ts';
import { type SpecFault, type Step, valueAt } from './spec-fault.ts';

/**
 * The shape of a spec: what the schema says, in words that name the way out.
 *
 * Model: the pieces (settings, each source, operator and sink) are validated one by one. Of a piece with faults, what is
 * well-formed is kept, so that all else that can be checked is checked in the same go.
 */
export type Structure = {
  /** What is well-formed of the spec; equal to it where there are no faults. */
  readonly spec: JobSpec;
  readonly faults: readonly SpecFault[];
};

type Piece = z.ZodObject;

const Shell = Job.extend({
  settings: z.unknown().optional(),
  sources: z.record(z.string(), z.unknown()),
  operators: z.record(z.string(), z.unknown()).exactOptional(),
  sinks: z.record(z.string(), z.unknown()).exactOptional(),
});

/** Checks a plain value, as it was read from YAML or JSON, against the schema. */
export function structureOf(raw: unknown): Structure {
  const faults = faultsOf(Shell, raw, []);
  const of = isRecord(raw) ? raw : {};
  const group = <T>(name: 'sources' | 'operators' | 'sinks', schema: Piece): Record<string, T> => {
    const pieces = Object.entries(isRecord(of[name]) ? of[name] : {});
    const kept = pieces.map(([uid, piece]) => {
      const checked = checkedPiece(schema, piece, [name, uid]);
      faults.push(...checked.faults);
      return [uid, checked.kept as T] as const;
    });
    return Object.fromEntries(kept);
  };
  const settings = of.settings === undefined ? undefined : checkedPiece(Settings, of.settings, ['settings']);
  if (settings !== undefined) faults.push(...settings.faults);
  const spec: JobSpec = {
    job: typeof of.job === 'string' ? of.job : '',
    ...(settings !== undefined && { settings: settings.kept }),
    sources: group('sources', Source),
    operators: group('operators', Operator),
    sinks: group('sinks', Sink),
  };
  return { spec, faults };
}

function checkedPiece(schema: Piece, piece: unknown, path: readonly Step[]) {
  if (schema.safeParse(piece).success) return { kept: piece as Record<string, unknown>, faults: [] };
  const faults = faultsOf(schema, piece, path);
  return { kept: isRecord(piece) ? wellFormed(schema, piece) : {}, faults };
}

/**
 * What is left of a piece without the properties that are not of the right type. Texts that are of the right type and
 * say something wrong stay. For `1 parsec` some duration stands in, since it tells what kind of window is meant,
 * and for a type that is none `unknown`.
 */
function wellFormed(schema: Piece, piece: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = structuredClone(piece) as Record<string, unknown>;
  for (const misfit of misfitsOf(schema, kept, [])) mend(kept, misfit);
  for (const { path } of misfitsOf(schema, kept, [])) if (path[0] !== undefined) delete kept[String(path[0])];
  return kept;
}

type Misfit = { readonly path: readonly PropertyKey[]; readonly standIn?: string };

function misfitsOf(schema: z.core.$ZodType, value: unknown, base: readonly PropertyKey[]): Misfit[] {
  const result = z.safeParse(schema, value);
  return (result.error?.issues ?? []).flatMap((issue): Misfit[] => {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: [...path, key] }));
    if (issue.code === 'custom') return isDurationText(schema) ? [{ path, standIn: '1s' }] : [];
    const option = issue.code === 'invalid_union' ? optionAt(schema, issue.path, value) : undefined;
    return option === undefined ? [{ path }] : misfitsOf(option, valueAt(value, issue.path), path);
  });
}

function mend(value: unknown, { path, standIn }: Misfit): void {
  const owner = valueAt(value, path.slice(0, -1)) as Record<PropertyKey, unknown> | undefined;
  const last = path.at(-1);
  if (typeof owner !== 'object' || last === undefined) return;
  if (standIn !== undefined) owner[last] = standIn;
  else if (path[0] === 'schema' && path.length > 1) owner[last] = 'unknown';
  else if (isRecord(owner)) delete owner[String(last)];
}

/** The option of the union at a path that a value is meant for, if there is just one. */
function optionAt(schema: z.core.$ZodType, path: readonly PropertyKey[], value: unknown): z.core.$ZodType | undefined {
  const union = unionAt(schema, path, value);
  const options = union === undefined ? [] : optionsFor(union, valueAt(value, path));
  return options.length === 1 ? options[0] : undefined;
}

function unionAt(schema: z.core.$ZodType, path: readonly PropertyKey[], value: unknown): z.core.$ZodType | undefined {
  if (path.length === 0) return schema;
  return schemaAt(schema, path, value);
}

function faultsOf(schema: z.core.$ZodType, value: unknown, base: readonly Step[]): SpecFault[] {
  const result = z.safeParse(schema, value);
  return (result.error?.issues ?? []).flatMap((issue) => issueFaults(schema, value, base, issue));
}

function issueFaults(
  schema: z.core.$ZodType,
  value: unknown,
  base: readonly Step[],
  issue: z.core.$ZodIssue,
): SpecFault[] {
  const path = [...base, ...(issue.path as Step[])];
  const given = valueAt(value, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = namesOf(schemaAt(schema, issue.path, value));
    return issue.keys.map((key) => ({ path: [...path, key], at: 'key', message: unknownName(key, known) }));
  }
  if (given === undefined && issue.code !== 'custom') {
    const description = descriptionAt(schema, issue.path, value);
    return [{ path, message: description === undefined ? 'is missing' : `is missing. ${description}` }];
  }
  if (issue.code === 'invalid_union') {
    const option = optionAt(schema, issue.path, value);
    if (option !== undefined) return faultsOf(option, given, path);
  }
  return [{ path, message: messageOf(issue, given) }];
}

function unknownName(name: string, known: readonly string[]): string {
  const near = suggestion(name, known);
  return `"${name}" is not known here${near === '' ? `; there are ${known.join(', ')}` : near}`;
}

function messageOf(issue: z.core.$ZodIssue, given: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return given === null
        ? `is empty; ${EXPECTED[issue.expected] ?? issue.expected} is expected`
        : `${kindOf(given)} stands where ${EXPECTED[issue.expected] ?? issue.expected} is expected`;
    case 'invalid_value': {
      const values = issue.values.map(String);
      const near = typeof given === 'string' ? suggestion(given, values) : '';
      return `${JSON.stringify(given)} is not ${values.length === 1 ? '' : 'one of '}${values.join(', ')}${near}`;
    }
    default:
      return issue.message;
  }
}

const EXPECTED: { readonly [type: string]: string } = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of names and values',
  record: 'a map of names and values',
};

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = JSON.stringify(value);
  return typeof value === 'string' ? `the text ${text}` : `${text}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
