/** Key groups from `first` to `last`, both included. A range is never empty. */
export type KeyGroupRange = { readonly first: number; readonly last: number };
