// Where the system looks for programs.
import { delimiter } from 'node:path';
import { givenEnvironment } from '../config';

export const pathFolders = (): readonly string[] =>
  (givenEnvironment()['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
