// One keep-alive connection with one request under way. HTTP is spoken by hand here: the client shares the machine with
// what it measures, and a client library would take a third of it. It understands what our servers send and no more.
import { createConnection, type Socket } from 'node:net';

export interface Answer {
  /** 0 if there was none. */
  readonly status: number;
  readonly text: string;
}

const SILENCE_MS = 30_000;
const HEAD_END = '\r\n\r\n';

export class Connection {
  private received = '';
  private waiting: ((answer: Answer) => void) | undefined;
  private isClosing = false;

  private constructor(private readonly socket: Socket) {
    // Bytes as they are: what is looked for in an answer is ASCII, and its length is counted in bytes.
    socket.setEncoding('latin1');
    socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error(`silence for ${SILENCE_MS} ms`)));
    socket.on('data', (part) => this.hear(String(part)));
    socket.on('error', (error) => this.answer({ status: 0, text: error.message }));
    socket.on('close', () => this.answer({ status: 0, text: 'the connection was closed' }));
  }

  /** @throws Error if nobody listens */
  static async open(port: number): Promise<Connection> {
    const socket = createConnection({ host: '127.0.0.1', port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return new Connection(socket);
  }

  /** Whether a request may be sent. */
  get isOpen(): boolean {
    return this.socket.writable && !this.isClosing;
  }

  /** @param request its whole text. @returns the answer, with status 0 if none came */
  ask(request: string): Promise<Answer> {
    return new Promise((resolve) => {
      this.waiting = resolve;
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private hear(part: string): void {
    this.received += part;
    const head = this.received.indexOf(HEAD_END);
    if (head < 0) return;
    const lines = this.received.slice(0, head);
    const length = /\ncontent-length: *(\d+)/i.exec(lines)?.[1];
    if (length === undefined) {
      this.socket.destroy(new Error('an answer without a content-length'));
      return;
    }
    const from = head + HEAD_END.length;
    const to = from + Number(length);
    if (this.received.length < to) return;
    const text = this.received.slice(from, to);
    this.received = this.received.slice(to);
    this.isClosing = /\nconnection: *close/i.test(lines);
    this.answer({ status: Number(lines.slice(9, 12)), text });
  }

  private answer(answer: Answer): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.(answer);
  }
}
