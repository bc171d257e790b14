import { type KeyedContext, KeyedProcess, state } from 'millrace';

export type PageCount = { page: string; windowEnd: number; views: number };
export type Spike = { page: string; views: number; usual: number };

/** Tells when a page has more than three times its usual views. */
export class Spikes extends KeyedProcess<string, PageCount, Spike> {
  readonly usual = state.value<number>('usual', { default: 5, ttl: '1d' });

  process(page: PageCount, { key, emit }: KeyedContext<string, Spike>) {
    const usual = this.usual.get();
    if (page.views > 3 * usual) emit({ page: key, views: page.views, usual: Math.round(usual) });
    this.usual.set(0.9 * usual + 0.1 * page.views);
  }
}
