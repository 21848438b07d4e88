import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** The folders that a folder may not import from: the arrows of docs/ARCHITECTURE.md. */
const arrows = {
  'actors/domain': ['actors', 'supervisors', 'transport', 'persistence', 'bin'],
  actors: ['supervisors', 'transport', 'persistence', 'bin'],
  supervisors: ['transport', 'persistence', 'bin'],
  transport: ['supervisors', 'persistence', 'bin'],
  persistence: ['supervisors', 'transport', 'bin'],
};

/** Only the domain, of all that is in actors/, may be seen from transport and persistence. */
const onlyDomain = {
  group: ['**/actors/*', '!**/actors/domain', '**/actors/http/**'],
  message: 'Import the domain only: the parts meet in bin/compose.ts.',
};

const onlyItself = {
  group: ['node:*', 'nact', 'nats', 'pg', 'typeorm', 'pino', 'fastify'],
  message: 'The domain is pure.',
};

/** @param above what stands for the folder that holds this one, if that is forbidden too */
const forbid = (folders, extra = [], above = '../*') => ({
  'no-restricted-imports': [
    'error',
    {
      patterns: [
        ...folders.map((folder) => ({
          group: [`**/${folder}/**`, ...(folder === 'actors' ? [above] : [])],
          message: `This folder may not import from ${folder}.`,
        })),
        ...extra,
      ],
    },
  ],
});

/** The domain knows of nobody, not even of the time. */
const isPure = (above) => ({
  ...forbid(arrows['actors/domain'], [onlyItself], above),
  'no-restricted-globals': [
    'error',
    'process',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'performance',
    'crypto',
  ],
  'no-restricted-syntax': [
    'error',
    {
      selector: "NewExpression[callee.name='Date'][arguments.length=0]",
      message: 'Time comes in as data.',
    },
    {
      selector: "MemberExpression[object.name='Date'][property.name='now']",
      message: 'Time comes in as data.',
    },
    {
      selector: "MemberExpression[object.name='Math'][property.name='random']",
      message: 'The domain is deterministic.',
    },
  ],
});

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.cache/**', '.data/**', 'web/**'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', '*.mjs', 'persistence/*.js', 'test/helpers/*/*.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-generated-empty-object-type': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/unified-signatures': 'off',
    },
  },
  { files: ['actors/**/*.ts'], ignores: ['actors/domain/**'], rules: forbid(arrows.actors) },
  { files: ['supervisors/**/*.ts'], rules: forbid(arrows.supervisors) },
  { files: ['transport/**/*.ts'], rules: forbid(arrows.transport, [onlyDomain]) },
  { files: ['persistence/**/*.ts'], rules: forbid(arrows.persistence, [onlyDomain]) },
  { files: ['actors/domain/*.ts'], ignores: ['**/*.spec.ts'], rules: isPure('../*') },
  { files: ['actors/domain/ports/*.ts'], rules: isPure('../../*') },
  {
    files: ['**/*.ts'],
    ignores: ['bin/config.ts', 'test/**', '**/*.spec.ts', 'actors/domain/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'bin/config.ts is the sole reader.' },
      ],
    },
  },
  {
    files: ['test/**/*.ts', '**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      globals: { module: 'writable', require: 'readonly', process: 'readonly', __dirname: 'readonly' },
    },
    rules: { ...tseslint.configs.disableTypeChecked.rules, '@typescript-eslint/no-require-imports': 'off' },
  },
  prettier,
);
