import { batchReply, endpointName, inboxTopic, answersTo, nodeOf, nodeSubject } from './subjects';

describe('node subjects', () => {
  it.each(['node-1', 'shop.example.org-4711', 'a b', '*', '>', '100%', 'größe', ''])('hold %p', (name) => {
    const subject = nodeSubject(name);
    expect(subject.split('.')).toHaveLength(3);
    expect(subject).not.toMatch(/[*> ]/);
    expect(nodeOf(subject)).toBe(name);
  });

  it('are told from others', () => {
    expect(nodeSubject('node-1')).toBe('trade.node.node-1');
    expect(nodeOf('trade.order.place')).toBeUndefined();
    expect(nodeOf('trade.node.%')).toBeUndefined();
  });
});

it('an endpoint is named as the micro protocol allows', () => {
  expect(endpointName('trade.order.place')).toBe('order-place');
});

it('the reply subject of a batch says whom it concerns and where its answers go', () => {
  const reply = batchReply('_INBOX.abc', 41, 3);
  expect(inboxTopic(reply)).toEqual({ first: 41, count: 3 });
  expect(inboxTopic(answersTo(reply))).toBe('answers');
  expect(answersTo(reply)).toBe('_INBOX.abc.answers');
  expect(inboxTopic('_INBOX.abc.x')).toBeUndefined();
});
