import type { Gate } from '../server/gate.ts';
import { ServiceError } from '../server/service-error.ts';
import type { Place } from '../template/template.ts';
import { accessesOf } from './access-of.ts';
import { type Access, decide, type Statement } from './policy.ts';

/** A role of the template, and the functions that run under it. */
export type Role = { readonly name: string; readonly statements: readonly Statement[] };

/** Who calls: by the access key that each function was given for itself. */
export type Callers = {
  /** The role of a function; `administrator` may do all; undefined: nobody has this key. */
  roleOf(accessKey: string): Role | 'administrator' | undefined;
};

/** Checks every call against the role of its caller, so that a forgotten right fails here and not in production. */
export function roleGate(callers: Callers, place: Place): Gate {
  return (call) => {
    const role = callers.roleOf(call.accessKey);
    if (role === 'administrator') return 'answer';
    if (role === undefined) {
      throw new ServiceError('UnrecognizedClientException', `nobody here has the access key ${call.accessKey}`, 403);
    }
    for (const access of accessesOf(call, place)) demand(role, access);
    return 'answer';
  };
}

/** @throws ServiceError AccessDenied, naming the action, the role and what the role has instead */
export function demand(role: Role, access: Access): void {
  const decision = decide(role.statements, access);
  if (decision.kind === 'allowed') return;
  const message = `the role ${role.name} may not ${access.action} on ${access.resource}: ${decision.reason}`;
  throw access.action.startsWith('s3:')
    ? new ServiceError('AccessDenied', message, 403)
    : new ServiceError('AccessDeniedException', message, 400);
}
