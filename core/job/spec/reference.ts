/** A user's function in a job spec, by its module and export: `./spikes.ts#Spikes`. */
export type Reference = { readonly module: string; readonly exportName: string };

const REFERENCE = /^(\.{0,2}\/[^#]+)#([A-Za-z_$][\w$]*)$/;

/**
 * Whether a text is meant as a reference to a function, and not as an expression: it begins with `./`, `../` or `/`,
 * which no expression does.
 */
export function looksLikeReference(text: string): boolean {
  return /^\.{0,2}\//.test(text);
}

/**
 * Module and export of a reference; undefined where the text is none.
 *
 * @example
 * parseReference('./spikes.ts#Spikes'); // { module: './spikes.ts', exportName: 'Spikes' }
 */
export function parseReference(text: string): Reference | undefined {
  const [, module, exportName] = REFERENCE.exec(text) ?? [];
  return module === undefined || exportName === undefined ? undefined : { module, exportName };
}

/** What is wrong with a text that should be a reference; undefined where nothing is. */
export function referenceFault(text: string): string | undefined {
  if (parseReference(text) !== undefined) return undefined;
  if (looksLikeReference(text) && !text.includes('#')) {
    return `${JSON.stringify(text)} names no export; write ${text}#name`;
  }
  return `${JSON.stringify(text)} is not a reference to a function; write one like ./module.ts#name`;
}

/** A reference with where in the spec it stands. */
export type PlacedReference = Reference & { readonly path: readonly (string | number)[] };

/** What stands in a spec as data, where a text that looks like a reference is none. */
const DATA = new Set(['collection', 'datagen', 'options', 'description', 'schema']);

/** Every reference of a spec, for whoever loads the modules. */
export function referencesOf(spec: unknown, path: readonly (string | number)[] = []): readonly PlacedReference[] {
  if (typeof spec === 'string') {
    const reference = parseReference(spec);
    return reference === undefined ? [] : [{ ...reference, path }];
  }
  if (Array.isArray(spec)) return spec.flatMap((one, index) => referencesOf(one, [...path, index]));
  if (typeof spec !== 'object' || spec === null) return [];
  return Object.entries(spec).flatMap(([name, value]) =>
    DATA.has(name) && path.length === 2 ? [] : referencesOf(value, [...path, name]),
  );
}
