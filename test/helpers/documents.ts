// What documents hold for machines: the code blocks that are marked for a kind of run, with the commands in them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** @param path from the project's root */
export const readDocument = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The code blocks that follow a comment `run: <kind>`. */
export const blocksToRun = (text: string, kind: string): string[] =>
  [...text.matchAll(/<!-- run: ([\w-]+) -->\n+```\w*\n([\s\S]*?)```/g)].flatMap(([, mark, block]) =>
    mark === kind ? [block!] : [],
  );

/** The lines of blocks that call a program, wherever in the document they are. */
export const linesCalling = (program: string, text: string): string[] =>
  [...text.matchAll(/```bash\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!.split('\n').filter((line) => line.startsWith(`${program} `)),
  );
