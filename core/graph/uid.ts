/**
 * Uids of nodes that the user did not name.
 *
 * Model: a derived uid is the nearest named node upstream (over the first input), a dot, and the kind of the operator:
 * `clicks.filter`; the second of one name is `clicks.filter-2`.
 * 1. It depends on nothing but the named node it comes from and the nameless ones of its kind before it there. Changing
 *    another branch of the job changes no uid.
 * 2. Its length is bounded, however long a row of nameless operators is.
 * 3. It never equals a given uid.
 */
export class UidAllocator {
  readonly #taken: Set<string>;
  readonly #counts = new Map<string, number>();

  constructor(given: Iterable<string>) {
    this.#taken = new Set(given);
  }

  /** The next free uid of `origin` and `kind`. */
  derive(origin: string, kind: string): string {
    const stem = origin === '' ? kind : `${origin}.${kind}`;
    let count = this.#counts.get(stem) ?? 0;
    let uid: string;
    do {
      count++;
      uid = count === 1 ? stem : `${stem}-${count}`;
    } while (this.#taken.has(uid));
    this.#counts.set(stem, count);
    this.#taken.add(uid);
    return uid;
  }
}

const UID = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,254}$/u;

/** What is wrong with a uid that a person gave; undefined where nothing is. */
export function uidFault(uid: string): string | undefined {
  if (UID.test(uid)) return undefined;
  return `${JSON.stringify(uid.length > 40 ? `${uid.slice(0, 40)}…` : uid)} is not a name; use letters, digits, "_", "-" and ".", beginning with a letter or digit, at most 255`;
}
