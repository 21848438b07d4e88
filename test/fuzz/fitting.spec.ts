import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { FRONT_DOOR } from '../../actors/domain/front-door';
import { CallbackBody, EVENT_BODIES, HeartbeatBody, LoginBody } from '../../actors/domain/schemas';
import { fitting, type Schema } from './fitting';
import { spoilt } from './nearly';
import { shapeOf, textOf } from './shape';

const SCHEMAS = { ...FRONT_DOOR, ...EVENT_BODIES, HeartbeatBody, CallbackBody, LoginBody };

test.each(Object.entries(SCHEMAS))('what is made for %s fits it', (_name, schema) => {
  const validator = Compile(schema);
  const fits = fc.property(fitting(schema as Schema, {}), (shape) => {
    const value: unknown = JSON.parse(textOf(shape));
    return validator.Check(value);
  });
  fc.assert(fits, { numRuns: 200, seed: 1 });
});

test('what is spoilt is another text, and most of it does not fit any more', () => {
  const validator = Compile(FRONT_DOOR['order.find']);
  const body = shapeOf({ orderId: '1' });
  const texts = fc.sample(spoilt(body).map(textOf), { numRuns: 500, seed: 1 });
  const fits = texts.filter((text) => {
    try {
      return validator.Check(JSON.parse(text));
    } catch {
      return false;
    }
  });
  expect(fits.length).toBeLessThan(150);
  expect(new Set(texts).size).toBeGreaterThan(150);
});
