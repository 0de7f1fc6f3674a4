/** The gateway's environment: everything it needs, checked at once, before anything starts. */
import { join, resolve } from 'node:path'
import { Client } from '@plimsoll/api'
import { z } from 'zod'

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'a port number')
  .transform(Number)
  .refine((value) => value <= 65_535, 'a port number')

const schema = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any free port. */
  PORT: port.default(4600),
  /** The deployment: chains, sources, vaults, venues, markets, parameters. A JSON file. */
  PLIMSOLL_CONFIG: z.string().min(1),
  /** Who signs certificates: keys of this process; a quorum of processes that check for themselves; or beside either a key at Lit's, of its network or its REST service. */
  SIGNER: z.enum(['local', 'quorum', 'lit', 'lit-rest']).default('local'),
  /** `local`, and `lit` or `lit-rest` beside them: keys that sign certificates, 32 bytes each, comma-separated. */
  SIGNER_KEYS: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}(,0x[0-9a-fA-F]{64})*$/, 'one or more 32-byte hex keys, comma-separated')
    .optional(),
  /** `quorum`, and `lit` or `lit-rest` beside it: each signer's address and where it listens, `<address>@<url>`, comma-separated. */
  SIGNER_MEMBERS: z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}@https?:\/\/[^,@\s]+(,0x[0-9a-fA-F]{40}@https?:\/\/[^,@\s]+)*$/, '<address>@<url>, comma-separated')
    .optional(),
  /** `lit`: the network, its PKP, and the action the PKP may run. `lit-rest`: the service, the action, and the address of its key. A JSON file. */
  LIT_CONFIG: z.string().min(1).optional(),
  /** `lit`: the key that signs in to the network, 32 bytes. It signs no certificate. */
  LIT_SESSION_KEY: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, 'a 32-byte hex key')
    .optional(),
  /** `lit-rest`: the key that the service takes requests with. It signs nothing, and is shown nowhere. */
  LIT_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{8,512}$/, 'from 8 to 512 visible characters')
    .optional(),
  /** How long all signers together may take. Less than the ledger allows a decision, which is 5 s. */
  SIGNER_TIMEOUT_MS: z
    .string()
    .regex(/^[1-9]\d{1,3}$/, 'milliseconds, from 10 to 4500')
    .transform(Number)
    .refine((value) => value <= 4_500, 'milliseconds, from 10 to 4500')
    .default(3_000),
  SIGNER_THRESHOLD: z
    .string()
    .regex(/^[1-9]\d?$/, 'how many of the signers sign')
    .transform(Number)
    .default(1),
  /** Keys that sign settlements, 32 bytes each, comma-separated; none of them signs anything else. Without them losses are watched, and not claimed. */
  SETTLEMENT_KEYS: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}(,0x[0-9a-fA-F]{64})*$/, 'one or more 32-byte hex keys, comma-separated')
    .optional(),
  SETTLEMENT_THRESHOLD: z
    .string()
    .regex(/^[1-9]\d?$/, 'how many of the settlement keys sign')
    .transform(Number)
    .default(1),
  /** The key that pays the gas of what is posted, 32 bytes. It signs no order. Without it orders are signed, and whoever reads them posts them. */
  RELAY_KEY: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, 'a 32-byte hex key')
    .optional(),
  /** What no transaction of the relay offers more than. Gwei per gas. */
  RELAY_MAX_FEE_GWEI: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, 'gwei')
    .transform(BigInt)
    .default(500n),
  FORECASTER_URL: z.url(),
  /** PostgreSQL. Without it an embedded database under PLIMSOLL_HOME is used. */
  DATABASE_URL: z.url().optional(),
  PLIMSOLL_HOME: z.string().min(1).default('.plimsoll'),
  /** A NATS server with JetStream, on which everything that happens is told besides: `nats://` or `tls://`, with `user:password@` or `token@`. */
  BUS: z.url({ protocol: /^(nats|tls)$/, error: 'a NATS server, nats://<host>:<port> or tls://…' }).optional(),
  /** The origin people sign in to; default the address listened on. */
  PUBLIC_URL: z.url().optional(),
  /** The built web app; without it none is served. */
  WEB_DIST: z.string().min(1).optional(),
  /** The scorecard to serve scores from, as `plimsoll reputation fit` wrote it; else the one that comes along. */
  SCORECARD: z.string().min(1).optional(),
  /** Points a client has in each window of ten seconds. A quote costs 1, an issue 10. */
  RATE_POINTS: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'points in ten seconds')
    .transform(Number)
    .default(5_000),
  /** Reverse proxies whose X-Forwarded-For is believed, addresses and ranges, comma-separated; without it nobody's. */
  TRUSTED_PROXIES: Client.trusted,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn'),
})

/** What each kind of signer needs: one of the keys of each line. */
const needs: Readonly<Record<string, readonly (readonly string[])[]>> = {
  local: [['SIGNER_KEYS']],
  quorum: [['SIGNER_MEMBERS']],
  lit: [['SIGNER_KEYS', 'SIGNER_MEMBERS'], ['LIT_CONFIG'], ['LIT_SESSION_KEY']],
  'lit-rest': [['SIGNER_KEYS', 'SIGNER_MEMBERS'], ['LIT_CONFIG'], ['LIT_API_KEY']],
}

export type Env = Omit<z.infer<typeof schema>, 'PLIMSOLL_HOME'> & { readonly databaseDirectory: string }

/**
 * Reads the environment.
 *
 * @throws {EnvError} naming every key that is missing or wrong, in one message.
 */
export function parse(env: Readonly<Record<string, string | undefined>>): Env {
  const outcome = schema.safeParse(env)
  const problems = (outcome.success ? [] : outcome.error.issues).map(
    (issue) => `${issue.path.join('.')}: ${env[String(issue.path[0])] === undefined ? 'missing' : issue.message}`,
  )
  for (const names of needs[env['SIGNER'] ?? 'local'] ?? []) {
    const given = names.filter((name) => env[name] !== undefined)
    if (given.length === 0) problems.push(`${names.join(' or ')}: missing`)
    if (given.length > 1) problems.push(`${given.join(' and ')}: one of them, not both`)
  }
  const held = (name: string) => (env[name]?.toLowerCase().split(',') ?? []).filter((key) => key !== '')
  const shared = held('SETTLEMENT_KEYS').filter((key) => [...held('SIGNER_KEYS'), ...held('RELAY_KEY')].includes(key))
  if (shared.length > 0) problems.push('SETTLEMENT_KEYS: a key of another purpose')
  if (!outcome.success || problems.length > 0) throw new EnvError(problems)
  const { PLIMSOLL_HOME, ...rest } = outcome.data
  return { ...rest, databaseDirectory: join(resolve(PLIMSOLL_HOME), 'database') }
}

/** Thrown when the environment lacks a key or holds a wrong one. */
export class EnvError extends Error {
  override readonly name = 'Env.EnvError'
  readonly code = 'ENVIRONMENT_INVALID'
  readonly hint = 'Set the keys named and start again.'
  constructor(problems: readonly string[]) {
    super(`The gateway's environment is incomplete. ${problems.join('; ')}.`)
  }
}
