// docker-compose.yml as Docker Compose reads it: anchors merged, variables put in.
import { parse } from 'yaml';

export interface Service {
  readonly image?: string;
  readonly build?: string | { readonly context: string; readonly dockerfile?: string };
  readonly command?: readonly string[];
  readonly user?: string;
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly networks?: readonly string[];
  readonly deploy?: { readonly resources: { readonly limits: Readonly<Record<string, string | number>> } };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export type Variables = Readonly<Record<string, string>>;

const VARIABLE = /\$\$|\$\{(\w+)(?:(:?[-?+])([^}]*))?\}/g;

/** @throws Error where a variable that must be set is not, or is used in a form that is not known here */
export function readCompose(text: string, variables: Variables): ComposeFile {
  return filled(parse(text, { merge: true }), variables) as ComposeFile;
}

/** The names of the variables that a text uses; `required` are those that stop Compose if they are not set. */
export function variablesIn(text: string): {
  readonly used: readonly string[];
  readonly required: readonly string[];
} {
  const found = [...text.matchAll(VARIABLE)].filter(([, name]) => name !== undefined);
  return {
    used: found.map(([, name]) => name!),
    required: found.filter(([, , operator]) => operator?.endsWith('?')).map(([, name]) => name!),
  };
}

function filled(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') return value.replace(VARIABLE, (...match) => valueOf(match, variables));
  if (Array.isArray(value)) return value.map((member) => filled(member, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, variables)]));
}

function valueOf([whole, name, operator, word = '']: readonly unknown[], variables: Variables): string {
  if (whole === '$$') return '$';
  const value = variables[String(name)] ?? '';
  switch (operator) {
    case ':-':
      return value || String(word);
    case ':+':
      return value && String(word);
    case ':?':
    case undefined:
      // Without a default Compose only warns; here that is a fault as well.
      if (!value) throw new Error(`${String(name)} is not set`);
      return value;
    default:
      throw new Error(`${String(whole)} is in a form that this reader does not know`);
  }
}
