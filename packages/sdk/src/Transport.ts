/** How a client reaches a gateway. */
import type { AppRouter } from '@plimsoll/api'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink, type TRPCClient, type TRPCLink } from '@trpc/client'
import { EventSource } from 'eventsource'
import { MarginError } from './MarginError.ts'

/** Where a gateway is, and the session the calls carry. */
export type Transport = {
  readonly url: string
  /** The domain that people sign in to there: nothing is signed for another. */
  readonly domain: string
  readonly session: { token: string | null }
}

/**
 * A transport over HTTP.
 *
 * @param options.domain - where people sign in, if that is not the host of the url.
 *
 * @example
 * http('http://127.0.0.1:4600').url
 * // => 'http://127.0.0.1:4600'
 */
export function http(url: string, options: { readonly token?: string; readonly domain?: string } = {}): Transport {
  const { token = null, domain = new URL(url).hostname } = options
  return { url: url.replace(/\/$/, ''), domain, session: { token } }
}

/** The tRPC client behind a transport. */
export type Rpc = TRPCClient<AppRouter>

export function rpcOf(transport: Transport): Rpc {
  const url = `${transport.url}/trpc`
  const bearer = (token: unknown): Record<string, string> => (typeof token === 'string' ? { authorization: `Bearer ${token}` } : {})
  const headers = () => bearer(transport.session.token)
  return createTRPCClient<AppRouter>({
    links: [
      sendable,
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({
          url,
          EventSource,
          eventSourceOptions: ({ op: { context } }) => ({
            fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...bearer(context['token']) } }),
          }),
        }),
        false: httpBatchLink({ url, headers, maxItems: 20 }),
      }),
    ],
  })
}

/** Throws where the call is made what cannot be sent: the batch is written out in a timer later, where nobody could catch it. */
const sendable: TRPCLink<AppRouter> =
  () =>
  ({ op, next }) => {
    try {
      JSON.stringify(op.input)
    } catch (cause) {
      throw new MarginError({
        code: 'REQUEST_UNSENDABLE',
        shortMessage: `The input of ${op.path} cannot be written as JSON.`,
        hint: 'Give amounts as decimal strings where the type asks for a string, and no field that the type does not have.',
        cause,
      })
    }
    return next(op)
  }
