// What a newcomer needs: where everything is, and three commands from nothing to a paid order.
import { DEMO_COUPON_ID, DEMO_GOODS_ID, DEMO_USER_ID } from '../../persistence/demo-data';
import type { RunningNode } from '../compose';

const ORDER = {
  userId: DEMO_USER_ID,
  goodsId: DEMO_GOODS_ID,
  goodsNumber: 1,
  goodsPrice: '5000.00',
  shippingFee: '0.00',
  orderAmount: '5000.00',
  couponId: DEMO_COUPON_ID,
  moneyPaid: '200.00',
  address: '郑州',
};

/** 5000.00, less the coupon's 20.00 and 200.00 from the wallet. */
const PAY_AMOUNT = '4780.00';

export function welcome({ urls }: Pick<RunningNode, 'urls'>, demo: boolean): string {
  const places = [
    `The shop    ${urls.shop}`,
    `API docs    ${urls.docs}`,
    ...(urls.sandbox === undefined ? [] : [`Sandbox     ${urls.sandbox}`]),
  ];
  return ['', ...places, '', ...(demo ? tour(urls) : [])].join('\n');
}

function tour({ shop, sandbox }: RunningNode['urls']): readonly string[] {
  const json = `-H 'content-type: application/json'`;
  const bearer = `-H "authorization: Bearer $TOKEN"`;
  const order = [
    '# Get a token for a demo user, and place an order',
    `TOKEN=$(curl -s ${shop}/demo/token ${json} -d '{"userId":"${DEMO_USER_ID}"}' | ${pick('token')})`,
    `ORDER=$(curl -s ${shop}/order ${bearer} ${json} \\`,
    `  -d '${JSON.stringify(ORDER)}')`,
    'echo "$ORDER"',
    '',
  ];
  if (sandbox === undefined) return order;
  return [
    ...order,
    '# Make a payment of what is left to pay, and pay it at the sandbox platform',
    `ORDER_ID=$(echo "$ORDER" | ${pick('orderId')})`,
    `PAYMENT=$(curl -s ${shop}/pay/createPayment ${bearer} ${json} \\`,
    `  -d '{"orderId":"'$ORDER_ID'","payAmount":"${PAY_AMOUNT}"}')`,
    'echo "$PAYMENT"',
    `curl -s -X POST "$(echo "$PAYMENT" | ${pick('payUrl')})"`,
    '',
  ];
}

/** Takes a member out of JSON with what every machine has. */
const pick = (member: string): string => `sed -n 's/.*"${member}":"\\([^"]*\\)".*/\\1/p'`;
