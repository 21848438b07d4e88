// Every fault of the catalogue can still be planted: its text stands where it is to be changed, and what it becomes
// compiles.
import { CATALOGUE } from './catalogue';
import type { Mutation } from './mutation';
import { changedSource, compileChanged } from './plant';

const ANY: Mutation = {
  name: 'any',
  breaks: '',
  file: 'test/mutations/mutation.ts',
  find: 'Stands exactly once',
  replace: '$& and $1',
};

it('plants at least ten faults, each under a name of its own', () => {
  expect(CATALOGUE.length).toBeGreaterThanOrEqual(10);
  expect(new Set(CATALOGUE.map(({ name }) => name)).size).toBe(CATALOGUE.length);
});

it.each(CATALOGUE.map((mutation) => [mutation.name, mutation] as const))(
  'can plant %s',
  (_name, mutation) => {
    expect(compileChanged(mutation)).not.toBe(compileChanged({ ...mutation, replace: mutation.find }));
  },
);

it('changes the text and nothing else', () => {
  expect(changedSource(ANY)).toContain('/** $& and $1 in the file. */');
});

it.each([
  ['is not there', { ...ANY, find: 'nowhere in this file' }, 'its text stands 0 times'],
  ['is there more than once', { ...ANY, find: 'readonly' }, 'its text stands 6 times'],
])('refuses a text that %s', (_what, mutation, message) => {
  expect(() => changedSource(mutation)).toThrow(message);
});

it('refuses what does not compile', () => {
  expect(() => compileChanged({ ...ANY, replace: '*/ {' })).toThrow();
});
