import { rowOf } from './encoder.ts';

/**
 * Names of parts: `part-UID-SUBTASK-INCARNATION-COUNTER.ENDING`, in progress `.part-….inprogress`, so that who reads the
 * folder does not see them. No two writers ever make up the same name: an incarnation is new on every restore, and
 * a writer begins to count behind the parts that are there.
 */
export type PartName = {
  readonly uid: string;
  readonly subtask: number;
  readonly incarnation: number;
  readonly counter: number;
};

const PART = /^\.?part-(.+)-(\d+)-(\d+)-(\d+)\.[a-z.]+$/;
const IN_PROGRESS = '.inprogress';

export function finalName({ uid, subtask, incarnation, counter }: PartName, ending: string): string {
  return `part-${safe(uid)}-${subtask}-${incarnation}-${counter}.${ending}`;
}

export function temporaryName(name: PartName, ending: string): string {
  return `.${finalName(name, ending)}${IN_PROGRESS}`;
}

/** The parts of a name, and whether it is in progress; undefined where it is no part's. */
export function parsePartName(name: string): (PartName & { readonly inProgress: boolean }) | undefined {
  const found = PART.exec(name);
  if (found === null) return undefined;
  const [, uid = '', subtask, incarnation, counter] = found;
  return {
    uid: unescaped(uid),
    subtask: Number(subtask),
    incarnation: Number(incarnation),
    counter: Number(counter),
    inProgress: name.endsWith(IN_PROGRESS),
  };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Any text as a part of a file name, on every system. */
export function safe(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The folder of a record, `field=value`; empty where nothing is partitioned. */
export function partitionOf(value: unknown, field: string | undefined): string {
  if (field === undefined) return '';
  const found = rowOf(value, 'partitioned')[field] ?? '__null__';
  return `${safe(field)}=${safe(found instanceof Date ? found.toISOString() : String(found))}`;
}
