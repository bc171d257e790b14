import type { Construct } from 'constructs';
import { JobSpecError } from '../core/error/error.ts';
import type { JobDescription } from '../functions/bundle/describe-job.ts';
import { createdEndpoint } from './created-endpoint.ts';
import { type Endpoint, givenEndpoint, importedEndpoint } from './endpoint.ts';
import type { StreamJobProps } from './stream-job-props.ts';

/** Finds or makes what sources read and sinks write, each once, also where several use it. */
export class EndpointFinder {
  readonly #sources = new Map<string, Endpoint>();
  readonly #sinks = new Map<string, Endpoint>();

  constructor(scope: Construct, { sources, sinks }: JobDescription, props: StreamJobProps) {
    const { endpoints = {}, createEndpoints = false } = props;
    const created = new Map<string, Endpoint>();
    const locate = (uid: string, resource: Endpoint['resource']): Endpoint => {
      const given = endpoints[uid];
      if (given !== undefined) return givenEndpoint(uid, resource, given);
      if (!createEndpoints) return importedEndpoint(scope, uid, resource);
      const id = `${resource.kind} ${resource.name}`;
      const made = created.get(id) ?? createdEndpoint(scope, uid, resource);
      created.set(id, made);
      return { ...made, resource };
    };
    for (const [uid, resource] of Object.entries(sources))
      if (resource !== undefined) this.#sources.set(uid, locate(uid, resource));
    for (const [uid, resource] of Object.entries(sinks)) {
      if (resource !== undefined && resource.kind !== 'none') this.#sinks.set(uid, locate(uid, resource));
    }
    const unknown = Object.keys(endpoints).filter((uid) => this.find(uid) === undefined);
    if (unknown.length === 0) return;
    const known = [...this.#sources.keys(), ...this.#sinks.keys()].join(', ');
    const message = `the job has no source or sink in AWS of this name; it has ${known}`;
    throw new JobSpecError(unknown.map((uid) => ({ path: `endpoints.${uid}`, message })));
  }

  /** Of a source or sink by its uid; undefined where it has none in AWS. */
  find(uid: string, side?: 'source' | 'sink'): Endpoint | undefined {
    if (side === 'source') return this.#sources.get(uid);
    if (side === 'sink') return this.#sinks.get(uid);
    return this.#sources.get(uid) ?? this.#sinks.get(uid);
  }
}
