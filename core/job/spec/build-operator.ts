import type { Untyped } from '../../operator/untyped.ts';
import type { Stream } from '../stream.ts';
import { broadcast, connected, intervalJoined, joined } from './build-two-inputs.ts';
import { rolling, windowed } from './build-window.ts';
import { filtered, mapped, withTime } from './each-record.ts';
import { eventTimeOptions } from './event-time-spec.ts';
import type { Known } from './expressions.ts';
import { type Form, formOf } from './form.ts';
import type { FunctionResolver } from './function-resolver.ts';
import type { BuiltOperator, OperatorScope } from './operator-scope.ts';
import { looksLikeReference } from './reference.ts';
import type { OperatorSpec } from './schema.ts';
import type { Step } from './spec-fault.ts';

/**
 * Builds one operator of a spec with the methods of the API, so that both give one graph; undefined where its words do not
 * go together (form.ts).
 */
export function builtOperator(scope: OperatorScope): BuiltOperator | undefined {
  const form = formOf(scope.spec);
  switch (form?.shape) {
    case undefined:
      return undefined;
    case 'stream':
      return plain(scope, form);
    case 'keyed':
      return keyed(scope, form);
    case 'window':
    case 'windowAll':
      return windowed(scope, form);
    case 'broadcast':
      return broadcast(scope);
    case 'connect':
      return connected(scope, form);
    case 'join':
    case 'coGroup':
      return joined(scope, form);
    case 'intervalJoin':
      return intervalJoined(scope, form);
  }
}

function plain(scope: OperatorScope, { does }: Form): BuiltOperator {
  const { spec, resolver } = scope;
  const { columns } = scope.known;
  const stream = scope.input();
  const known: Known = { ...scope.known, rowtime: true };
  switch (does) {
    case 'filter': {
      const text = String(spec.filter);
      return { stream: filtered(stream, resolver.condition(text, scope.at('filter'), known)), columns, text };
    }
    case 'map': {
      if (typeof spec.map !== 'object') {
        const text = String(spec.map);
        return { stream: mapped(stream, resolver.typed(text, scope.at('map'), known)), text };
      }
      const made = scope.record(spec.map, scope.at('map'), known);
      return { stream: mapped(stream, made), columns: made.columns, text: Object.keys(spec.map).join(', ') };
    }
    case 'addColumns': {
      const { of, columns: made, timed } = scope.record(spec.addColumns ?? {}, scope.at('addColumns'), known);
      const added = mapped(stream, { of: (record, timestamp) => ({ ...record, ...of(record, timestamp) }), timed });
      return { stream: added, columns: columns && { ...columns, ...made }, text: Object.keys(made).join(', ') };
    }
    case 'flatMap':
      return flatMapped(scope, stream, known);
    case 'async':
      return asynchronous(scope, stream);
    case 'assignTimestamps': {
      const path = scope.at('assignTimestamps');
      const options = eventTimeOptions(spec.assignTimestamps ?? '', { resolver, known: scope.known, path });
      return { stream: stream.assignTimestamps(options), columns };
    }
    default:
      return { stream: stream.process(scope.made('process', 'a process function')) };
  }
}

/** An expression gives an array, or NULL for nothing; a function may emit. */
function flatMapped(scope: OperatorScope, stream: Stream<Untyped>, known: Known): BuiltOperator {
  const text = String(scope.spec.flatMap);
  if (looksLikeReference(text)) return { stream: stream.flatMap(scope.export('flatMap', 2)), text };
  const { of, timed } = scope.resolver.typed(text, scope.at('flatMap'), known);
  if (!timed) return { stream: stream.flatMap((record: Untyped) => of(record) ?? []), text };
  const emitted = withTime(stream, (record, timestamp, emit) => {
    for (const one of of(record, timestamp) ?? []) emit(one);
  });
  return { stream: emitted, text };
}

function asynchronous(scope: OperatorScope, stream: Stream<Untyped>): BuiltOperator {
  const { resolver, known } = scope;
  const { async: given } = scope.spec;
  const { call, fallback, retry, ...rest } = typeof given === 'object' ? given : { call: String(given) };
  const path = scope.at('async');
  const options = {
    ...rest,
    ...(fallback !== undefined && { fallback: resolver.value(fallback, [...path, 'fallback'], known) }),
    ...(retry !== undefined && { retry: retryOf(retry, resolver, [...path, 'retry']) }),
  };
  const callPath = typeof given === 'object' ? [...path, 'call'] : path;
  return { stream: stream.mapAsync(resolver.export(call, callPath, 2), options as Untyped), text: call };
}

type Retry = NonNullable<Extract<OperatorSpec['async'], { readonly call: string }>['retry']>;

function retryOf({ onError, onResult, ...rest }: Retry, resolver: FunctionResolver, path: readonly Step[]) {
  return {
    ...rest,
    ...(onError !== undefined && { onError: resolver.export(onError, [...path, 'onError'], 1) }),
    ...(onResult !== undefined && { onResult: resolver.export(onResult, [...path, 'onResult'], 1) }),
  };
}

function keyed(scope: OperatorScope, { does }: Form): BuiltOperator {
  const stream = scope.keyedInput();
  if (does === 'process') return { stream: stream.process(scope.made('process', 'a process function')) };
  return { ...rolling(scope, stream, does), columns: scope.known.columns };
}
