/** Unit tests sit beside their file; suites that need servers are in test/. */
const swc = [
  '@swc/jest',
  {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
    exclude: [],
    swcrc: false,
  },
];

module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{actors,supervisors,transport,persistence,bin,test}/**/*.spec.ts'],
  // They take minutes: npm run test:long.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/long/'],
  transform: { '\\.(ts|mjs|js)$': swc },
  // typebox is published as ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!typebox/)'],
  globalSetup: '<rootDir>/test/helpers/global-setup.ts',
  globalTeardown: '<rootDir>/test/helpers/global-teardown.ts',
  testTimeout: 30_000,
  maxWorkers: 3,
};
