import { suggestion } from '../../expression/fault.ts';
import { type ColumnType, type RecordSchema, SCALAR_TYPES, type ScalarType } from '../../expression/type.ts';
import type { SpecFault, Step } from './spec-fault.ts';

/**
 * Declared columns with the types below them, `[type]` and `{ name: type }`, which may nest; where one is none, `unknown`
 * stands in. Their outermost shape was checked before (operator-schema.ts).
 */
export function checkedColumns(given: object, path: readonly Step[], note: (fault: SpecFault) => void): RecordSchema {
  const typeOf = (type: unknown, at: readonly Step[]): ColumnType => {
    if (isScalarType(type)) return type;
    if (Array.isArray(type) && type.length === 1) return [typeOf(type[0], [...at, 0])];
    if (typeof type === 'object' && type !== null && !Array.isArray(type)) return checkedColumns(type, at, note);
    note({ path: at, message: messageOf(type) });
    return 'unknown';
  };
  return Object.fromEntries(Object.entries(given).map(([name, type]) => [name, typeOf(type, [...path, name])]));
}

function isScalarType(type: unknown): type is ScalarType {
  return SCALAR_TYPES.some((scalar) => scalar === type);
}

function messageOf(type: unknown): string {
  if (Array.isArray(type)) return 'an array has one type, such as [string]';
  const near = typeof type === 'string' ? suggestion(type, SCALAR_TYPES) : '';
  return `${JSON.stringify(type)} is not one of ${SCALAR_TYPES.join(', ')}${near}`;
}
