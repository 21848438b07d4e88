// Reads settings by name and gathers every fault, so that one start shows all that is wrong, a line each.
import ms from 'ms';

/** What is wrong with the configuration: one line a fault, each naming its variable. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
  }
}

export type Values = Readonly<Record<string, string | undefined>>;

/** @param protocols such as `https:` */
export const isUrl = (text: string, protocols: readonly string[]): boolean =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol);

/** `DATABASE_URL` is the flag `--database-url`, which commander gives as `databaseUrl`. */
const flagOf = (name: string): string =>
  name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

export class Settings {
  readonly faults: string[] = [];

  /** @param sources by name, the first one that has a value wins */
  constructor(
    private readonly flags: Values,
    private readonly sources: readonly Values[],
  ) {}

  /** The setting as it was given; an empty one counts as not given. */
  text(name: string): string | undefined {
    const given = [this.flags[flagOf(name)], ...this.sources.map((source) => source[name])];
    return given.map((value) => value?.trim()).find((value) => value !== undefined && value !== '');
  }

  integer(name: string, fallback: number, least: number, most: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    return value >= least && value <= most
      ? value
      : this.instead(fallback, name, `must be a whole number from ${least} to ${most}, not '${text}'`);
  }

  flag(name: string, fallback: boolean): boolean {
    const text = this.text(name);
    if (text === undefined) return fallback;
    if (text === '1' || text === 'true') return true;
    return text === '0' || text === 'false'
      ? false
      : this.instead(fallback, name, `must be 1 or 0, not '${text}'`);
  }

  /** A length of time such as `500ms`, `10s` or `30m`, in milliseconds. */
  durationMs(name: string, fallback: ms.StringValue): number {
    const text = this.text(name) ?? fallback;
    const value = /[a-z]\s*$/i.test(text) && text.length < 40 ? ms(text as ms.StringValue) : NaN;
    return value >= 1 && value <= ms('1y')
      ? Math.round(value)
      : this.instead(ms(fallback), name, `must be a length of time such as 500ms, 10s or 30m, not '${text}'`);
  }

  oneOf<Choice extends string>(name: string, fallback: Choice, choices: readonly Choice[]): Choice {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const found = choices.find((choice) => choice === text);
    return found ?? this.instead(fallback, name, `must be one of ${choices.join(', ')}, not '${text}'`);
  }

  /** The value is not shown when it is wrong: a URL may hold a password. */
  url(name: string, protocols: readonly string[]): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (isUrl(text, protocols)) return text.replace(/\/+$/, '');
    this.fault(name, `must be a URL that begins with ${protocols.map((one) => `${one}//`).join(' or ')}`);
    return undefined;
  }

  /** Notes a fault; reading goes on, so that the next one is found too. */
  fault(name: string, what: string): void {
    this.faults.push(`${name} ${what}`);
  }

  private instead<Value>(fallback: Value, name: string, what: string): Value {
    this.fault(name, what);
    return fallback;
  }
}
