// Ports for test servers.
export { freePort, onAPort } from '../../bin/local-servers/free-port';
