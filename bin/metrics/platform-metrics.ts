// How payment platforms answer: ok, away (asked again) or refused.
import type { Registry } from 'prom-client';
import { RetryableError } from '../../actors/domain/errors';
import type { PaymentGateway } from '../../actors/domain/ports/payment-gateway';
import { counterIn } from './counter';

type Gateways = ReadonlyMap<string, PaymentGateway>;

/** @returns what puts a count into each gateway's calls */
export function createPlatformMetrics(registry: Registry): (gateways: Gateways) => Gateways {
  const calls = counterIn(registry)(
    'trade_platform_calls_total',
    'Calls to payment platforms by what was asked and how it ended: ok, away or refused',
    'provider',
    'call',
    'outcome',
  );
  const counted = (gateway: PaymentGateway): PaymentGateway => {
    const { provider } = gateway;
    const count = async <Result>(call: string, run: () => Promise<Result>): Promise<Result> => {
      try {
        const result = await run();
        calls.inc({ provider, call, outcome: 'ok' });
        return result;
      } catch (error) {
        calls.inc({ provider, call, outcome: error instanceof RetryableError ? 'away' : 'refused' });
        throw error;
      }
    };
    return {
      provider,
      successLiteral: gateway.successLiteral,
      verify: (rawBody, signature) => gateway.verify(rawBody, signature),
      create: (payment) => count('create', () => gateway.create(payment)),
      query: (payId, options) => count('query', () => gateway.query(payId, options)),
      refund: (refund) => count('refund', () => gateway.refund(refund)),
    };
  };
  return (gateways) => new Map([...gateways].map(([name, gateway]) => [name, counted(gateway)]));
}
