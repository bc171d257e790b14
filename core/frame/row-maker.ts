/** Shapes remembered; more than these, and records have no shape worth remembering. */
const MAX_SHAPES = 1_000;

/** Fewer rows than this do not earn a function of their own. */
const WORTH_COMPILING = 16;

type Make = (columns: readonly (readonly unknown[])[], count: number) => object[];

/**
 * Makes objects of columns. A shape that is seen with many rows gets a function that makes its objects as a literal:
 * several times as fast as setting field by field. One instance serves a process: it remembers shapes, nothing else.
 */
export class RowMaker {
  readonly #made = new Map<string, Make>();

  make(names: readonly string[], columns: readonly (readonly unknown[])[], count: number): object[] {
    const shape = JSON.stringify(names);
    const known = this.#made.get(shape);
    if (known !== undefined) return known(columns, count);
    if (count < WORTH_COMPILING) return fieldByField(names, columns, count);
    if (this.#made.size >= MAX_SHAPES) this.#made.clear();
    const made = compile(names);
    this.#made.set(shape, made);
    return made(columns, count);
  }
}

/** A computed name makes an own property of each, also of one called `__proto__`. */
function compile(names: readonly string[]): Make {
  const columns = names.map((_, i) => `const c${i} = columns[${i}];`).join('');
  const fields = names.map((name, i) => `[${JSON.stringify(name)}]: c${i}[i]`).join(', ');
  const body = `${columns} const rows = new Array(count); for (let i = 0; i < count; i++) rows[i] = { ${fields} }; return rows;`;
  return new Function('columns', 'count', body) as Make;
}

function fieldByField(
  names: readonly string[],
  columns: readonly (readonly unknown[])[],
  count: number,
): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, row) => {
    const object: Record<string, unknown> = {};
    names.forEach((name, i) => {
      const value = columns[i]?.[row];
      if (name === '__proto__') {
        Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      } else {
        object[name] = value;
      }
    });
    return object;
  });
}
