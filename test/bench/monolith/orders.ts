// An order in one transaction: read and check, then all rows at once, then commit. The rows are those that a node
// writes, so that the same audit holds them, but no row of an outbox, an inbox or a saga.
import { Snowflake } from '@sapphire/snowflake';
import { add, compare, isZero, money, subtract, ZERO, type Money } from '../../../actors/domain/money';
import { id, type GoodsId } from '../../../actors/domain/ids';
import { goodsAmountOf, refusalOf } from '../../../actors/domain/order-rules';
import { idText, type PlaceOrderBody } from '../../../actors/domain/schemas';
import * as sql from './order-statements';
import { demand, Refusal } from './refusal';
import type { Run, Transactions } from './transaction';

interface Checked {
  readonly goods_price: string;
  readonly goods_number: number;
  readonly user_money: string;
  readonly coupon_price: string | null;
  readonly is_used: number | null;
  readonly coupon_user: string | null;
}

interface Wish {
  readonly orderId: string;
  readonly userId: string;
  readonly goodsId: string;
  readonly quantity: number;
  readonly price: Money;
  readonly goodsAmount: Money;
  readonly shippingFee: Money;
  readonly orderAmount: Money;
  readonly couponId: string | undefined;
  readonly moneyPaid: Money;
  readonly address: string;
  readonly consignee: string;
}

export interface Placed {
  readonly orderId: string;
  readonly userId: string;
  readonly orderStatus: 1;
  readonly orderAmount: Money;
  readonly couponPaid: Money;
  readonly moneyPaid: Money;
  readonly payAmount: Money;
}

const orderIds = new Snowflake(Date.parse('2020-01-01T00:00:00.000Z'));

/**
 * Places an order of one kind of goods.
 * @param body fits PlaceOrderBody
 * @throws Refusal if it may not be
 */
export async function placeOrder(transactions: Transactions, body: PlaceOrderBody): Promise<Placed> {
  const wish = wishOf(body);
  const { orderId, userId, orderAmount, moneyPaid } = wish;
  return transactions.do(async (run) => {
    const [row] = await run<Checked>(sql.CHECK, [wish.goodsId, userId, wish.couponId]);
    const couponPaid = couponPaidOf(wish, row);
    const payAmount = subtract(orderAmount, add(couponPaid, moneyPaid));
    demand(!payAmount.startsWith('-'), 'SHOP_MONEY_PAID_INVALID');
    await write(run, wish, couponPaid, payAmount);
    return { orderId, userId, orderStatus: 1, orderAmount, couponPaid, moneyPaid, payAmount };
  });
}

/** What can be checked without the database. */
function wishOf(body: PlaceOrderBody): Wish {
  const { goodsId, goodsPrice, goodsNumber: quantity, couponId } = body;
  demand(
    goodsId !== undefined && goodsPrice !== undefined && quantity !== undefined,
    'SHOP_REQUEST_PARAMETER_VALID',
  );
  const price = money(goodsPrice);
  const line = { goodsId: id<GoodsId>(idText(goodsId)), quantity, price };
  const shippingFee = money(body.shippingFee);
  const orderAmount = money(body.orderAmount);
  const moneyPaid = body.moneyPaid === undefined ? ZERO : money(body.moneyPaid);
  const code = refusalOf({ lines: [line], shippingFee, orderAmount, moneyPaid });
  if (code) throw new Refusal(code);
  return {
    ...line,
    orderId: orderIds.generate().toString(),
    userId: idText(body.userId),
    goodsAmount: goodsAmountOf([line]),
    shippingFee,
    orderAmount,
    couponId: couponId === undefined ? undefined : idText(couponId),
    moneyPaid,
    address: body.address,
    consignee: body.consignee ?? '',
  };
}

function couponPaidOf(wish: Wish, row: Checked | undefined): Money {
  demand(row !== undefined, 'SHOP_GOODS_NO_EXIST');
  demand(row.goods_price === wish.price, 'SHOP_GOODS_PRICE_INVALID');
  demand(row.goods_number >= wish.quantity, 'SHOP_GOODS_NUM_NOT_ENOUGH');
  demand(compare(money(row.user_money), wish.moneyPaid) >= 0, 'SHOP_USER_MONEY_REDUCE_FAIL');
  if (wish.couponId === undefined) return ZERO;
  const { coupon_price: price, coupon_user: owner, is_used: isUsed } = row;
  demand(price !== null && owner === wish.userId, 'SHOP_COUPON_NO_EXIST');
  demand(isUsed === 0, 'SHOP_COUPON_INVALIED');
  return money(price);
}

/** Whatever two orders may want at once is locked last, in the same order by all, so that nobody waits for long. */
async function write(run: Run, wish: Wish, couponPaid: Money, payAmount: Money): Promise<void> {
  const { orderId, userId, goodsId, quantity, couponId, moneyPaid } = wish;
  const nothing = Promise.resolve([{}]);
  const logs = [
    run(sql.ORDER, [
      orderId,
      userId,
      isZero(payAmount) ? 2 : 0,
      wish.address,
      wish.consignee,
      goodsId,
      quantity,
      wish.price,
      wish.goodsAmount,
      wish.shippingFee,
      wish.orderAmount,
      couponId,
      couponPaid,
      moneyPaid,
      payAmount,
    ]),
    run(sql.STOCK_LOG, [goodsId, orderId, quantity]),
    isZero(moneyPaid) ? nothing : run(sql.MONEY_LOG, [userId, orderId, moneyPaid]),
    couponId === undefined ? nothing : run(sql.COUPON_LOG, [couponId, orderId, couponPaid]),
  ];
  const taken = [
    couponId === undefined ? nothing : run(sql.COUPON, [couponId, orderId]),
    isZero(moneyPaid) ? nothing : run(sql.WALLET, [userId, moneyPaid]),
    run(sql.STOCK, [goodsId, quantity]),
  ] as const;
  const [coupon, wallet, stock] = await Promise.all([...taken, ...logs]);
  demand(coupon.length === 1, 'SHOP_COUPON_INVALIED');
  demand(wallet.length === 1, 'SHOP_USER_MONEY_REDUCE_FAIL');
  demand(stock.length === 1, 'SHOP_GOODS_NUM_NOT_ENOUGH');
}
