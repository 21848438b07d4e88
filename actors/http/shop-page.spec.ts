// The page's own script, run on a stand-in of the browser: the elements that it names, answers that the test gives, and
// timers that go off when the test says so.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { CODES, type Code } from '../domain/codes';

const SCRIPT = readFileSync(join(__dirname, '..', '..', 'web', 'shop.js'), 'utf8');

class StandInElement {
  textContent = '';
  hidden = false;
  value = '';
  children: StandInElement[] = [];
  readonly classList = { toggle: () => undefined };
  readonly elements: Record<string, StandInElement> = {};
  private readonly listeners = new Map<string, (event: object) => void>();

  addEventListener(type: string, listener: (event: object) => void): void {
    this.listeners.set(type, listener);
  }
  fire(type: string): void {
    this.listeners.get(type)?.({ preventDefault: () => undefined });
  }
  append(...added: StandInElement[]): void {
    this.children.push(...added);
  }
  replaceChildren(...children: StandInElement[]): void {
    this.children = children;
  }
  querySelectorAll(): StandInElement[] {
    return [];
  }
  setAttribute(): void {
    // Nothing here reads attributes.
  }
}

type Answer = Code | object | Error;

const GOODS = { goodsId: '1', goodsName: 'Tea', goodsPrice: '5.00', goodsNumber: 9 };
const USER = { userName: 'Ann', userMoney: '0.00', userScore: 0 };
const ORDER = { orderId: '7', orderStatus: 1, payStatus: 1, payAmount: '15.00' };

/** Everything that was promised and needs no timer has happened. */
const settled = (): Promise<void> => new Promise(setImmediate);

class Page {
  readonly asked: string[] = [];
  readonly answers: Record<string, (token: string | undefined) => Answer> = {
    'GET /goods': () => [GOODS],
    'GET /user': () => USER,
    'GET /coupon': () => [],
    'POST /order': () => ORDER,
    'GET /order': () => ORDER,
    'POST /demo/token': () => ({ userId: '5', token: 'first' }),
  };
  private readonly elements = new Map<string, StandInElement>();
  private timers: (() => void)[] = [];

  at(id: string): StandInElement {
    const known = this.elements.get(id) ?? new StandInElement();
    this.elements.set(id, known);
    return known;
  }

  get message(): string {
    return this.at('message').textContent;
  }

  async open(): Promise<void> {
    const names = ['couponId', 'moneyPaid', 'goodsNumber', 'address', 'consignee'];
    for (const name of names) this.at('checkout').elements[name] = new StandInElement();
    this.at('checkout').elements['goodsNumber']!.value = '1';
    const login = { userId: '5', password: 'secret' };
    const browser = {
      document: {
        getElementById: (id: string) => this.at(id),
        createElement: () => new StandInElement(),
      },
      fetch: (path: string, request: { method: string; headers: { authorization?: string } }) =>
        this.answer(`${request.method} ${path}`, request.headers.authorization),
      FormData: class extends Map<string, string> {
        constructor() {
          super(Object.entries(login));
        }
      },
      crypto,
      setTimeout: (run: () => void) => this.timers.push(run),
      clearTimeout: () => (this.timers = []),
    };
    await runInContext(`(async () => {${SCRIPT}})()`, createContext(browser));
  }

  /** Chooses the first goods and places an order for them, which the page then watches. */
  async order(): Promise<void> {
    this.at('goods').children[0]!.children[0]!.fire('click');
    this.at('checkout').fire('submit');
    await settled();
  }

  /** @returns how many timers there were */
  async timersGoOff(): Promise<number> {
    const due = this.timers;
    this.timers = [];
    for (const run of due) run();
    await settled();
    return due.length;
  }

  private answer(request: string, authorization: string | undefined): Promise<unknown> {
    const asked = Object.keys(this.answers)
      .filter((name) => request.startsWith(name))
      .at(-1)!;
    this.asked.push(asked);
    const answer = this.answers[asked]!(authorization?.replace('Bearer ', ''));
    if (answer instanceof Error) return Promise.reject(answer);
    const envelope =
      typeof answer === 'string'
        ? { success: false, code: CODES[answer].code, message: CODES[answer].meaning }
        : { success: true, data: answer };
    return Promise.resolve({ json: () => Promise.resolve(envelope) });
  }
}

const only = (token: string) => (given: string | undefined) =>
  given === token ? ORDER : 'SHOP_UNAUTHORIZED';

let page: Page;
beforeEach(async () => {
  page = new Page();
  await page.open();
  await page.order();
  expect(page.message).toBe('The order is placed.');
});

test("a demo's token that has expired is renewed while an order is watched", async () => {
  page.answers['GET /order'] = only('second');
  page.answers['POST /demo/token'] = () => ({ userId: '5', token: 'second' });
  page.asked.length = 0;
  await page.timersGoOff();
  expect(page.asked).toEqual(['GET /order', 'POST /demo/token', 'GET /order']);
  expect(page.message).toBe('The order is placed.');
  page.answers['GET /order'] = () => ({ ...ORDER, payStatus: 2 });
  await page.timersGoOff();
  expect(page.message).toBe('The order is paid. Thank you!');
});

test('where there are no demo tokens it asks to sign in, and looks no more until then', async () => {
  page.answers['GET /order'] = only('second');
  page.answers['POST /demo/token'] = () => 'SHOP_NO_ROUTE';
  await page.timersGoOff();
  expect(page.message).toBe('Your sign-in has expired: sign in again. (80001)');
  expect(page.at('login').hidden).toBe(false);
  expect(await page.timersGoOff()).toBe(0);
  page.answers['POST /login'] = () => ({ userId: '5', token: 'second' });
  page.at('login').fire('submit');
  await settled();
  expect(page.message).toBe('You are signed in again.');
  expect(await page.timersGoOff()).toBe(1);
});

test.each<[string, Answer]>([
  ['The shop does not answer. Looking again ...', new TypeError('fetch failed')],
  [`${CODES.SHOP_UNAVAILABLE.meaning} (80004) Looking again ...`, 'SHOP_UNAVAILABLE'],
])('it says "%s", and when that is over', async (said, answer) => {
  page.answers['GET /order'] = () => answer;
  await page.timersGoOff();
  expect(page.message).toBe(said);
  page.answers['GET /order'] = () => ORDER;
  await page.timersGoOff();
  expect(page.message).toBe('The shop answers again.');
});
