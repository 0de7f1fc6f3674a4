/** The forecaster's environment: everything it needs, checked at once, before anything starts. */
import { resolve } from 'node:path'
import { BaseError, Registry } from '@plimsoll/volatility-model'
import { z } from 'zod'

const whole = (least: number, most: number) => {
  const wanted = `a whole number from ${least} to ${most}`
  return z
    .string()
    .regex(/^\d{1,9}$/, wanted)
    .transform(Number)
    .refine((value) => value >= least && value <= most, wanted)
}

const schema = z.object({
  HOST: z.string().min(1, 'an address to listen on').default('127.0.0.1'),
  /** 0 takes any free port. */
  PORT: whole(0, 65_535).default(4610),
  /** A folder with registry.json and artifacts/; default the models that come along. */
  PLIMSOLL_MODELS: z.string().min(1, 'a folder').default(Registry.defaultDirectory),
  /** `live` refuses bars that close after the clock; `replay` lets the bars be the time. */
  MARKET_DATA: z.enum(['live', 'replay'], 'live or replay').default('live'),
  /** τ: the time a position needs to be closed out. */
  CLOSE_OUT_SECONDS: whole(1, 86_400).default(3_600),
  /** τ_liq = detection + finality + grace + execution. */
  LIQUIDATION_SECONDS: whole(1, 86_400).default(300),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'a level: fatal, error, warn, info, debug, trace or silent')
    .default('info'),
})

export type Env = z.infer<typeof schema>

/**
 * Reads the environment.
 *
 * @throws {InvalidEnvironmentError} naming every key that is missing or wrong, in one message.
 */
export function parse(env: Readonly<Record<string, string | undefined>>): Env {
  const outcome = schema.safeParse(env)
  if (outcome.success) return { ...outcome.data, PLIMSOLL_MODELS: resolve(outcome.data.PLIMSOLL_MODELS) }
  throw new InvalidEnvironmentError({
    problems: outcome.error.issues.map(({ path, message }) => `${path.join('.')} must be ${message}`),
  })
}

/** Thrown when keys of the environment are missing or wrong. */
export class InvalidEnvironmentError extends BaseError {
  override readonly name = 'Env.InvalidEnvironmentError'
  readonly problems: readonly string[]
  constructor(args: { readonly problems: readonly string[] }) {
    super({
      code: 'ENVIRONMENT_INVALID',
      message: `The forecaster's environment is wrong: ${args.problems.join('; ')}.`,
      hint: 'Set the keys named and start again.',
    })
    this.problems = args.problems
  }
}
