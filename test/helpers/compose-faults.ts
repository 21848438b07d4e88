// What a compose file must keep to: each rule gives a line for each fault that it finds.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ComposeFile, Service } from './compose-file';

/** Exactly one version: no latest, and no tag that moves on within a major version. */
export const isPinned = (image: string): boolean => /^[\w./-]+:\d+\.\d+[\w.-]*$/.test(image);

/** Ends when it is done, so nobody asks after its health. */
const isOneShot = (service: Service): boolean => service.restart === 'no';

const dependencies = ({ depends_on = {} }: Service): (readonly [name: string, condition: string])[] =>
  Array.isArray(depends_on)
    ? (depends_on as readonly string[]).map((name) => [name, 'service_started'])
    : Object.entries(depends_on as Record<string, { condition: string }>).map(([name, { condition }]) => [
        name,
        condition,
      ]);

type Rule = (service: Service, file: ComposeFile, root: string) => readonly (string | false)[];

const RULES: readonly Rule[] = [
  ({ image }) => [image === undefined ? 'has no image' : !isPinned(image) && `${image} is not pinned`],
  (service) => [
    service.read_only !== true && 'may write to its root',
    !service.cap_drop?.includes('ALL') && 'keeps capabilities',
    !service.security_opt?.includes('no-new-privileges:true') && 'may gain privileges',
    (service.user === undefined || /^(root|0)(:|$)/.test(service.user)) && 'may be root',
  ],
  (service) =>
    ['cpus', 'memory', 'pids'].map(
      (limit) => service.deploy?.resources.limits[limit] === undefined && `has no limit of ${limit}`,
    ),
  (service) => [!isOneShot(service) && service.healthcheck === undefined && 'has no health check'],
  (service, { services }) =>
    dependencies(service).flatMap(([other, condition]) => {
      const known = services[other];
      if (known === undefined) return [`depends on ${other}, which is not there`];
      return [
        condition === 'service_healthy' &&
          known.healthcheck === undefined &&
          `waits for the health of ${other}`,
        (condition === 'service_completed_successfully') !== isOneShot(known) &&
          `waits for ${other} in the wrong way`,
      ];
    }),
  ({ ports = [] }) => ports.map((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port) && `publishes ${port}`),
  ({ networks = [] }, file) => [
    networks.length === 0 && 'is in the default network',
    ...networks.map(
      (network) => !(network in file.networks) && `is in the network ${network}, which is not there`,
    ),
  ],
  ({ volumes = [] }, file, root) =>
    volumes.flatMap((volume) => {
      const [source = '', , mode] = volume.split(':');
      if (!source.startsWith('.'))
        return [!(source in file.volumes) && `mounts ${source}, which is not there`];
      return [
        !existsSync(join(root, source)) && `mounts ${source}, which is not there`,
        mode !== 'ro' && `may change ${source}`,
      ];
    }),
  ({ build }, _, root) => {
    if (build === undefined) return [];
    const { context, dockerfile = 'Dockerfile' } = typeof build === 'string' ? { context: build } : build;
    return [
      !existsSync(join(root, context, dockerfile)) &&
        `is built by ${context}/${dockerfile}, which is not there`,
    ];
  },
];

/** @returns a line for each fault, beginning with the service's name */
export const composeFaults = (file: ComposeFile, root: string): readonly string[] =>
  Object.entries(file.services).flatMap(([name, service]) =>
    RULES.flatMap((rule) => rule(service, file, root))
      .filter((fault) => fault !== false)
      .map((fault) => `${name} ${fault}`),
  );
