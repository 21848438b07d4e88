// The connections of the kinds of an order, and the one of their joint commits: the locks of a shard are on two of them, so
// they live and die together (R9).
import type { Kind } from '../actors/domain/envelope';

/** Told of what becomes of the connections that write. */
export interface SessionListener {
  sessionReady(kind: Kind): void;
  sessionLost(kind: Kind): void;
}

interface Droppable {
  drop(): void;
}

/** One of them. */
export type JointMember = Kind | 'joint';

export class JointSessions {
  private readonly sessions = new Map<JointMember, Droppable>();
  private readonly ready = new Set<JointMember>();

  constructor(
    private readonly kinds: readonly Kind[],
    private readonly listener: SessionListener,
  ) {}

  /** What one of the connections calls. A kind is ready when both of its connections are. */
  hooksOf(member: JointMember): { readonly onReady: () => void; readonly onLost: () => void } {
    return { onReady: () => this.onReady(member), onLost: () => this.onLost(member) };
  }

  /** From now on it can be dropped with the others. */
  opened(member: JointMember, session: Droppable): void {
    this.sessions.set(member, session);
  }

  private onReady(member: JointMember): void {
    this.ready.add(member);
    if (!this.ready.has('joint')) return;
    const kinds = member === 'joint' ? this.kinds : this.kinds.filter((kind) => kind === member);
    for (const kind of kinds) if (this.ready.has(kind)) this.listener.sessionReady(kind);
  }

  private onLost(member: JointMember): void {
    this.ready.delete(member);
    if (member !== 'joint') {
      this.listener.sessionLost(member);
      if (this.ready.has('joint')) this.sessions.get('joint')?.drop();
      return;
    }
    for (const kind of this.kinds) {
      this.listener.sessionLost(kind);
      if (this.ready.delete(kind)) this.sessions.get(kind)?.drop();
    }
  }
}
