// A file of JSON lines that only grows. A line that was appended is still there after kill -9; one that was
// only half written, by a kill or a full disk, is as if it had never been begun. Power loss may take lines.
import { appendFileSync, closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';

export class Journal {
  readonly #file: number;
  #size: number;

  /** Opens the file, hands every standing line to `replay`, and cuts off a torn last one. */
  constructor(path: string, replay: (entry: unknown) => void) {
    this.#file = openSync(path, 'a+', 0o600);
    const bytes = readFileSync(this.#file);
    this.#size = bytes.lastIndexOf('\n') + 1;
    ftruncateSync(this.#file, this.#size);
    const lines = bytes.subarray(0, this.#size).toString('utf8').split('\n');
    lines.forEach((line, place) => {
      if (line === '') return;
      try {
        replay(JSON.parse(line));
      } catch (error) {
        closeSync(this.#file);
        throw new Error(`${path}, line ${place + 1}, cannot be read`, { cause: error });
      }
    });
  }

  append(entry: object): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    try {
      appendFileSync(this.#file, line);
      this.#size += line.length;
    } catch (error) {
      // What a full disk took of the line would be glued to the next one.
      ftruncateSync(this.#file, this.#size);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
