import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectedOfWindow, runWindow, type WindowCase } from './kind/window.ts';

const cases = JSON.parse(readFileSync(new URL('./windows.json', import.meta.url), 'utf8')) as readonly WindowCase[];

describe('windows give what Flink gives', () => {
  it.each(cases.filter(({ error }) => error === undefined))('$name', (golden) => {
    expect(runWindow(golden)).toEqual(expectedOfWindow(golden));
  });

  it.each(cases.filter(({ error }) => error !== undefined))('$name is refused', (golden) => {
    expect(() => runWindow(golden)).toThrow(/window\.|trigger|state of their own|above 0/);
  });
});
