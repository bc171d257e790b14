import type { Callers, Role } from '../role/role-gate.ts';

/** The key of whoever runs the emulators: it may do all. */
export const ADMINISTRATOR = 'millrace-administrator';

/** An access key for each role, by which a call tells who makes it. */
export class AccessKeys implements Callers {
  readonly #roles = new Map<string, Role>();

  issue(role: Role): string {
    const key = `AKIA${Buffer.from(role.name).toString('hex').toUpperCase()}`;
    this.#roles.set(key, role);
    return key;
  }

  roleOf(accessKey: string): Role | 'administrator' | undefined {
    return accessKey === ADMINISTRATOR ? 'administrator' : this.#roles.get(accessKey);
  }
}
