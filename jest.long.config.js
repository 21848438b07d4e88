/** The long forms of the reliability tests, one after the other: they measure. */
const { testPathIgnorePatterns: _short, ...config } = require('./jest.config.js');

module.exports = { ...config, testMatch: ['<rootDir>/test/long/**/*.spec.ts'], maxWorkers: 1 };
