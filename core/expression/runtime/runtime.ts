/**
 * Everything that generated code calls, under the names it uses. A bundle that holds the text of compiled expressions
 * imports this module and neither the parser nor the checks.
 */
export * from './cast.ts';
export * from './compare.ts';
export * from './date-format.ts';
export * from './number.ts';
export * from './pattern.ts';
export * from './text.ts';
export * from './time.ts';
export { cardinality, element, ownField, rowtime, truthOf, within } from './value.ts';
