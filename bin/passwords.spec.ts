import { DEMO_USERS } from '../persistence/demo-data';
import { hashPassword, verifyPassword } from './passwords';

test('a password fits its own hash only, and no two hashes are alike', async () => {
  const stored = await hashPassword('开门');
  expect(stored).not.toBe(await hashPassword('开门'));
  expect(await verifyPassword(stored, '开门')).toBe(true);
  expect(await verifyPassword(stored, '关门')).toBe(false);
});

test('nobody comes in by a column that holds no hash', async () => {
  expect(await verifyPassword(undefined, 'demo')).toBe(false);
  expect(await verifyPassword('', '')).toBe(false);
  expect(await verifyPassword('plain', 'plain')).toBe(false);
  expect(await verifyPassword('$argon2id$broken', 'x')).toBe(false);
});

test("demo users come in with 'demo'", async () => {
  expect(await verifyPassword(DEMO_USERS[0]!.passwordHash, 'demo')).toBe(true);
});
