/** What happens to a participant, told for as long as its session goes on. */
import { tracked } from '@trpc/server'
import { type IoCodes, toTRPCError } from './Codes.ts'
import { SignInRequiredError } from './Fault.ts'
import * as Schema from './Schema.ts'
import type { Services, Session } from './Services.ts'

/** The longest that a timer counts. */
const longestMs = 2 ** 31 - 1

/** How often a stream asks whether its session goes on: so long at most is nothing said after a sign-out. */
const sessionMs = 2_000

/** Events after the last one seen, each under its id, until whoever asked has gone or the session is over. */
export async function* events(services: Pick<Services, 'auth' | 'events' | 'now'>, args: events.Args) {
  const { token, after, signal, codes } = args
  const { participantId, expiresAt } = args.session
  const left = new AbortController()
  const over = AbortSignal.any([AbortSignal.timeout(Math.max(0, Math.min(expiresAt * 1000 - services.now(), longestMs))), left.signal])
  const ended = AbortSignal.any([over, ...(signal ? [signal] : [])])
  const isOn = async () => token === null || (await services.auth.session(token))?.participantId === participantId
  // What cannot be asked now is asked again, and before anything is said.
  const asking = setInterval(
    () =>
      void isOn().then(
        (on) => on || left.abort(),
        () => {},
      ),
    sessionMs,
  )
  try {
    for await (const event of services.events({ participantId, after, signal: ended })) {
      if (!(await isOn())) left.abort()
      if (over.aborted) break
      yield tracked(event.id, Schema.event.parse(event))
    }
  } catch (error) {
    // No middleware sees what fails once the stream is open.
    throw toTRPCError(error, codes)
  } finally {
    clearInterval(asking)
  }
  if (over.aborted) throw toTRPCError(new SignInRequiredError(), codes)
}

export declare namespace events {
  type Args = {
    readonly session: Session
    /** The bearer token, asked about while it lasts; null where the session came otherwise. */
    readonly token: string | null
    /** The id of the last event seen; null for what comes from now on. */
    readonly after: string | null
    readonly signal: AbortSignal | undefined
    readonly codes: IoCodes
  }
}
