import type { Statement } from '../role/policy.ts';
import type { Role } from '../role/role-gate.ts';
import type { TemplateResolver } from '../template/resolve-template.ts';

type Document = { readonly Statement: Statement | readonly Statement[] };
type Policy = { readonly PolicyDocument: Document; readonly Roles?: readonly string[] };

/**
 * The roles of a template by their ARN, each with the statements of its own policies and of those attached to it. Managed
 * policies of AWS are not looked at: what the log of a function needs is asked of nobody here.
 */
export function rolesOf(resolver: TemplateResolver): ReadonlyMap<string, Role> {
  const ofType = (...types: readonly string[]) => resolver.resources.filter(([, { Type }]) => types.includes(Type));
  const attached = ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy').map(
    ([id]) => resolver.propertiesOf(id) as unknown as Policy,
  );
  const roles = ofType('AWS::IAM::Role').map(([id]) => {
    const { ref: name, attributes } = resolver.identityOf(id);
    const own = (resolver.propertiesOf(id).Policies ?? []) as readonly Policy[];
    const others = attached.filter(({ Roles = [] }) => Roles.includes(name));
    const statements = [...own, ...others].flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    return [String(attributes.Arn), { name, statements }] as const;
  });
  return new Map(roles);
}
