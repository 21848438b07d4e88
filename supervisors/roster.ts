// The nodes that were heard of, and which of them live: judged by the silence since their last heartbeat. Time comes
// in, so nothing here asks what it is.
import type { Heartbeat } from '../actors/domain/schemas';

interface Member {
  readonly beat: Heartbeat;
  heardAt: number;
  alive: boolean;
}

/** What a heartbeat told: a node that was not there, one that says something new, or only that it lives. */
export type News = 'arrived' | 'returned' | 'changed' | 'none';

/** A node that was not heard of for this long is not sent to, and its shards are tried. */
export const SUSPECT_MS = 1_600;
const FORGET_MS = 60_000;

export class Roster {
  /** By incarnation. */
  private readonly members = new Map<string, Member>();

  /** @param onGone is told the last heartbeat of a node that counts as dead from now on */
  constructor(private readonly onGone: (last: Heartbeat) => void) {}

  /** The last heartbeats of those that live. */
  living(): readonly Heartbeat[] {
    return [...this.members.values()].filter(({ alive }) => alive).map(({ beat }) => beat);
  }

  /** The last heartbeats that are younger than this, whatever is held of their nodes. */
  heardWithin(ms: number, now: number): readonly Heartbeat[] {
    const young = [...this.members.values()].filter(({ heardAt }) => now - heardAt < ms);
    return young.map(({ beat }) => beat);
  }

  /** @returns undefined if a later start of the same node was heard of: this one has nothing to say any more */
  heard(beat: Heartbeat, now: number): News | undefined {
    const { incarnation, node, state } = beat;
    const known = this.members.get(incarnation);
    const others = [...this.members].filter(
      ([other, member]) => other !== incarnation && member.beat.node === node,
    );
    if (others.some(([, member]) => member.beat.startedMs > beat.startedMs)) return undefined;
    for (const [other] of others) this.remove(other);
    if (state === 'left') {
      this.remove(incarnation);
      return 'changed';
    }
    this.members.set(incarnation, { beat, heardAt: now, alive: true });
    if (!known) return 'arrived';
    if (!known.alive) return 'returned';
    const { beat: before } = known;
    const isSame =
      before.state === state && before.view === beat.view && before.away.join() === beat.away.join();
    return isSame ? 'none' : 'changed';
  }

  /** A node counts as dead until it is heard of again. */
  doubt(node: string): void {
    for (const member of this.members.values()) if (member.beat.node === node) this.bury(member);
  }

  /** Buries those that are silent for too long. */
  judge(now: number): void {
    for (const [incarnation, member] of this.members) {
      if (now - member.heardAt > SUSPECT_MS) this.bury(member);
      if (now - member.heardAt > FORGET_MS) this.members.delete(incarnation);
    }
  }

  /**
   * Nobody could be heard for so long, so nobody was silent. Who was heard meanwhile all the same was heard now, and
   * not later: it may be silent from now on.
   */
  excuse(ms: number, now: number): void {
    for (const member of this.members.values()) member.heardAt = Math.min(now, member.heardAt + ms);
  }

  private remove(incarnation: string): void {
    const member = this.members.get(incarnation);
    this.members.delete(incarnation);
    if (member) this.bury(member);
  }

  private bury(member: Member): void {
    if (!member.alive) return;
    member.alive = false;
    this.onGone(member.beat);
  }
}
