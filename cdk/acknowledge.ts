import { Stack, Validations } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Findings of cdk-nag that are meant, each with its reason: by rule, or by `rule[finding]` where a rule has several. */
export function acknowledge(scope: IConstruct, reasons: { readonly [finding: string]: string }): void {
  Validations.of(scope).acknowledge(...Object.entries(reasons).map(([id, reason]) => ({ id, reason })));
}

/** The statements whose resources end in a wildcard: each is the objects under a prefix, or what AWS cannot narrow. */
export function acknowledgeWildcards(role: IConstruct, statements: readonly PolicyStatement[]): void {
  const reasons = statements
    .flatMap(({ resources }) => resources)
    .filter((resource) => resource.endsWith('*'))
    .map((resource) => [`AwsSolutions-IAM5[Resource::${findingOf(role, resource)}]`, reasonOf(resource)]);
  acknowledge(role, Object.fromEntries(reasons));
}

function reasonOf(resource: string): string {
  if (resource === '*') return 'Streams of tables are listed, which AWS does not narrow to one.';
  return 'The names of the objects under this prefix are made while the job runs.';
}

/** A resource as cdk-nag writes it: parts of a join one after another, attributes in angle brackets. */
function findingOf(scope: IConstruct, resource: string): string {
  return textOf(Stack.of(scope).resolve(resource));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const {
    Ref,
    'Fn::GetAtt': attribute,
    'Fn::Join': join,
  } = value as {
    readonly Ref?: string;
    readonly 'Fn::GetAtt'?: readonly [string, string];
    readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  };
  if (Ref !== undefined) return `<${Ref}>`;
  if (attribute !== undefined) return `<${attribute.join('.')}>`;
  if (join !== undefined) return join[1].map(textOf).join(join[0]);
  return JSON.stringify(value);
}
