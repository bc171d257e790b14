/** IAM's policy language, as far as roles of a stack use it (AWS, "IAM JSON policy elements reference"). */
export type Statement = {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

/** What is asked for: an action on a resource, with the values of the condition keys that the call has. */
export type Access = {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, readonly string[]>>;
};

export type Decision = { readonly kind: 'allowed' } | { readonly kind: 'denied'; readonly reason: string };

/** An explicit deny wins; else one statement must allow. */
export function decide(statements: readonly Statement[], access: Access): Decision {
  const fitting = statements.filter((statement) => fits(statement, access));
  if (fitting.some(({ Effect }) => Effect === 'Deny'))
    return { kind: 'denied', reason: 'a statement of the role denies it' };
  if (fitting.length > 0) return { kind: 'allowed' };
  const elsewhere = statements.find((one) => one.Effect === 'Allow' && matchesAction(one, access.action));
  if (elsewhere === undefined) return { kind: 'denied', reason: 'no statement of the role has this action' };
  const on = listOf(elsewhere.Resource).join(', ');
  const under = elsewhere.Condition ? ` under the condition ${JSON.stringify(elsewhere.Condition)}` : '';
  return { kind: 'denied', reason: `the role allows it on ${on}${under} only` };
}

function fits(statement: Statement, access: Access): boolean {
  return (
    matchesAction(statement, access.action) && matchesResource(statement, access.resource) && holds(statement, access)
  );
}

function matchesAction({ Action, NotAction }: Statement, action: string): boolean {
  const matches = (patterns: string | readonly string[] | undefined) =>
    listOf(patterns).some((pattern) => like(pattern.toLowerCase(), action.toLowerCase()));
  return NotAction === undefined ? matches(Action) : !matches(NotAction);
}

function matchesResource({ Resource, NotResource }: Statement, resource: string): boolean {
  const matches = (patterns: string | readonly string[] | undefined) =>
    listOf(patterns).some((pattern) => like(pattern, resource));
  return NotResource === undefined ? matches(Resource) : !matches(NotResource);
}

type Test = (value: string, wanted: readonly string[]) => boolean;

const TESTS: Readonly<Record<string, Test>> = {
  StringEquals: (value, wanted) => wanted.includes(value),
  StringNotEquals: (value, wanted) => !wanted.includes(value),
  StringLike: (value, wanted) => wanted.some((pattern) => like(pattern, value)),
  StringNotLike: (value, wanted) => !wanted.some((pattern) => like(pattern, value)),
  ArnEquals: (value, wanted) => wanted.some((pattern) => like(pattern, value)),
  ArnLike: (value, wanted) => wanted.some((pattern) => like(pattern, value)),
};

/** @throws Error for an operator that is not known here: better no answer than a wrong one */
function holds({ Condition = {} }: Statement, { context = {} }: Access): boolean {
  return Object.entries(Condition).every(([operator, keys]) => {
    const [, all, name = ''] = /^(ForAllValues:)?(\w+?)(?:IfExists)?$/.exec(operator) ?? [];
    const test = TESTS[name];
    if (test === undefined) throw new Error(`the emulated IAM has no condition operator ${operator}`);
    return Object.entries(keys).every(([key, wanted]) => {
      const values = context[key];
      if (values === undefined) return all !== undefined || operator.endsWith('IfExists');
      return values.every((value) => test(value, listOf(wanted as string | readonly string[])));
    });
  });
}

/** `*` is any text, `?` any one character. */
export function like(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
