import { LoginThrottle } from './login-throttle';

const attempts = (throttle: LoginThrottle, userId: string, times: number, nowMs = 0): boolean[] =>
  Array.from({ length: times }, () => throttle.begin(userId, nowMs));

describe('the throttle of logins', () => {
  test('lets five attempts a minute through, for each user', () => {
    const throttle = new LoginThrottle();
    expect(attempts(throttle, '1', 6)).toEqual([true, true, true, true, true, false]);
    expect(throttle.begin('2', 0)).toBe(true);
    expect(throttle.begin('1', 59_999)).toBe(false);
    expect(throttle.begin('1', 60_000)).toBe(true);
  });

  test('forgets the failures after a success', () => {
    const throttle = new LoginThrottle();
    attempts(throttle, '1', 5);
    throttle.succeeded('1');
    expect(throttle.begin('1', 0)).toBe(true);
  });

  test('does not count what could not be tried', () => {
    const throttle = new LoginThrottle();
    for (let outage = 0; outage < 10; outage += 1) {
      expect(throttle.begin('1', 0)).toBe(true);
      throttle.takeBack('1');
    }
    expect(attempts(throttle, '1', 6)).toEqual([true, true, true, true, true, false]);
    throttle.takeBack('nobody');
  });

  test('remembers no more than ten thousand users', () => {
    const throttle = new LoginThrottle();
    attempts(throttle, 'first', 5);
    for (let user = 0; user < 10_000; user += 1) throttle.begin(`user ${user}`, 0);
    expect(throttle.begin('first', 0)).toBe(true);
    attempts(throttle, 'user 9999', 4);
    expect(throttle.begin('user 9999', 0)).toBe(false);
  });
});
