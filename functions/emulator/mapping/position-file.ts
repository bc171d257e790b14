import { readFile, rename, writeFile } from 'node:fs/promises';

/** How far each shard was handed to its function: in memory, and in a file where one is given. */
export class PositionFile {
  readonly #file: string | undefined;
  readonly #positions: Map<string, string>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string | undefined, positions: Map<string, string>) {
    this.#file = file;
    this.#positions = positions;
  }

  static async open(file?: string): Promise<PositionFile> {
    const text = file === undefined ? '{}' : await readFile(file, 'utf8').catch(() => '{}');
    return new PositionFile(file, new Map(Object.entries(JSON.parse(text) as Record<string, string>)));
  }

  get(place: string): string | undefined {
    return this.#positions.get(place);
  }

  /** Resolves when the file has it. Lambda too may forget the last positions: then batches come again. */
  async set(place: string, sequence: string): Promise<void> {
    this.#positions.set(place, sequence);
    const file = this.#file;
    if (file === undefined) return;
    this.#writing = this.#writing.then(async () => {
      await writeFile(`${file}.draft`, JSON.stringify(Object.fromEntries(this.#positions)));
      await rename(`${file}.draft`, file);
    });
    await this.#writing;
  }
}
