// Who may come in at a broker, by every way that it knows: made anew for each test, files in a folder of the test's.
import {
  createAccount,
  createOperator,
  createUser,
  defaultNatsLimits,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
} from '@nats-io/jwt';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** An nkey: what the user keeps, and what the broker is told. */
export function newNkey(): { readonly seed: string; readonly publicKey: string } {
  const user = createUser();
  return { seed: Buffer.from(user.getSeed()).toString(), publicKey: user.getPublicKey() };
}

/** Paths of a certificate and its key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** The path of its own certificate. */
  readonly ca: string;
  /** A certificate for whoever is found at these names and addresses, or for a client. */
  issue(name: string, hosts?: readonly string[]): Promise<CertificateFiles>;
}

/** A certificate authority. */
export async function newAuthority(folder: string, name = 'ca'): Promise<Authority> {
  const own = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const { cert: ca } = save(folder, name, own);
  return {
    ca,
    issue: async (subject, hosts = []) => {
      const altNames = hosts.map((host) =>
        /^[\d.]+$/.test(host) ? { type: 7 as const, ip: host } : { type: 2 as const, value: host },
      );
      const issued = await generate([{ name: 'commonName', value: subject }], {
        keyType: 'ec',
        algorithm: 'sha256',
        extensions: [
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          ...(altNames.length === 0 ? [] : [{ name: 'subjectAltName' as const, altNames }]),
        ],
        ca: { key: own.private, cert: own.cert },
      });
      return save(folder, `${name}-${subject}`, issued);
    },
  };
}

/** An operator with one account that may use JetStream. */
export async function newOperator(): Promise<{
  /** For the broker's configuration file. */
  readonly config: string;
  /** A user of the account. @returns the text of a credentials file */
  admit(name: string): Promise<string>;
}> {
  const [operator, system, account] = [createOperator(), createAccount(), createAccount()];
  const unlimited = { conn: -1, mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const limits = { ...defaultNatsLimits(), ...unlimited };
  const systemKey = system.getPublicKey();
  const accounts = [
    [systemKey, await encodeAccount('system', system, {}, { signer: operator })],
    [account.getPublicKey(), await encodeAccount('trade', account, { limits }, { signer: operator })],
  ];
  const config = [
    `operator: ${await encodeOperator('operator', operator, { system_account: systemKey })}`,
    `system_account: ${systemKey}`,
    'resolver: MEMORY',
    `resolver_preload: {\n${accounts.map((pair) => pair.join(': ')).join('\n')}\n}`,
  ].join('\n');
  return {
    config,
    admit: async (name) => {
      const user = createUser();
      return Buffer.from(fmtCreds(await encodeUser(name, user, account), user)).toString();
    },
  };
}

function save(
  folder: string,
  name: string,
  made: { readonly cert: string; readonly private: string },
): CertificateFiles {
  const files = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  writeFileSync(files.cert, made.cert);
  writeFileSync(files.key, made.private);
  return files;
}
