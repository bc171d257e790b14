/** The little of highland that is measured; it brings no types of its own. */
declare module 'highland' {
  interface HighlandStream<T> {
    map<R>(f: (value: T) => R): HighlandStream<R>;
    filter(f: (value: T) => boolean): HighlandStream<T>;
    flatMap<R>(f: (value: T) => HighlandStream<R>): HighlandStream<R>;
    reduce<S>(seed: S, f: (state: S, value: T) => S): HighlandStream<S>;
    toPromise(promise: PromiseConstructor): Promise<T>;
  }
  export default function highland<T>(values: T[]): HighlandStream<T>;
}
