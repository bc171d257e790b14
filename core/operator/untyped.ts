/**
 * A running operator holds functions of any record type; the builders of the API and the spec checked that they fit.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above; `unknown` and `never` both refuse functions that are right
export type Untyped = any;
