// Figures of a node's /metrics.

type Labels = Readonly<Record<string, string>>;

/** Reads a metric. @returns the sum of all its series that have these labels; 0 if there is none */
export async function metric(url: string, name: string, labels: Labels = {}): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
