// Breaks a node on purpose, and only a process that the script of this cluster has started as that node.
import { setTimeout as pause } from 'node:timers/promises';
import { isSame, type ClusterProcess, type LocalCluster } from '../local-cluster/cluster-file';
import { printLine } from './print';

interface RunningNode {
  readonly name: string;
  readonly pid: number;
  readonly process: string;
}

/** @throws Error naming the nodes that there are, or saying that this one is down already */
export function nodeToBreak({ nodes }: LocalCluster, name: string): RunningNode {
  const node = nodes.find((one) => one.name === name);
  if (!node) throw new Error(`there is no node ${name}, only ${nodes.map((one) => one.name).join(', ')}`);
  if (!isRunning(node)) throw new Error(`${name} is down already: its script starts it again`);
  return node;
}

const isRunning = (node: ClusterProcess): node is ClusterProcess & RunningNode =>
  node.pid !== undefined && node.process !== undefined && isSame(node.process);

/** SIGKILL: as when the machine takes it. */
export function killNode({ name, pid }: RunningNode): void {
  process.kill(pid, 'SIGKILL');
  printLine(`${name} (process ${pid}) is killed: its script starts it again`);
}

/** SIGSTOP, and SIGCONT after the time, or when this command is told to end earlier. */
export async function hangNode(node: RunningNode, forMs: number): Promise<void> {
  const enough = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => enough.abort());
  process.kill(node.pid, 'SIGSTOP');
  printLine(`${node.name} (process ${node.pid}) hangs for ${forMs} ms; Ctrl-C lets it go on earlier`);
  await pause(forMs, undefined, { signal: enough.signal }).catch(() => undefined);
  if (!isSame(node.process)) {
    printLine(`${node.name} was ended meanwhile`);
    return;
  }
  process.kill(node.pid, 'SIGCONT');
  printLine(`${node.name} goes on`);
}
