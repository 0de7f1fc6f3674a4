/** What went wrong, in words a person can act on. */
import { MarginError } from '@plimsoll/sdk'

export type Fault = { readonly code: string; readonly message: string; readonly hint: string }

/** EIP-1193 and JSON-RPC codes a wallet answers with. */
const walletFaults: Readonly<Record<number, Fault>> = {
  4001: { code: 'WALLET_DECLINED', message: 'You declined in your wallet.', hint: 'Nothing was sent. Try again when you are ready.' },
  4100: {
    code: 'WALLET_LOCKED',
    message: 'The wallet does not let this page use that account.',
    hint: 'Unlock it, connect the account, and try again.',
  },
  4900: { code: 'WALLET_OFFLINE', message: 'The wallet is disconnected.', hint: 'Open the wallet, and try again.' },
  [-32002]: { code: 'WALLET_BUSY', message: 'Your wallet already has a request open.', hint: 'Finish it in the wallet window.' },
}

const unreachable: Fault = { code: 'GATEWAY_UNREACHABLE', message: 'The gateway did not answer.', hint: 'This page keeps trying.' }

/**
 * A fault for whatever was thrown.
 */
export function of(error: unknown): Fault {
  // What the wallet threw while signing in is the wallet's to say, not the gateway's.
  if (error instanceof MarginError && isObject(error.cause) && walletFaults[codeOf(error.cause)]) return of(error.cause)
  // The SDK's hint is for who wrote the page: its reader has no address to check.
  if (error instanceof MarginError && error.code === unreachable.code) return unreachable
  if (error instanceof MarginError) return { code: error.code, message: error.shortMessage, hint: error.hint }
  const known = walletFaults[codeOf(error)]
  if (known) return known
  const plimsoll = isObject(error) && isObject(error['data']) ? error['data']['plimsoll'] : null
  if (isObject(plimsoll) && error instanceof Error)
    return { code: String(plimsoll['code']), message: error.message, hint: String(plimsoll['hint']) }
  if (error instanceof Error && error.name === 'TRPCClientError') return unreachable
  if (error instanceof Error && 'hint' in error)
    return { code: String('code' in error ? error.code : error.name), message: error.message, hint: String(error.hint) }
  const message =
    isObject(error) && typeof error['message'] === 'string' ? error['message'] : 'Something failed that this page does not know.'
  return { code: 'UNEXPECTED', message, hint: 'Reload the page; report this if it lasts.' }
}

/**
 * A fault for what a person asked for. Nobody asks again for them, as the page does for its figures.
 */
export function asked(error: unknown): Fault {
  const fault = of(error)
  return fault.code === unreachable.code ? { ...fault, hint: 'Ask again: the same is not done twice.' } : fault
}

/**
 * Each fault once: a gateway that is gone fails every question alike.
 */
export function distinct(errors: readonly unknown[]): readonly Fault[] {
  const faults = errors.filter((error) => error !== null).map(of)
  return faults.filter(({ code }, i) => faults.findIndex((fault) => fault.code === code) === i)
}

/** A wallet's error code; some wallets put the real one inside `data.originalError`. */
function codeOf(error: unknown): number {
  if (!isObject(error)) return 0
  const inner = isObject(error['data']) && isObject(error['data']['originalError']) ? error['data']['originalError']['code'] : undefined
  const code = inner ?? error['code']
  return typeof code === 'number' ? code : 0
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
