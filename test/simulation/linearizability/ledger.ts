// A ledger as an immutable text with a letter for each key: cheap to change and to compare, and the same text
// whenever the same is written, in whatever order it was.

const NOTHING = '\0';

export class Ledger<Row> {
  private readonly places = new Map<string, number>();
  private readonly letters = new Map<string, string>();
  private readonly rows = new Map<string, Row>();

  read(text: string, key: string): Row | undefined {
    const place = this.places.get(key);
    return place === undefined ? undefined : this.rows.get(text.charAt(place));
  }

  /** @returns the ledger with this row under the key, instead of what stood there */
  write(text: string, key: string, row: Row): string {
    let place = this.places.get(key);
    if (place === undefined) this.places.set(key, (place = this.places.size));
    return text.slice(0, place).padEnd(place, NOTHING) + this.letterOf(row) + text.slice(place + 1);
  }

  private letterOf(row: Row): string {
    const content = JSON.stringify(row);
    const known = this.letters.get(content);
    if (known !== undefined) return known;
    const letter = String.fromCharCode(this.letters.size + 1);
    this.letters.set(content, letter);
    this.rows.set(letter, row);
    return letter;
  }
}
