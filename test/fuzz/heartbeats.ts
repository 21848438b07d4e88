// What looks like a heartbeat and must not be believed. A node of ours that says sensible things is believed by
// design, and who may speak there is for the broker's permissions to say; so none of these is one.
import fc from 'fast-check';
import { HeartbeatBody } from '../../actors/domain/schemas';
import { fitting } from './fitting';
import { hostileText } from './hostile';
import { textsOf } from './nearly';
import { shapeOf, textOf, type Shape } from './shape';

type Beat = Readonly<Record<string, unknown>>;

const AGES = [-1, 0, -1e15, 1.5, 1e16, 1e300, 2 ** 53, 8.64e15, Number.MAX_VALUE, 4_102_444_800_000];

/** @param own a heartbeat of the node, as it sent it */
export function heartbeats(own: string): fc.Arbitrary<string> {
  const beat = JSON.parse(own) as Beat;
  const strangers = fitting(HeartbeatBody, {});
  const beatWith = (members: Beat): Shape => shapeOf({ ...beat, ...members });
  // Of our deployment, but not of its size; and of our name, but started when nobody was, or will be.
  const misfits = fc.oneof(
    fc
      .tuple(hostileText, fc.integer({ min: 65, max: 4_096 }))
      .map(([node, shards]) => beatWith({ node, shards })),
    fc
      .tuple(hostileText, fc.constantFrom(...AGES))
      .map(([incarnation, startedMs]) => beatWith({ incarnation, startedMs })),
    fc
      .tuple(hostileText, hostileText)
      .map(([deploymentId, view]) => beatWith({ deploymentId, view, incarnation: view })),
  );
  const spoiltOnly = textsOf(strangers);
  return fc.oneof({ weight: 2, arbitrary: spoiltOnly }, { weight: 2, arbitrary: misfits.map(textOf) });
}
