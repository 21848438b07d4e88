// What Node is started with for a node, wherever one is started; package.json and the Dockerfile say the same.

/** Room for young objects, so that those of an order die before they are moved: a sixth of a node's CPU time. */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=64'];
