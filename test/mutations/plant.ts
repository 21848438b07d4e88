// Plants a fault: a compiled tree of the project in which one file is compiled from its changed source. Nothing in the
// project itself is touched.
import { transformSync } from '@swc/core';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../bin/local-servers/cache';
import type { Mutation } from './mutation';

export const PROJECT = projectFolder(__dirname);
const MUTANTS = join(PROJECT, '.cache', 'mutants');

/** @throws Error unless the mutation's text stands exactly once in its file */
export function changedSource({ name, file, find, replace }: Mutation): string {
  const source = readFileSync(join(PROJECT, file), 'utf8');
  const count = source.split(find).length - 1;
  if (count !== 1) throw new Error(`${name}: its text stands ${count} times in ${file}`);
  // A function, because a text would have its dollar signs read as patterns.
  return source.replace(find, () => replace);
}

/** @returns the JavaScript of the mutation's file, as the build would make it. @throws if it does not compile */
export function compileChanged(mutation: Mutation): string {
  return transformSync(changedSource(mutation), {
    filename: join(PROJECT, mutation.file),
    configFile: join(PROJECT, '.swcrc'),
    sourceMaps: false,
  }).code;
}

/**
 * @param compiled the folder of the compiled project, tests included
 * @returns the folder of the compiled project with this fault; undefined plants none
 */
export function plant(mutation: Mutation | undefined, compiled: string): string {
  const folder = join(MUTANTS, mutation?.name ?? 'none');
  const tree = join(folder, 'tree');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(compiled, tree, { recursive: true, filter: (path) => !path.endsWith('.map') });
  // A node serves the web pages from beside its tree.
  symlinkSync(join(PROJECT, 'web'), join(folder, 'web'));
  if (mutation) writeFileSync(join(tree, mutation.file.replace(/\.ts$/, '.js')), compileChanged(mutation));
  return tree;
}
