/** A step from a value of a spec to one below it: the name of a property, or the index in a list. */
export type Step = string | number;

/** A fault of a spec by its path; its place in the file is found when all faults are known. */
export type SpecFault = {
  readonly path: readonly Step[];
  readonly message: string;
  /** Whether the name is at fault, as where it is unknown, or what stands under it (unless said). */
  readonly at?: 'key' | 'value';
  /** The 1-based column within a text. */
  readonly offset?: number;
  /** It may follow from a fault in the shape of its piece (a source, an operator, a sink), and is told where there is none. */
  readonly mayFollow?: true;
};

/** All faults of a spec: those of its shape, and of what else is wrong with it those that do not follow from them. */
export function allFaults(ofShape: readonly SpecFault[], others: readonly SpecFault[]): readonly SpecFault[] {
  const pieceOf = ({ path }: SpecFault) => JSON.stringify(path.slice(0, 2));
  const misshapen = new Set(ofShape.map(pieceOf));
  return [...ofShape, ...others.filter((fault) => !(fault.mayFollow && misshapen.has(pieceOf(fault))))];
}

/** How messages name a path. Lists are not numbered, since the place says which element is meant. */
export function pathText(path: readonly Step[]): string {
  return path.filter((step) => typeof step === 'string').join('.');
}

/** The steps of a path as messages name it, within a value: names may have dots in them. */
export function stepsOf(text: string, within: unknown): readonly Step[] {
  const steps: string[] = [];
  let rest = text;
  let value = within;
  while (rest !== '') {
    const step = longestName(rest, value) ?? firstOf(rest);
    steps.push(step);
    rest = rest.slice(step.length + 1);
    value = valueUnder(value, step);
  }
  return steps;
}

/** The longest beginning of a path that is a name in the value. */
function longestName(path: string, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    if (Object.hasOwn(value, path.slice(0, end))) return path.slice(0, end);
  }
  return undefined;
}

function firstOf(text: string): string {
  const end = text.indexOf('.');
  return end < 0 ? text : text.slice(0, end);
}

/** The value at the end of a path; undefined where there is none. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(valueUnder, value);
}

function valueUnder(value: unknown, step: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as { readonly [step: PropertyKey]: unknown })[step];
}
