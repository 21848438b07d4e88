// Which methods an address answers to, so that a wrong method can be told from a wrong address.
export class KnownRoutes {
  private readonly methods = new Map<string, Set<string>>();
  private patterns: readonly (readonly [RegExp, Set<string>])[] | undefined;

  /** @param url as routes are written: `/order/:id` */
  add(url: string, method: string | readonly string[]): void {
    const methods = this.methods.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    this.methods.set(url, methods);
    this.patterns = undefined;
  }

  /** @param address with or without a query string */
  methodsOf(address: string): readonly string[] {
    const [path = ''] = address.split('?');
    this.patterns ??= [...this.methods].map(([url, methods]) => [patternOf(url), methods]);
    return [
      ...new Set(this.patterns.flatMap(([pattern, methods]) => (pattern.test(path) ? [...methods] : []))),
    ];
  }
}

const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/:[^/]+/g, '[^/]+')}$`,
  );
