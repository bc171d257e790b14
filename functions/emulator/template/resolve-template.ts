import { JobSpecError } from '../../../core/error/error.ts';
import type { Identity, Place, Properties, Resource, Template } from './template.ts';

/** Gives the identity of a resource from its resolved properties, before it is made. */
export type Identify = (logicalId: string, resource: Resource & { readonly Properties: Properties }) => Identity;

/** What `AWS::NoValue` resolves to: the property that holds it is left out. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Resolves the intrinsic functions of a template. Names of physical resources follow from the template alone, so a
 * reference is resolved before anything is made, in whatever order, and a circle is found.
 */
export class TemplateResolver {
  readonly #template: Template;
  readonly #place: Place;
  readonly #identify: Identify;
  readonly #identities = new Map<string, Identity>();
  readonly #underWay: string[] = [];

  constructor(template: Template, place: Place, identify: Identify) {
    this.#template = template;
    this.#place = place;
    this.#identify = identify;
  }

  /** The resources whose condition holds, by logical id. */
  get resources(): readonly (readonly [string, Resource])[] {
    return Object.entries(this.#template.Resources).filter(([, { Condition }]) => this.#holds(Condition));
  }

  /** The properties of a resource with all functions resolved. */
  propertiesOf(logicalId: string): Properties {
    return this.resolve(this.#resource(logicalId).Properties ?? {}, logicalId) as Properties;
  }

  identityOf(logicalId: string): Identity {
    const known = this.#identities.get(logicalId);
    if (known) return known;
    if (this.#underWay.includes(logicalId)) {
      throw refusal(logicalId, `refers to itself: ${[...this.#underWay, logicalId].join(' -> ')}`);
    }
    this.#underWay.push(logicalId);
    const resource = this.#resource(logicalId);
    // A name may be a function of other resources; what else the resource holds must not be looked at, or an innocent
    // circle (a role that names the function that has the role) would be one.
    const names = Object.entries(resource.Properties ?? {}).filter(([name]) => IDENTIFYING.test(name));
    const Properties = this.resolve(Object.fromEntries(names), logicalId) as Properties;
    const identity = this.#identify(logicalId, { ...resource, Properties });
    this.#underWay.pop();
    this.#identities.set(logicalId, identity);
    return identity;
  }

  /** The outputs of the stack by name. */
  outputs(): Readonly<Record<string, unknown>> {
    const outputs = Object.entries(this.#template.Outputs ?? {}).filter(([, { Condition }]) => this.#holds(Condition));
    return Object.fromEntries(outputs.map(([name, { Value }]) => [name, this.resolve(Value, `Outputs.${name}`)]));
  }

  /** @throws JobSpecError naming the function or the reference that cannot be resolved */
  resolve(value: unknown, path: string): unknown {
    if (Array.isArray(value)) {
      return value.map((one, index) => this.resolve(one, `${path}[${index}]`)).filter((one) => one !== NO_VALUE);
    }
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
    if (others.length === 0 && name === 'Ref') return this.#ref(String(argument), path);
    if (others.length === 0 && name.startsWith('Fn::')) return this.#call(name.slice('Fn::'.length), argument, path);
    const members = Object.entries(value).map(([key, one]) => [key, this.resolve(one, `${path}.${key}`)] as const);
    return Object.fromEntries(members.filter(([, one]) => one !== NO_VALUE));
  }

  #ref(name: string, path: string): unknown {
    const { stack, region, account } = this.#place;
    const pseudo: Readonly<Record<string, unknown>> = {
      'AWS::AccountId': account,
      'AWS::NoValue': NO_VALUE,
      'AWS::NotificationARNs': [],
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${stack}/local`,
      'AWS::StackName': stack,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    if (name in pseudo) return pseudo[name];
    const parameter = this.#template.Parameters?.[name];
    if (parameter) {
      if (parameter.Default === undefined) throw refusal(path, `the parameter ${name} has no default`);
      return parameter.Default;
    }
    return this.identityOf(name).ref;
  }

  #call(name: string, argument: unknown, path: string): unknown {
    const of = (value: unknown) => this.resolve(value, path);
    const list = (): readonly unknown[] => (Array.isArray(argument) ? argument : [argument]);
    switch (name) {
      case 'GetAtt':
        return this.#attribute(
          typeof argument === 'string' ? argument.split(/\.(.*)/s) : (of(argument) as string[]),
          path,
        );
      case 'Join': {
        const [separator, parts] = of(list()) as [string, readonly string[]];
        return parts.join(separator);
      }
      case 'Split': {
        const [separator, text] = of(list()) as [string, string];
        return text.split(separator);
      }
      case 'Select': {
        const [index, from] = of(list()) as [number | string, readonly unknown[]];
        return from[Number(index)];
      }
      case 'Sub':
        return this.#substitute(list(), path);
      case 'If': {
        const [condition, then, otherwise] = list();
        return of(this.#holds(String(condition)) ? then : otherwise);
      }
      case 'FindInMap': {
        const [map, first, second] = of(list()) as readonly string[];
        return this.#template.Mappings?.[map ?? '']?.[first ?? '']?.[second ?? ''];
      }
      case 'Base64':
        return Buffer.from(String(of(argument))).toString('base64');
      default:
        throw refusal(path, `Fn::${name} cannot be resolved without AWS`);
    }
  }

  #attribute([logicalId = '', attribute = '']: readonly string[], path: string): string {
    const value = this.identityOf(logicalId).attributes[attribute];
    if (value !== undefined) return value;
    throw refusal(path, `${this.#resource(logicalId).Type} has no attribute ${attribute} here`);
  }

  #substitute([text, variables = {}]: readonly unknown[], path: string): string {
    const given = this.resolve(variables, path) as Readonly<Record<string, unknown>>;
    return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      if (name in given) return String(given[name]);
      return name.includes('.') ? this.#attribute(name.split(/\.(.*)/s), path) : String(this.#ref(name, path));
    });
  }

  #holds(condition: string | undefined): boolean {
    return condition === undefined || this.#truth(this.#template.Conditions?.[condition], `Conditions.${condition}`);
  }

  #truth(condition: unknown, path: string): boolean {
    const [[name, argument] = ['', undefined]] = Object.entries((condition ?? {}) as object);
    const each = () => (argument as readonly unknown[]).map((one) => this.#truth(one, path));
    switch (name) {
      case 'Condition':
        return this.#holds(String(argument));
      case 'Fn::Equals': {
        const [left, right] = this.resolve(argument, path) as readonly unknown[];
        return left === right;
      }
      case 'Fn::Not':
        return !each()[0];
      case 'Fn::And':
        return each().every(Boolean);
      case 'Fn::Or':
        return each().some(Boolean);
      default:
        throw refusal(path, `is no condition that can be looked at here: ${JSON.stringify(condition)}`);
    }
  }

  #resource(logicalId: string): Resource {
    const resource = this.#template.Resources[logicalId];
    if (resource) return resource;
    throw refusal(logicalId, 'is referred to, and is no resource or parameter of the template');
  }
}

/** The properties that make up the name of a resource. */
const IDENTIFYING = /^(\w*Name|Name|FifoQueue|FunctionName|StreamARN|ServiceToken)$/;

function refusal(path: string, message: string): JobSpecError {
  return new JobSpecError([{ path, message }]);
}
