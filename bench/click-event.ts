import { seededRandom } from '../core/port/random.ts';

/** An event of a web shop's click stream, about 1 KB as JSON. */
export type ClickEvent = {
  readonly id: string;
  readonly at: number;
  readonly user: string;
  readonly session: string;
  readonly page: string;
  readonly url: string;
  readonly referrer: string | null;
  readonly agent: string;
  readonly country: string;
  readonly ip: string;
  readonly ms: number;
  readonly status: number;
  readonly screen: { readonly width: number; readonly height: number };
  readonly campaign?: string;
  readonly tags: readonly string[];
  readonly cart: readonly { readonly sku: string; readonly price: number; readonly count: number }[];
  readonly experiment: string;
  readonly timing: {
    readonly dns: number;
    readonly connect: number;
    readonly firstByte: number;
    readonly paint: number;
  };
  readonly title: string;
  readonly headers: Readonly<Record<'accept' | 'language' | 'encoding' | 'cacheControl', string>>;
};

const COUNTRIES = ['AT', 'DE', 'FR', 'US', 'GB', 'IN', 'BR', 'JP'];
const TAGS = ['new', 'sale', 'mobile', 'desktop', 'returning', 'newsletter', 'premium', 'gift'];

/** Events over so many pages, a millisecond apart, the same each time. */
export function clickEvents(count: number, pages = 10_000): ClickEvent[] {
  const random = seededRandom(7);
  const whole = (below: number) => Math.floor(random.next() * below);
  const hex = (digits: number) => Array.from({ length: digits }, () => whole(16).toString(16)).join('');
  const agents = Array.from(
    { length: 40 },
    (_, i) =>
      `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + i}.0.${whole(9999)}.${whole(200)} Safari/537.36`,
  );
  return Array.from({ length: count }, (_, i) => {
    const page = `/product/${whole(pages)}`;
    return {
      id: hex(32),
      at: 1_700_000_000_000 + i,
      user: `user-${whole(100_000)}`,
      session: hex(32),
      page,
      url: `https://shop.example.com${page}?utm_source=newsletter&utm_medium=email&ref=${hex(12)}`,
      referrer: whole(4) === 0 ? null : `https://search.example.com/results?q=${hex(10)}&page=${whole(9)}`,
      agent: agents[whole(40)] as string,
      country: COUNTRIES[whole(8)] as string,
      ip: `${whole(256)}.${whole(256)}.${whole(256)}.${whole(256)}`,
      ms: whole(3000),
      status: whole(50) === 0 ? 404 : 200,
      screen: { width: 1280 + 160 * whole(5), height: 720 + 90 * whole(5) },
      ...(whole(3) === 0 && { campaign: `spring-${whole(20)}` }),
      tags: TAGS.slice(whole(4), 4 + whole(4)),
      cart: Array.from({ length: whole(5) }, () => ({
        sku: `SKU-${whole(5000)}`,
        price: whole(10_000) / 100,
        count: 1 + whole(3),
      })),
      experiment: `checkout-${'abcd'[whole(4)]}`,
      timing: { dns: whole(50), connect: whole(90), firstByte: whole(400), paint: whole(2000) / 10 },
      title: `Product ${whole(pages)}, in stock and with you tomorrow`,
      headers: {
        accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
        language: `${COUNTRIES[whole(8)]};q=0.9,en;q=0.5`,
        encoding: 'gzip, br, zstd',
        cacheControl: 'max-age=0',
      },
    };
  });
}
