// What the inputs may have brought about: only what was answered with success has, and only what was answered with
// success, or without a verdict, may have. The books are held against it in the end.
import type { Request } from '../../actors/domain/front-door';

export type Outcome = 'yes' | 'no' | 'unknown';

type Body = Readonly<Record<string, unknown>>;

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const amount = (value: unknown): string => Number(value).toFixed(2);

/** What a request writes, as one line that its row can be turned into. Requests that are not here make no rows. */
const LINES: Partial<Record<Request, (body: Body) => string | undefined>> = {
  'wallet.recharge': (body) =>
    `${text(body['userId'])} ${text(body['requestKey'])} ${amount(body['amount'])}`,
  'goods.restock': (body) =>
    `${text(body['goodsId'])} ${text(body['requestKey'])} ${text(body['goodsNumber'])}`,
  'goods.create': (body) => text(body['goodsName']),
  'coupon.issue': (body) => `${text(body['userId'])} ${amount(body['couponPrice'])}`,
  'order.place': (body) => `${text(body['userId'])} ${text(body['address'])} ${amount(body['orderAmount'])}`,
  'payment.callback': (body) =>
    body['isPaid'] === true
      ? `${text(body['payId'])} ${text(body['transactionId'])} ${amount(body['payAmount'])}`
      : undefined,
};

export class Effects {
  private readonly may = new Map<Request, Set<string>>();
  private readonly did = new Map<Request, Set<string>>();

  /** @param sent the body as it was sent; of a member that is there twice the last one counts, as everywhere */
  note(request: Request | undefined, sent: string, outcome: Outcome): void {
    const line = request && LINES[request];
    if (!line || outcome === 'no') return;
    let body: unknown;
    try {
      // HTTP's reader of JSON skips a byte order mark.
      body = JSON.parse(sent.replace(/^\ufeff/, ''));
    } catch {
      return;
    }
    if (typeof body !== 'object' || body === null) return;
    const written = line(body as Body);
    if (written === undefined) return;
    add(this.may, request, written);
    if (outcome === 'yes') add(this.did, request, written);
  }

  /** @returns the lines of rows that nobody was promised, and those that were promised and are not there */
  compare(request: Request, rows: readonly string[]): readonly string[] {
    const may = this.may.get(request) ?? new Set();
    const there = new Set(rows);
    const did = [...(this.did.get(request) ?? [])];
    return [
      ...rows.filter((row) => !may.has(row)).map((row) => `${request}: written without right: ${row}`),
      ...did
        .filter((row) => !there.has(row))
        .map((row) => `${request}: answered with success, not there: ${row}`),
    ];
  }
}

function add(lines: Map<Request, Set<string>>, request: Request, line: string): void {
  const known = lines.get(request);
  if (known) known.add(line);
  else lines.set(request, new Set([line]));
}
