/** What a function gives that may return a value but need not have a `return`. */
// biome-ignore lint/suspicious/noConfusingVoidType: with undefined alone, a function without a return would be refused
export type Nothing = void;
