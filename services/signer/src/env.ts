/** The signer's environment: everything it needs, checked at once, before anything starts. */
import { Client } from '@plimsoll/api'
import { z } from 'zod'

const whole = (most: number, what: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/, what)
    .transform(Number)
    .refine((value) => value <= most, what)

const schema = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any free port. */
  PORT: whole(65_535, 'a port number').default(4620),
  /** The deployment as this signer knows it, with RPC sources of its own. A JSON file. */
  PLIMSOLL_CONFIG: z.string().min(1),
  /** The one key it signs with, 32 bytes. */
  SIGNER_KEY: z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'a 32-byte hex key'),
  /** File in which it keeps what it signed, one process a file; without it a signer that restarts has forgotten. */
  SIGNER_MEMORY: z.string().min(1).optional(),
  /** Forecast models it signs for, comma-separated hashes; without it any that the document names. */
  MODEL_HASHES: z
    .string()
    .regex(/^0x[0-9a-f]{64}(,0x[0-9a-f]{64})*$/, 'one or more lower-case 32-byte hashes, comma-separated')
    .transform((value) => value.split(',') as `0x${string}`[])
    .optional(),
  /** A forecaster of its own; without it the document's quantiles are taken as they are. */
  FORECASTER_URL: z.url().optional(),
  /** How much lower than its own a forecast may be: what machines round floats apart by. */
  FORECAST_TOLERANCE_PPM: whole(1_000_000, 'parts per million').default(1_000),
  /** Reverse proxies whose X-Forwarded-For is believed, addresses and ranges, comma-separated; without it nobody's. */
  TRUSTED_PROXIES: Client.trusted,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn'),
})

export type Env = z.infer<typeof schema>

/**
 * Reads the environment.
 *
 * @throws {EnvError} naming every key that is missing or wrong, in one message. It quotes no value.
 */
export function parse(env: Readonly<Record<string, string | undefined>>): Env {
  const outcome = schema.safeParse(env)
  if (outcome.success) return outcome.data
  throw new EnvError(
    outcome.error.issues.map((issue) => `${issue.path.join('.')}: ${env[String(issue.path[0])] === undefined ? 'missing' : issue.message}`),
  )
}

/** Thrown when the environment lacks a key or holds a wrong one. */
export class EnvError extends Error {
  override readonly name = 'Env.EnvError'
  readonly code = 'ENVIRONMENT_INVALID'
  readonly hint = 'Set the keys named and start again.'
  constructor(problems: readonly string[]) {
    super(`The signer's environment is incomplete. ${problems.join('; ')}.`)
  }
}
