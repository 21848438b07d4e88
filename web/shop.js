// A whole checkout on one page: choose, place, pay, see it paid. Whatever comes from the server is shown as text
// only. Money is counted in whole cents, as BigInt, and travels as a string.
const at = (id) => document.getElementById(id);
const form = at('checkout');
const fields = form.elements;

const customer = { token: undefined, userId: undefined, userMoney: '0.00' };
let chosen;
let lastGoodsId;
let coupons = [];
/** Stays the same until the order is through or the form is changed, so that trying again orders once. */
let requestKey;
let watched;

const PAGE = 20;
const POLL_MS = 1500;
/** The envelope's code of a request without a valid token. */
const UNAUTHORIZED = 80001;
/** Those of a shop that has too much to do, or lacks its database or broker. */
const NOT_NOW = [80003, 80004];
const ORDER_STATUS = ['not confirmed yet', 'confirmed', 'cancelled', 'invalid', 'refunded'];
const PAY_STATUS = ['unpaid', 'payment open', 'paid'];

class Refused extends Error {
  constructor({ code, message, data }) {
    super(`${message} (${code})`);
    this.code = code;
    this.data = data;
  }
}

/**
 * Asks the API and returns the envelope's data. Throws Refused with the envelope's message. A token that has expired is
 * renewed: what was refused for it has done nothing and is asked once more.
 */
async function ask(...request) {
  const { token } = customer;
  try {
    return await send(...request);
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== UNAUTHORIZED || !token) throw error;
    // Another request may have renewed it meanwhile.
    if (customer.token === token) await renewToken();
    return send(...request);
  }
}

async function send(method, path, body, headers = {}) {
  const response = await fetch(path, {
    method,
    headers: {
      ...(customer.token ? { authorization: `Bearer ${customer.token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const envelope = await response.json();
  if (!envelope.success) throw new Refused(envelope);
  return envelope.data;
}

function tell(text, failed = false) {
  at('message').textContent = text;
  at('message').classList.toggle('failed', failed);
}

/** Runs what a click began and shows why it failed, if it does. */
async function attempt(run) {
  try {
    await run();
  } catch (error) {
    tell(error instanceof Refused ? error.message : 'The shop cannot be reached; try again.', true);
  }
}

const cents = (text) => {
  const match = /^(\d{1,8})(?:\.(\d{1,2}))?$/.exec(text.trim());
  return match ? BigInt(match[1]) * 100n + BigInt((match[2] ?? '').padEnd(2, '0')) : undefined;
};
const amount = (value) => {
  const digits = (value < 0n ? -value : value).toString().padStart(3, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

// Goods

async function showGoods() {
  const after = lastGoodsId === undefined ? '' : `&after=${lastGoodsId}`;
  const page = await ask('GET', `/goods?limit=${PAGE}${after}`);
  for (const goods of page) {
    const button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('aria-pressed', 'false');
    button.append(
      element('strong', goods.goodsName),
      element('span', goods.goodsPrice),
      element('small', `${goods.goodsDesc ?? ''} In stock: ${goods.goodsNumber}`),
    );
    button.addEventListener('click', () => choose(goods, button));
    const item = document.createElement('li');
    item.append(button);
    at('goods').append(item);
    lastGoodsId = goods.goodsId;
  }
  at('more').hidden = page.length < PAGE;
}

function choose(goods, button) {
  chosen = goods;
  for (const other of at('goods').querySelectorAll('button')) {
    other.setAttribute('aria-pressed', String(other === button));
  }
  at('chosen').textContent = `${goods.goodsName} at ${goods.goodsPrice}`;
  changed();
}

// The customer

async function signIn(path, body) {
  const { token, userId } = await send('POST', path, body);
  Object.assign(customer, { token, userId });
  at('login').hidden = true;
  await showCustomer();
  if (!watched?.isWaiting) return;
  tell('You are signed in again.');
  watched.isWaiting = false;
  void poll(watched);
}

/** A demo gives out a token for the asking; elsewhere the customer must sign in again. */
async function renewToken() {
  try {
    ({ token: customer.token } = await send('POST', '/demo/token', { userId: customer.userId }));
  } catch (error) {
    if (!(error instanceof Refused) || NOT_NOW.includes(error.code)) throw error;
    customer.token = undefined;
    at('login').hidden = false;
    compute();
    throw new Refused({ code: UNAUTHORIZED, message: 'Your sign-in has expired: sign in again.' });
  }
}

async function showCustomer() {
  const [user, page] = await Promise.all([
    ask('GET', `/user/${customer.userId}`),
    ask('GET', `/coupon?userId=${customer.userId}&limit=200`),
  ]);
  customer.userMoney = user.userMoney;
  at('customer').textContent = `${user.userName}: ${user.userMoney} in the wallet, ${user.userScore} points`;
  coupons = page.filter((coupon) => coupon.isUsed === 0);
  const options = coupons.map((coupon) => {
    const option = element('option', `${coupon.couponPrice} off`);
    option.value = coupon.couponId;
    return option;
  });
  const none = element('option', 'none');
  none.value = '';
  fields.couponId.replaceChildren(none, ...options);
  compute();
}

// The order

/** What the order comes to; undefined while something is missing or is no amount. */
function sums() {
  const moneyPaid = cents(fields.moneyPaid.value || '0');
  const count = /^\d+$/.test(fields.goodsNumber.value) ? BigInt(fields.goodsNumber.value) : 0n;
  if (!chosen || moneyPaid === undefined || count < 1n) return undefined;
  const goods = cents(chosen.goodsPrice) * count;
  const shipping = goods > 10_000n ? 0n : 1_000n;
  const coupon = coupons.find(({ couponId }) => couponId === fields.couponId.value);
  const off = coupon ? cents(coupon.couponPrice) : 0n;
  const order = goods + shipping;
  return { goods, shipping, order, off, moneyPaid, pay: order - off - moneyPaid };
}

function compute() {
  const all = sums();
  const rows = all
    ? [
        ['Goods', all.goods],
        ['Shipping', all.shipping],
        ['Coupon', -all.off],
        ['Wallet', -all.moneyPaid],
        ['To pay', all.pay],
      ]
    : [];
  at('sums').replaceChildren(
    ...rows.flatMap(([name, value]) => [element('dt', name), element('dd', amount(value))]),
  );
  at('place').disabled = !all || !customer.token;
}

function changed() {
  requestKey = undefined;
  compute();
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function place() {
  const all = sums();
  if (!all) return;
  requestKey ??= newKey();
  const body = {
    userId: customer.userId,
    goodsId: chosen.goodsId,
    goodsPrice: chosen.goodsPrice,
    goodsNumber: Number(fields.goodsNumber.value),
    shippingFee: amount(all.shipping),
    orderAmount: amount(all.order),
    moneyPaid: amount(all.moneyPaid),
    address: fields.address.value,
    ...(fields.couponId.value ? { couponId: fields.couponId.value } : {}),
    ...(fields.consignee.value ? { consignee: fields.consignee.value } : {}),
  };
  at('place').disabled = true;
  try {
    const order = await ask('POST', '/order', body, { 'idempotency-key': requestKey });
    requestKey = undefined;
    tell('The order is placed.');
    watch(order.orderId, order);
  } catch (error) {
    // An order that is refused for good has its key; the next attempt is another order.
    if (error instanceof Refused && ![10004, 10007, ...NOT_NOW].includes(error.code)) requestKey = undefined;
    if (error instanceof Refused && error.code === 10007 && error.data) watch(error.data.orderId);
    throw error;
  } finally {
    compute();
  }
  await showCustomer();
}

function watch(orderId, order) {
  clearTimeout(watched?.timer);
  watched = { orderId, timer: undefined, isPaid: false, isUnanswered: false, isWaiting: false };
  at('order').hidden = false;
  at('order-id').textContent = orderId;
  at('order-state').textContent = '';
  at('pay-link').hidden = true;
  if (order) showOrder(order);
  else at('pay').hidden = at('cancel').hidden = true;
  void poll(watched);
}

function showOrder(order) {
  const state = ORDER_STATUS[order.orderStatus] ?? 'unknown';
  const paid = PAY_STATUS[order.payStatus] ?? 'unknown';
  const why = order.failName ? ` (${order.failName})` : '';
  at('order-state').textContent = `${state}${why}, ${paid}; to pay ${order.payAmount}`;
  const mayPay = order.orderStatus === 1 && order.payStatus !== 2;
  at('pay').hidden = at('cancel').hidden = !mayPay;
  if (!mayPay) at('pay-link').hidden = true;
  watched.order = order;
}

/** Looks again until the order has ended; the points come a moment after the payment, so it looks twice more. */
async function poll(current, looksLeft = 3) {
  try {
    const order = await ask('GET', `/order/${current.orderId}`);
    if (current !== watched) return;
    if (current.isUnanswered) tell('The shop answers again.');
    current.isUnanswered = false;
    showOrder(order);
    const hasEnded = order.payStatus === 2 || order.orderStatus > 1;
    if (hasEnded && !current.isPaid) {
      current.isPaid = true;
      tell(order.orderStatus === 1 ? 'The order is paid. Thank you!' : 'The order has ended.');
    }
    if (hasEnded) await showCustomer();
    if (hasEnded && looksLeft === 1) return;
    current.timer = setTimeout(() => void poll(current, hasEnded ? looksLeft - 1 : looksLeft), POLL_MS);
  } catch (error) {
    if (current !== watched) return;
    if (!customer.token) {
      // Whoever asks without a token is only refused: the next sign-in goes on.
      current.isWaiting = true;
      tell(error.message, true);
      return;
    }
    // The shop may be busy or restarting: look again later.
    const why = error instanceof Refused ? error.message : 'The shop does not answer.';
    current.isUnanswered = true;
    tell(`${why} Looking again ...`, true);
    current.timer = setTimeout(() => void poll(current, looksLeft), POLL_MS * 2);
  }
}

async function pay() {
  const { orderId, order } = watched;
  const payment = await ask('POST', '/pay/createPayment', { orderId, payAmount: order.payAmount });
  const { protocol, href } = new URL(payment.payUrl, location.href);
  if (protocol !== 'https:' && protocol !== 'http:') throw new Error('not a web address');
  at('pay-link').href = href;
  at('pay-link').hidden = false;
  tell('The payment is open: follow the link, pay there and come back.');
}

async function cancel() {
  showOrder(await ask('POST', `/order/${watched.orderId}/cancel`));
  tell('The order is cancelled.');
}

form.addEventListener('input', changed);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void attempt(place);
});
at('login').addEventListener('submit', (event) => {
  event.preventDefault();
  const { userId, password } = Object.fromEntries(new FormData(at('login')));
  void attempt(() => signIn('/login', { userId, password }));
});
at('more').addEventListener('click', () => void attempt(showGoods));
at('pay').addEventListener('click', () => void attempt(pay));
at('cancel').addEventListener('click', () => void attempt(cancel));

await attempt(showGoods);
await attempt(async () => {
  try {
    // Only a demo knows this address; the demo's first user is signed in.
    await signIn('/demo/token', {});
  } catch (error) {
    if (!(error instanceof Refused) || customer.token) throw error;
    at('login').hidden = false;
  }
});
