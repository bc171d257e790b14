import type { ColumnType, RecordSchema } from '../../expression/type.ts';
import type { AnyAggregate } from '../../operator/aggregate-function.ts';
import type { Untyped } from '../../operator/untyped.ts';
import type { Doing, Form } from './form.ts';
import { BOUND_COLUMNS, keyColumns } from './known-columns.ts';
import { type BuiltOperator, isColumn, type OperatorScope } from './operator-scope.ts';
import { windowOf } from './window-parts.ts';

/** Windows of a spec, and what keyed streams have in common with them. */

/** What keyed streams and windows both can do to records of one type. */
export function rolling(scope: OperatorScope, on: Untyped, does: Doing): BuiltOperator {
  const { resolver, known } = scope;
  const text = String(scope.spec[does]);
  if (does === 'reduce') return { stream: on.reduce(scope.export('reduce', 2)), text };
  if (isColumn(text)) {
    resolver.column(text, scope.at(does), known);
    return { stream: on[does](text) };
  }
  return { stream: on[does](resolver.value(text, scope.at(does), known)), text: `${does} ${text}` };
}

export function windowed(scope: OperatorScope, { shape, does }: Form): BuiltOperator {
  const { spec, resolver, known } = scope;
  const window = (shape === 'window' ? spec.window : spec.windowAll) ?? 'global';
  const { assigner, options } = windowOf(window, { resolver, known, path: scope.at(shape) });
  const key = shape === 'window' ? scope.keyedInput() : undefined;
  const on: Untyped = key === undefined ? scope.input().windowAll(assigner, options) : key.window(assigner, options);
  const result = spec.result === undefined ? [] : [scope.export('result', 2)];
  switch (does) {
    case 'aggregate': {
      const timed = !['count', 'global'].includes(assigner.kind);
      const { of, columns } = aggregates(scope, key?.['~key'].columns ?? [], timed);
      return { stream: on.aggregate(of, ...result), columns: result.length === 0 ? columns : undefined };
    }
    case 'apply':
      return { stream: on.apply(scope.export('apply', 2)) };
    case 'process':
      return { stream: on.process(scope.made('process', 'a process function')) };
    case 'reduce': {
      const columns = result.length === 0 ? known.columns : undefined;
      return { stream: on.reduce(scope.export('reduce', 2), ...result), columns };
    }
    default:
      return { ...rolling(scope, on, does), columns: known.columns };
  }
}

/** Aggregates by name give a row, one aggregate function of the user's its own result. */
function aggregates(
  scope: OperatorScope,
  keys: readonly string[],
  timed: boolean,
): { readonly of: Untyped; readonly columns: RecordSchema | undefined } {
  const { resolver, known } = scope;
  const { aggregate } = scope.spec;
  const path = scope.at('aggregate');
  if (typeof aggregate !== 'object') {
    return { of: resolver.ownAggregate(String(aggregate), path), columns: undefined };
  }
  const of: Record<string, AnyAggregate> = {};
  const types: Record<string, ColumnType> = {};
  for (const [name, text] of Object.entries(aggregate)) {
    const made = resolver.aggregate(text, [...path, name], known);
    of[name] = made.of;
    types[name] = made.type;
  }
  return { of, columns: { ...keyColumns(keys, known.columns), ...(timed && BOUND_COLUMNS), ...types } };
}
