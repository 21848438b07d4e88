// The messages of a stream that a group is at work on. A Set keeps half of all that ever went through the tables that it
// has outgrown (ADR 19), so each lets go of its message when it ends.

interface Running<Message> {
  msg: Message | undefined;
  readonly durable: number;
}

export class RunningDeliveries<Message> {
  private readonly running = new Set<Running<Message>>();

  get size(): number {
    return this.running.size;
  }

  /**
   * @param durable which of the group's durables it came from
   * @returns to be called when the work on it has ended
   */
  begin(msg: Message, durable: number): () => void {
    const one: Running<Message> = { msg, durable };
    this.running.add(one);
    return () => {
      this.running.delete(one);
      one.msg = undefined;
    };
  }

  /** Those that came from this durable. */
  of(durable: number): readonly Message[] {
    const messages: Message[] = [];
    for (const one of this.running)
      if (one.durable === durable && one.msg !== undefined) messages.push(one.msg);
    return messages;
  }
}
