// What a Dockerfile must keep to: pinned images, no root, and nothing copied that is not there or is kept out.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isPinned } from './compose-faults';

/** The last pattern that fits a path, or a folder above it, decides. */
export function isIgnored(path: string, dockerignore: string): boolean {
  const above = path.split('/').map((_, end, parts) => parts.slice(0, end + 1).join('/'));
  let ignored = false;
  for (const line of dockerignore.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    const keeps = line.startsWith('!');
    const pattern = line
      .replace(/^!/, '')
      .replace(/[.+^$()|[\]\\]/g, '\\$&')
      .replaceAll('**/', '\0')
      .replaceAll('*', '[^/]*')
      .replaceAll('\0', '(?:.*/)?');
    if (above.some((part) => new RegExp(`^${pattern}$`).test(part))) ignored = !keeps;
  }
  return ignored;
}

/**
 * @param dockerignore of the folder that the Dockerfile is built in
 * @returns a line for each fault
 */
export function dockerfileFaults(text: string, dockerignore: string, root: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.split(/\s+/));
  const stages = lines.filter(([word]) => word === 'FROM').map(([, image = '']) => image);
  const last = lines.slice(lines.findLastIndex(([word]) => word === 'FROM'));
  const user = last.findLast(([word]) => word === 'USER')?.[1];
  const copied = lines
    .filter(([word, from]) => word === 'COPY' && !from?.startsWith('--from='))
    .flatMap((words) => words.slice(1, -1))
    .filter((source) => source !== '.');
  return [
    ...stages.filter((image) => !isPinned(image)).map((image) => `${image} is not pinned`),
    ...(new Set(stages).size > 1 ? [`the stages differ: ${stages.join(', ')}`] : []),
    ...(user === undefined || /^(root|0)(:|$)/.test(user) ? ['it may run as root'] : []),
    ...copied
      .filter((source) => !existsSync(join(root, source)) || isIgnored(source, dockerignore))
      .map((source) => `${source} is copied, but is not there or is ignored`),
  ];
}
