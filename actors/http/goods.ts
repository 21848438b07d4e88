// What the shop sells, for anybody to see.
import { PageQuery } from '../domain/schemas';
import { found, send } from './envelope';
import { forAnybody } from './openapi';
import { contextOf, IdParams, pageOf, type HttpServer, type RouteParts } from './routes';

export function addGoodsRoutes(server: HttpServer, { bridge, frontDoor, catalogue }: RouteParts): void {
  server.get(
    '/goods',
    { schema: { ...forAnybody('goods', 'What there is to buy'), querystring: PageQuery } },
    async (request, reply) => {
      const page = pageOf(request.query);
      return send(reply, await bridge.ask(async () => found(await catalogue.goods(page))));
    },
  );

  server.get(
    '/goods/:id',
    { schema: { ...forAnybody('goods', 'Goods with price and stock'), params: IdParams } },
    async (request, reply) => {
      const { params } = request;
      const context = contextOf(request);
      return send(
        reply,
        await bridge.ask(() => frontDoor.call('goods.find', { goodsId: params.id }, context)),
      );
    },
  );
}
