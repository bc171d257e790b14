import { writeFileSync } from 'node:fs';

export type Click = {
  readonly user: string;
  readonly page: string;
  readonly at: number;
  readonly ms: number;
  readonly agent: string;
};

/** A file of JSON Lines: five fields, about 110 bytes a line, 100 records per second of event time. */
export function writeClicks(path: string, count: number): void {
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      user: `user-${index % 10_000}`,
      page: `/products/${index % 977}`,
      at: 1_700_000_000_000 + index * 10,
      ms: index % 500,
      agent: 'Mozilla/5.0',
    } satisfies Click),
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
}
