// What a demo shop begins with; the first goods, user and coupon are those of the README. The same each time.
import { money, type Money } from '../actors/domain/money';

export interface DemoGoods {
  readonly goodsId: string;
  readonly name: string;
  readonly price: Money;
  readonly stock: number;
  readonly description: string;
}

export interface DemoUser {
  readonly userId: string;
  readonly name: string;
  readonly mobile: string;
  readonly balance: Money;
  readonly score: number;
  readonly passwordHash: string;
}

export interface DemoCoupon {
  readonly couponId: string;
  readonly userId: string;
  readonly price: Money;
}

/** Argon2id of `demo`, the password of every demo user. */
const DEMO_PASSWORD_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$g3bXDfmm02Zk/Auha8fhUA$vIRhj1EDoxZkr0hu9bbh82MGOh4NRyBA8OxOkFhs81E';

/** Ids a little apart, as they would be had they been given one after the other. */
const idAfter = (first: string, place: number): string =>
  (BigInt(first) + BigInt(place) * 4_194_304n).toString();

/** The README's own goods, user and coupon; the others follow. */
export const DEMO_GOODS_ID = '345959443973935104';
export const DEMO_USER_ID = '345963634385633280';
export const DEMO_COUPON_ID = '345988230098857984';

const GOODS: readonly (readonly [name: string, price: string, stock: number, description: string])[] = [
  ['Lotus 20 smartphone, 128 GB', '5000.00', 1_000, 'A 6.4 inch screen and two days of battery.'],
  ['Lotus 20 smartphone, 256 GB', '5600.00', 600, 'The same with room for more pictures.'],
  ['Lotus Mini smartphone', '2199.00', 800, 'Fits any pocket.'],
  ['Clear phone case', '29.90', 5_000, 'Fits the Lotus 20.'],
  ['Screen protector, two pieces', '19.90', 5_000, 'Tempered glass.'],
  ['USB-C charger, 65 W', '129.00', 3_000, 'Charges a laptop, too.'],
  ['USB-C cable, 2 m', '25.00', 8_000, 'Braided.'],
  ['Power bank, 20,000 mAh', '169.00', 1_500, 'Four charges of a phone.'],
  ['Wireless earphones', '499.00', 1_200, 'Noise cancelling.'],
  ['Studio headphones', '899.00', 400, 'Closed, with a detachable cable.'],
  ['Bluetooth loudspeaker', '259.00', 900, 'Survives rain.'],
  ['Smart watch', '1299.00', 700, 'Heart rate, sleep and the time.'],
  ['Tablet, 11 inch', '2799.00', 500, 'With a pen.'],
  ['Laptop, 14 inch', '6499.00', 300, '16 GB of memory, 1.2 kg.'],
  ['Laptop, 16 inch', '9999.00', 150, '32 GB of memory.'],
  ['Monitor, 27 inch', '1599.00', 350, '4K, height adjustable.'],
  ['Mechanical keyboard', '399.00', 800, 'Brown switches.'],
  ['Silent mouse', '89.00', 2_000, 'Three buttons.'],
  ['Webcam', '299.00', 600, '1080p with a lid.'],
  ['Home router', '349.00', 700, 'Wi-Fi 6.'],
  ['Solid state disk, 1 TB', '459.00', 900, 'NVMe.'],
  ['Memory card, 256 GB', '149.00', 2_500, 'Fast enough for 4K.'],
  ['Mirrorless camera', '7899.00', 120, 'With a 28-70 mm lens.'],
  ['Tripod', '239.00', 400, 'Carbon, 1.1 kg.'],
  ['E-book reader', '899.00', 600, 'Light that turns warm in the evening.'],
  ['Desk lamp', '159.00', 1_000, 'Dims to one percent.'],
  ['Electric kettle', '119.00', 1_200, '1.7 litres.'],
  ['Rice cooker', '329.00', 800, 'For four.'],
  ['Espresso machine', '1899.00', 180, '15 bar.'],
  ['Green tea, 250 g', '68.00', 3_000, 'This spring.'],
  ['Coffee beans, 1 kg', '128.00', 2_000, 'Roasted last week.'],
  ['Thermos flask', '99.00', 2_500, 'Hot for twelve hours.'],
  ['Backpack, 25 litres', '279.00', 900, 'With a place for a laptop.'],
  ['Umbrella', '59.00', 3_000, 'Wind-proof.'],
  ['Running shoes', '469.00', 1_000, 'For the road.'],
  ['Yoga mat', '89.00', 1_500, '6 mm.'],
  ['City bicycle', '1799.00', 90, 'Seven gears.'],
  ['Bicycle helmet', '199.00', 500, 'M and L.'],
  ['Picture book', '39.50', 2_000, 'From three years.'],
  ['Wooden blocks, 100 pieces', '109.00', 700, 'Beech.'],
  ['Notebook, A5', '12.50', 6_000, 'Dotted.'],
  ['Fountain pen', '148.00', 800, 'Fine nib.'],
];

const NAMES = [
  ...['Li Wei', 'Wang Fang', 'Zhang Min', 'Liu Yang', 'Chen Jing', 'Yang Tao', 'Zhao Lei', 'Huang Yan'],
  ...['Zhou Jie', 'Wu Qiang', 'Xu Li', 'Sun Juan', 'Ma Chao', 'Zhu Hong', 'Hu Bin', 'Guo Xia'],
  ...['He Ping', 'Lin Na', 'Luo Gang', 'Gao Ying', 'Zheng Hao', 'Liang Mei', 'Xie Jun', 'Song Lan'],
  ...['Tang Bo', 'Han Xue', 'Feng Kai', 'Deng Hui', 'Cao Yun', 'Peng Fei', 'Zeng Qin', 'Xiao Yu'],
];

const COUPON_PRICES = ['20.00', '10.00', '50.00', '5.00', '100.00'].map(money);

export const DEMO_GOODS: readonly DemoGoods[] = GOODS.map(([name, price, stock, description], place) => ({
  goodsId: idAfter(DEMO_GOODS_ID, place),
  name,
  price: money(price),
  stock,
  description,
}));

export const DEMO_USERS: readonly DemoUser[] = NAMES.map((name, place) => ({
  userId: idAfter(DEMO_USER_ID, place),
  name,
  mobile: `1380000${String(1_000 + place)}`,
  balance: money(place === 0 ? '1000.00' : `${(place * 137) % 2_000}.00`),
  score: (place * 50) % 400,
  passwordHash: DEMO_PASSWORD_HASH,
}));

/** Two coupons for every user, the first one's first is the README's. */
export const DEMO_COUPONS: readonly DemoCoupon[] = [...DEMO_USERS, ...DEMO_USERS].map((user, place) => ({
  couponId: idAfter(DEMO_COUPON_ID, place),
  userId: user.userId,
  price: COUPON_PRICES[place % COUPON_PRICES.length] ?? money('20.00'),
}));
