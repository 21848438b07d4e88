// The payment page: what is to be paid, a button to pay it, and what came of it. It needs no script.
import { BEHAVIOURS } from './behaviour';
import type { Payment, Transaction } from './ledger';

const STYLE = `
  :root { color-scheme: light dark; --line: #8884; --quiet: #777; --good: #1a7f4b }
  * { box-sizing: border-box }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 16px/1.5 system-ui, sans-serif }
  main { width: min(26rem, 92vw); padding: 2rem; border: 1px solid var(--line); border-radius: 12px }
  h1 { margin: 0 0 1.5rem; font-size: 1rem; font-weight: 600; color: var(--quiet) }
  .amount { margin: 0; font-size: 2.5rem; font-weight: 700; font-variant-numeric: tabular-nums }
  .quiet { color: var(--quiet); margin: .25rem 0 1.5rem; overflow-wrap: anywhere }
  .good { color: var(--good); font-weight: 600 }
  .row { display: flex; gap: .75rem }
  button, .cancel { flex: 1; padding: .75rem; border-radius: 8px; border: 1px solid var(--line); font: inherit;
    text-align: center; text-decoration: none; color: inherit; background: none; cursor: pointer }
  button { border-color: var(--good); background: var(--good); color: #fff; font-weight: 600 }
  details { margin-top: 1.5rem; color: var(--quiet); font-size: .875rem }
  select, input { width: 100%; margin-top: .5rem; padding: .5rem; font: inherit }
`;

const MARKUP: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as HTML that shows that text and does nothing else, in elements and in quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => MARKUP[sign] ?? '');

/** The page of a payment, as its state has it. @param cancelled the payer has just turned away */
export function paymentPage(payment: Payment, { cancelled }: { readonly cancelled: boolean }): string {
  const order = `<p class="quiet">Order ${escapeHtml(payment.orderId)}</p>`;
  if (payment.transactions.length > 0) return paidPage(payment, order);
  const amount = `<p class="amount">${escapeHtml(payment.amount)}</p>${order}`;
  if (payment.closed)
    return frame('Payment closed', `${amount}<p>The shop has closed this payment. Nothing was paid.</p>`);
  const address = `/pay/${encodeURIComponent(payment.payId)}`;
  if (cancelled) {
    return frame(
      'Not paid',
      `${amount}<p>You have not paid. The payment stays open.</p>
      <div class="row"><a class="cancel" href="${address}">Back to the payment</a></div>`,
    );
  }
  return frame(
    'Payment',
    `${amount}
    <form method="post" action="${address}">
      <div class="row"><button>Pay</button><a class="cancel" href="${address}?cancelled">Cancel</a></div>
      <details><summary>Let the platform misbehave</summary>${wishes()}</details>
    </form>`,
  );
}

/** A page that says one thing. */
export const messagePage = (message: string): string => frame('Payment', `<p>${escapeHtml(message)}</p>`);

function paidPage(payment: Payment, order: string): string {
  const movements = payment.transactions.map(paid).join('');
  return frame('Payment', `<p class="good">Paid</p>${movements}${order}`);
}

function paid({ transactionId, amount, acknowledged, refunded }: Transaction): string {
  const told = acknowledged ? 'The shop has confirmed it.' : 'The shop has not confirmed it yet.';
  const back = refunded === undefined ? '' : ` ${escapeHtml(refunded)} was sent back.`;
  return `<p class="amount">${escapeHtml(amount)}</p>
    <p class="quiet">Transaction ${escapeHtml(transactionId)}<br>${told}${back}</p>`;
}

function wishes(): string {
  const options = Object.entries(BEHAVIOURS).map(
    ([name, meaning]) => `<option value="${escapeHtml(name)}">${escapeHtml(`${name}: ${meaning}`)}</option>`,
  );
  return `<select name="behaviour" aria-label="behaviour">${options.join('')}</select>
    <input name="delayMs" inputmode="numeric" placeholder="delayMs, for late" aria-label="delayMs">
    <input name="amount" inputmode="decimal" placeholder="amount, for wrong-amount" aria-label="amount">`;
}

const frame = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Sandbox</title>
<style>${STYLE}</style>
</head>
<body><main><h1>Sandbox payment platform</h1>${content}</main></body>
</html>
`;
