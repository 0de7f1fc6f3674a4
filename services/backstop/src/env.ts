/** The desk's environment: everything it needs, checked at once, before anything starts. */
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
  PORT: whole(0, 65_535, 'a port number').default(4660),
  /** The deployment as this desk knows it, with RPC sources of its own. A JSON file. */
  PLIMSOLL_CONFIG: z.string().min(1),
  /** The one key it sends with, 32 bytes. Its account at the venue is what it bids with; nobody but its owner funds it. */
  BACKSTOP_KEY: z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'a 32-byte hex key'),
  /** PostgreSQL, which several replicas share. Without it an embedded database under PLIMSOLL_HOME is used. */
  DATABASE_URL: z.url().optional(),
  /** A file named `stop` in here stops everything that would be sent, until it is gone. */
  PLIMSOLL_HOME: z.string().min(1).default('.plimsoll'),
  /** Who this replica is among those with the same key. */
  REPLICA: z.string().min(1).max(100).optional(),
  LEASE_SECONDS: whole(3, 3_600, 'seconds, from 3 to 3600').default(15),
  /** 1: decides and shows, and sends nothing. */
  DRY_RUN: z.enum(['0', '1']).default('0'),
  TICK_MS: whole(50, 60_000, 'milliseconds, from 50 to 60000').default(1_000),
  /** Greatest holding in a market, on one side. Whole USD. */
  LIMIT_USD: whole(1, 999_999_999, 'whole dollars').default(100_000),
  /** Once it has lost so much, it buys nothing more, and goes on selling. Whole USD. */
  LOSS_USD: whole(1, 999_999_999, 'whole dollars').default(10_000),
  /** Smallest bid, but for the rest of a lot: what is less is not worth its gas. Whole USD. */
  LEAST_USD: whole(0, 999_999_999, 'whole dollars').default(100),
  /** Calm depth of a quote. Whole USD. */
  DEPTH_USD: whole(0, 999_999_999, 'whole dollars').default(10_000),
  /** Standard deviations that a discount has to pay for. */
  CONFIDENCE_PPM: whole(0, 10_000_000, 'parts per million').default(1_000_000),
  /** What a million dollars squared of variance costs, in dollars. */
  AVERSION: whole(0, 1_000_000, 'dollars').default(1),
  FEE_PPM: whole(0, 100_000, 'parts per million').default(1_000),
  /** How long until what it took is sold again. */
  HORIZON_SECONDS: whole(1, 2_592_000, 'seconds, up to 30 days').default(3_600),
  /** Forced flow in so many blocks keeps it from selling. */
  FLOW_BLOCKS: whole(1, 100_000, 'blocks').default(60),
  NEAR_PPM: whole(0, 100_000, 'parts per million').default(2_000),
  /** Greatest sale at once. Whole USD. */
  SLICE_USD: whole(1, 999_999_999, 'whole dollars').default(10_000),
  /** What no transaction offers more than. Gwei per gas. */
  MAX_FEE_GWEI: whole(1, 1_000_000, 'gwei').default(500),
  /** How long a transaction may take to be seen in a block. */
  WAIT_SECONDS: whole(1, 600, 'seconds, up to 600').default(30),
  /** Forecasts that risk is priced by while they are young; without it by the volatility through the cycle. */
  FORECASTER_URL: z.url().optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn'),
})

export type Env = Omit<z.infer<typeof schema>, 'PLIMSOLL_HOME' | 'REPLICA' | 'DRY_RUN'> & {
  readonly databaseDirectory: string
  readonly stopFile: string
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
  const home = resolve(PLIMSOLL_HOME)
  return {
    ...rest,
    databaseDirectory: join(home, 'backstop'),
    stopFile: join(home, 'stop'),
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
    super(`The backstop's environment is incomplete. ${problems.join('; ')}.`)
  }
}
