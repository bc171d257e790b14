/** A CloudFormation template, as JSON. */
export type Template = {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown; readonly Type?: string }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Condition?: string }>>;
};

export type Resource = {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
};

export type Properties = Readonly<Record<string, unknown>>;

/** What a template may ask of a resource: the answer to `Ref`, and to `Fn::GetAtt` by name. */
export type Identity = { readonly ref: string; readonly attributes: Readonly<Record<string, string>> };

/** Where a stack stands. */
export type Place = { readonly stack: string; readonly region: string; readonly account: string };
