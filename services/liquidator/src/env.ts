/** The liquidator's environment: everything it needs, checked at once, before anything starts. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'

const whole = (least: number, most: number, what: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/, what)
    .transform(Number)
    .refine((value) => value >= least && value <= most, what)

const schema = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any free port. */
  PORT: whole(0, 65_535, 'a port number').default(4640),
  /** The deployment as this liquidator knows it, with RPC sources of its own. A JSON file. */
  PLIMSOLL_CONFIG: z.string().min(1),
  /** The one key it sends with, 32 bytes. It needs gas and no right: whoever may liquidate, anybody may. */
  LIQUIDATOR_KEY: z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'a 32-byte hex key'),
  /** PostgreSQL, which several replicas share. Without it an embedded database under PLIMSOLL_HOME is used. */
  DATABASE_URL: z.url().optional(),
  PLIMSOLL_HOME: z.string().min(1).default('.plimsoll'),
  /** Who this replica is among those with the same key. One that comes back under its name takes over from itself at once. */
  REPLICA: z.string().min(1).max(100).optional(),
  /** How long a replica that died keeps the others waiting. */
  LEASE_SECONDS: whole(3, 3_600, 'seconds, from 3 to 3600').default(15),
  /** 1: decides and records, and sends nothing. */
  DRY_RUN: z.enum(['0', '1']).default('0'),
  /** Between the end of one look and the next. */
  TICK_MS: whole(50, 60_000, 'milliseconds, from 50 to 60000').default(1_000),
  /** After a fault of a price, before anybody is liquidated on it. */
  GRACE_SECONDS: whole(0, 86_400, 'seconds, up to a day').default(600),
  /** A price that nobody watched for longer is as unknown as on the first day. */
  GUARD_MEMORY_SECONDS: whole(1, 3_600, 'seconds, up to an hour').default(60),
  /** Greatest age of the block that accounts are read at. */
  BLOCK_SECONDS: whole(1, 3_600, 'seconds, up to an hour').default(60),
  /** A transaction that is in no block for so long is replaced by one that offers more. */
  STUCK_SECONDS: whole(1, 3_600, 'seconds, up to an hour').default(30),
  /** What no transaction offers more than. Gwei per gas. */
  MAX_FEE_GWEI: whole(1, 1_000_000, 'gwei').default(500),
  /** Most actions on their way at once. */
  IN_FLIGHT: whole(1, 256, 'from 1 to 256').default(64),
  /** Accounts of a book held against a queue of winners in one transaction. */
  PAGE_ACCOUNTS: whole(1, 200, 'from 1 to 200').default(160),
  /** Forecasts by which it reduces before a breach, at venues with a backstop; without it it acts at the threshold only. */
  FORECASTER_URL: z.url().optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn'),
})

export type Env = Omit<z.infer<typeof schema>, 'PLIMSOLL_HOME' | 'REPLICA' | 'DRY_RUN'> & {
  readonly databaseDirectory: string
  readonly replica: string
  readonly mode: 'send' | 'dry'
}

/**
 * Reads the environment.
 *
 * @throws {EnvError} naming every key that is missing or wrong, in one message. It quotes no value.
 */
export function parse(env: Readonly<Record<string, string | undefined>>): Env {
  const outcome = schema.safeParse(env)
  if (!outcome.success)
    throw new EnvError(
      outcome.error.issues.map(
        (issue) => `${issue.path.join('.')}: ${env[String(issue.path[0])] === undefined ? 'missing' : issue.message}`,
      ),
    )
  const { PLIMSOLL_HOME, REPLICA, DRY_RUN, ...rest } = outcome.data
  return {
    ...rest,
    databaseDirectory: join(resolve(PLIMSOLL_HOME), 'liquidator'),
    replica: REPLICA ?? `${hostname()}/${randomUUID()}`,
    mode: DRY_RUN === '1' ? 'dry' : 'send',
  }
}

/** Thrown when the environment lacks a key or holds a wrong one. */
export class EnvError extends Error {
  override readonly name = 'Env.EnvError'
  readonly code = 'ENVIRONMENT_INVALID'
  readonly hint = 'Set the keys named and start again.'
  constructor(problems: readonly string[]) {
    super(`The liquidator's environment is incomplete. ${problems.join('; ')}.`)
  }
}
