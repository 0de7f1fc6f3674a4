/**
 * Tells what happened on a NATS JetStream stream: every message of the outbox, in its order, once. The outbox stays the record.
 *
 * Where to go on is not kept here: the last message of the stream says it, and each is published behind that one or not at all. So a
 * gateway that died goes on where it was, and any number of them publish beside each other without a lease. What cannot be published waits
 * in the outbox, and nothing waits for it.
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { type Database, Outbox } from '@plimsoll/store'
import type { Logger } from 'pino'

export type Bus = {
  /** What stands in the way, in words. */
  readonly faults: () => readonly string[]
  /** Publishes what is there. @returns how many messages. */
  readonly round: () => Promise<number>
  readonly start: () => void
  readonly stop: () => Promise<void>
}

export const stream = 'PLIMSOLL'
const subjects = 'plimsoll.events.>'
/** How often it is looked for something new, as for readers of `limits.watch`. */
const intervalMs = 250
const page = 100
const timeoutMs = 2_000
const day = 86_400_000_000_000

/** What a message is on the stream, as JSON. A `resync` says that older ones may never have been published: take a fresh snapshot. */
export type Told = Pick<Outbox.Message, 'participantId' | 'at' | 'body'> & {
  /** The outbox' cursor, equal to the header Nats-Msg-Id. */
  readonly id: string
  readonly kind: Outbox.Kind | 'resync'
}

/** The end of the stream: what was published last. */
type Place = { readonly sequence: number; readonly cursor: string | null }

type Link = { readonly connection: NatsConnection; readonly client: JetStreamClient; readonly manager: JetStreamManager }

/** `plimsoll.events.limit.issued.0x…`: whoever listens may ask for a kind, for a participant, or for both. */
export function subjectOf({ kind, participantId }: Pick<Told, 'kind' | 'participantId'>): string {
  return `plimsoll.events.${kind}.${participantId ?? 'all'}`
}

/** Opens the job; nothing is connected before the first round. */
export function open(args: open.Args): Bus {
  const { url, database, log } = args
  let link: Link | null = null
  let place: Place | null = null
  let faults: readonly string[] = []
  let timer: NodeJS.Timeout | null = null
  let running: Promise<unknown> | null = null
  let isEnding = false

  async function work(): Promise<number> {
    link ??= await connect(url)
    place ??= await placeOf(link.manager)
    let published = 0
    for (;;) {
      const found = await Outbox.after(database, { cursor: place.cursor, limit: page })
      const now = await database.now()
      const told: readonly Told[] =
        found.status === 'resync'
          ? [{ id: found.cursor, kind: 'resync', participantId: null, at: now, body: {} }]
          : found.messages.map(({ cursor, ...message }) => ({ id: cursor, ...message }))
      for (const message of told) {
        const expect = { streamName: stream, lastSequence: place.sequence }
        const { seq, duplicate } = await link.client.publish(subjectOf(message), JSON.stringify(message), {
          msgID: message.id,
          timeout: timeoutMs,
          expect,
        })
        place = { sequence: seq, cursor: message.id }
        // Another gateway may have published it a moment ago.
        if (!duplicate) published++
      }
      place = { sequence: place.sequence, cursor: found.cursor }
      // What is left waits in the outbox for the next that starts.
      if (told.length < page || isEnding) return published
    }
  }

  const round = async (): Promise<number> => {
    try {
      const published = await work()
      faults = []
      return published
    } catch (error) {
      // Whatever went wrong, what the stream says is what holds: the message may have arrived, or another gateway was first.
      place = null
      if (isCode(error, codes.wrongLast)) return 0
      if (faults.length === 0) log.warn({ err: error }, 'what happened could not be published; it waits')
      const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'BUS_UNREACHABLE'
      faults = [`bus: ${code}: ${error instanceof Error ? error.message : String(error)}`]
      if (link?.connection.isClosed()) link = null
      return 0
    }
  }
  return {
    faults: () => faults,
    round,
    start: () => {
      timer = setInterval(() => {
        running ??= round().finally(() => {
          running = null
        })
      }, intervalMs)
    },
    stop: async () => {
      isEnding = true
      if (timer) clearInterval(timer)
      await running
      await link?.connection.close()
      link = null
    },
  }
}

export declare namespace open {
  type Args = {
    /** `nats://` or `tls://`, with `user:password@` or `token@` where the server asks for it. */
    readonly url: string
    readonly database: Database.Database
    readonly log: Logger
  }
}

/** The client is loaded where there is a bus, and nowhere else. It goes on looking for a server that went away. */
async function connect(url: string): Promise<Link> {
  const [{ connect }, { jetstream, jetstreamManager }] = await Promise.all([
    import('@nats-io/transport-node'),
    import('@nats-io/jetstream'),
  ])
  const { host, protocol, username, password } = new URL(url)
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)]
  const connection = await connect({
    servers: host,
    name: 'plimsoll gateway',
    timeout: timeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    ...(protocol === 'tls:' ? { tls: {} } : {}),
    ...(user === '' ? {} : pass === '' ? { token: user } : { user, pass }),
  })
  return {
    connection,
    client: jetstream(connection, { timeout: timeoutMs }),
    manager: await jetstreamManager(connection, { timeout: timeoutMs }),
  }
}

/** The end of the stream, which is made where there is none: on disk, a week long. One that is there is left as it is. */
async function placeOf(manager: JetStreamManager): Promise<Place> {
  const { state } = await manager.streams.info(stream).catch((error: unknown) => {
    if (!isCode(error, codes.noStream)) throw error
    return manager.streams.add({ name: stream, subjects: [subjects], max_age: 7 * day })
  })
  const sequence = state.last_seq
  // What the stream keeps no more is older than what the outbox keeps: everything there is new to it.
  const last = await manager.streams.getMessage(stream, { last_by_subj: subjects })
  if (last === null) return { sequence, cursor: null }
  const cursor = last.header.get('Nats-Msg-Id')
  if (cursor === '') throw new ForeignMessageError(last.subject)
  return { sequence, cursor }
}

const codes = { noStream: 10_059, wrongLast: 10_071 }

function isCode(error: unknown, code: number): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Thrown when somebody else published on the stream: what came before it is not known. */
export class ForeignMessageError extends Error {
  override readonly name = 'Bus.ForeignMessageError'
  readonly code = 'BUS_FOREIGN'
  readonly hint = `Let nobody but gateways publish on ${subjects}, and delete what is not theirs from the stream ${stream}.`
  constructor(subject: string) {
    super(`The last message of the stream ${stream}, on ${subject}, is none of a gateway's.`)
  }
}
