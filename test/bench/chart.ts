// A bar chart as SVG, written by hand: it has to be readable on light and dark pages, and nothing more.
import type { Summary } from './report';

const WIDTH = 760;
const LEFT = 150;
const RIGHT = 150;
const TOP = 48;
const BAR = 16;
const GAP = 4;
const BETWEEN_ROWS = 14;

/** Colours that stand out from white and from black. */
const COLOURS: readonly string[] = ['#2f81f7', '#3fa45b', '#9a8c7c', '#c4623f'];

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .figure { font-size: 12px }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
`;

/** Draws a bar for each system of each row, as long as what it does in a second. @param title said above it */
export function chartOf(title: string, summaries: readonly Summary[]): string {
  const systems = [...new Set(summaries.map(({ system }) => system))];
  const colourOf = (system: string): string => COLOURS[systems.indexOf(system) % COLOURS.length] ?? '';
  const most = Math.max(...summaries.map(({ perSecond }) => perSecond), 1);
  const parts: string[] = [text(12, 20, title, 'title')];
  systems.forEach((system, place) => {
    const x = LEFT + place * 110;
    parts.push(rect(x, 30, 10, 10, colourOf(system)), text(x + 15, 39, system, 'figure'));
  });
  let y = TOP + GAP;
  for (const name of new Set(summaries.map(({ row }) => row))) {
    const bars = summaries.filter(({ row }) => row === name);
    const height = bars.length * (BAR + GAP) - GAP;
    parts.push(text(LEFT - 10, y + height / 2 + 5, name, undefined, 'end'));
    for (const bar of bars) {
      const length = Math.max(1, Math.round((bar.perSecond / most) * (WIDTH - LEFT - RIGHT)));
      parts.push(rect(LEFT, y, length, BAR, colourOf(bar.system)));
      parts.push(text(LEFT + length + 6, y + 12, figureOf(bar), 'figure'));
      y += BAR + GAP;
    }
    y += BETWEEN_ROWS - GAP;
  }
  const view = `viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}"`;
  const label = `role="img" aria-label="${escaped(title)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${view} ${label}>\n<style>${STYLE}</style>\n${parts.join('\n')}\n</svg>\n`;
}

function figureOf({ perSecond, ratio, system }: Summary): string {
  const figure = Math.round(perSecond).toLocaleString('en-US');
  return ratio === undefined || system === 'monolith' ? figure : `${figure} (x ${ratio.toFixed(2)})`;
}

const rect = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="2" fill="${fill}"/>`;

const text = (x: number, y: number, content: string, style?: string, anchor?: string): string => {
  const more = `${style === undefined ? '' : ` class="${style}"`}${anchor === undefined ? '' : ` text-anchor="${anchor}"`}`;
  return `<text x="${x}" y="${y}"${more}>${escaped(content)}</text>`;
};

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (content: string): string => content.replace(/[&<>"]/g, (one) => ENTITIES[one] ?? one);
