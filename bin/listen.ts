// A port that cannot be had is told by the setting that names it: whoever reads the line knows what to change.

interface Listener {
  listen(at: { readonly port: number; readonly host: string }): Promise<unknown>;
}

/** @throws Error with one line that names the setting */
export async function listenAt(
  server: Listener,
  { port, host }: { readonly port: number; readonly host: string },
  portName: 'PORT' | 'SANDBOX_PORT',
): Promise<void> {
  const noAddress = `HOST must be an address of this machine, not '${host}'`;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} of ${host} is in use: stop what listens there, or set another ${portName}`,
    EACCES: `this user may not listen on port ${port}: set another ${portName}`,
    EADDRNOTAVAIL: noAddress,
    ENOTFOUND: noAddress,
  };
  try {
    await server.listen({ port, host });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(reasons[code ?? ''] ?? message, { cause: error });
  }
}
