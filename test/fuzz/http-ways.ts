// A way in for every route of the running node's OpenAPI document, and one for all other addresses.
import { httpSender, type HttpParts } from './http-way';
import { requestsElsewhere, requestsTo, type Parameter, type Route } from './http-inputs';
import type { Schema } from './fitting';
import { namedByCustomers, namedByOperators, rightOrders } from './known';
import { wayOf, type Way } from './way';

interface Operation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Every route of the running node. */
export async function routesOf(url: string): Promise<readonly Route[]> {
  const { paths } = (await (await fetch(new URL('/docs/json', url))).json()) as Document;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Route => {
      const [security] = operation.security ?? [];
      return {
        method: method.toUpperCase(),
        path,
        rights: security ? ('operator' in security ? 'operator' : 'customer') : 'anybody',
        parameters: operation.parameters ?? [],
        body: operation.requestBody?.content['application/json']?.schema,
      };
    }),
  );
}

/** Those that read many tables or hash passwords are asked less often; those that make things, more. */
const WEIGHTS: Readonly<Record<string, number>> = {
  'GET /metrics': 0.1,
  'GET /admin/audit': 0.03,
  'POST /login': 0.3,
  'POST /order': 6,
  'POST /pay/createPayment': 2,
  'POST /admin/outbox/replay': 0.1,
  'POST /admin/dead-letters/redrive': 0.1,
};

export function httpWays(parts: HttpParts, routes: readonly Route[]): readonly Way[] {
  const { world } = parts;
  const customers = namedByCustomers(world);
  const operators = namedByOperators(world);
  const own = routes.map((route) => {
    const name = `${route.method} ${route.path}`;
    const known = route.rights === 'operator' ? operators : customers;
    const fits = name === 'POST /order' ? rightOrders(world, world.customers) : undefined;
    const send = httpSender(parts, route, ({ body = '' }) =>
      name === 'POST /login' && !body.includes('demo') ? 'logged in without the password' : undefined,
    );
    return wayOf(name, WEIGHTS[name] ?? 1, requestsTo(route, known, fits), send);
  });
  return [...own, wayOf('any other address', 2, requestsElsewhere, httpSender(parts, undefined))];
}
