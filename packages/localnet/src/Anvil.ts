import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { multicallRuntimeBytecode } from '@plimsoll/contracts/bytecode'
import {
  type Account,
  type Address,
  type Chain,
  createPublicClient,
  createTestClient,
  createWalletClient,
  defineChain,
  type HttpTransport,
  http,
  type PublicClient,
  parseEther,
  type TestClient,
  type WalletClient,
} from 'viem'
import { BaseError } from './BaseError.ts'

/** Where wallets and libraries look for the batch reader, on every chain. */
export const multicallAddress: Address = '0xcA11bde05977b3631167028862bE2a173976CA11'

/** A local EVM chain in a child process of its own, with the batch reader at its canonical address. */
export type Anvil = AsyncDisposable & {
  readonly url: string
  readonly chainId: number
  readonly pid: number
  readonly chain: Chain
  /** Reads. Neither block numbers nor answers are cached. */
  readonly publicClient: PublicClient<HttpTransport, Chain>
  /** Moves time, sets code and balances, reorganises. */
  readonly testClient: TestClient<'anvil', HttpTransport, Chain>
  /** Writes, signed by `account` before they leave. */
  wallet(account: Account): WalletClient<HttpTransport, Chain, Account>
  /** Mines `blocks` blocks at once, `intervalSeconds` apart. */
  mine(blocks: number, intervalSeconds?: number): Promise<void>
  /** Moves the clock forward and mines one block, so that reads see the new time. */
  advance(seconds: number): Promise<void>
  /** Gives each account this much, in wei. */
  fund(accounts: readonly Address[], wei?: bigint): Promise<void>
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>
}

/**
 * Starts a chain on a free port of 127.0.0.1.
 *
 * Each transaction mines a block at once, unless `blockTimeSeconds` is given. `finalized` is the head less two epochs,
 * `safe` the head less one.
 *
 * @param options.chainId - What `eth_chainId` answers.
 * @param options.slotsInAnEpoch - Blocks. 4 unless given, so that the head less 8 is final.
 * @param options.blockTimeSeconds - Mines by the clock instead of by transaction.
 * @param options.accounts - Who holds 10,000 ETH from the start.
 * @param options.port - A fixed port; any free one unless given.
 * @throws {MissingBinaryError} the chain's program is not installed for this platform.
 * @throws {StartError} the program ended, or said nothing, before it listened.
 */
export async function start(options: start.Options): Promise<Anvil> {
  const { chainId, slotsInAnEpoch = 4, blockTimeSeconds, accounts = [], port = 0 } = options
  const args = ['--port', `${port}`, '--chain-id', `${chainId}`, '--slots-in-an-epoch', `${slotsInAnEpoch}`]
  args.push('--accounts', '1', '--host', '127.0.0.1', '--color', 'never')
  if (blockTimeSeconds !== undefined) args.push('--block-time', `${blockTimeSeconds}`)

  const child = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  const address = await listening(child, chainId)
  if (child.pid === undefined) throw new StartError({ chainId, said: '' })

  const url = `http://${address}`
  const chain = defineChain({
    id: chainId,
    name: `local ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
    contracts: { multicall3: { address: multicallAddress } },
  })
  const transport = http(url)
  const shared = { chain, transport, pollingInterval: 25, cacheTime: 0 } as const
  const publicClient: PublicClient<HttpTransport, Chain> = createPublicClient(shared)
  const testClient: TestClient<'anvil', HttpTransport, Chain> = createTestClient({ ...shared, mode: 'anvil' })

  const anvil: Anvil = {
    url,
    chainId,
    pid: child.pid,
    chain,
    publicClient,
    testClient,
    wallet: (account) => createWalletClient({ ...shared, account }),
    mine: (blocks, intervalSeconds = 0) => testClient.mine({ blocks, interval: intervalSeconds }),
    advance: async (seconds) => {
      await testClient.increaseTime({ seconds })
      await testClient.mine({ blocks: 1 })
    },
    fund: async (addresses, wei = parseEther('10000')) => {
      await Promise.all(addresses.map((address) => testClient.setBalance({ address, value: wei })))
    },
    stop: () => ended(child),
    [Symbol.asyncDispose]: () => ended(child),
  }
  await testClient.setCode({ address: multicallAddress, bytecode: multicallRuntimeBytecode })
  await anvil.fund(accounts)
  return anvil
}

export declare namespace start {
  type Options = {
    readonly chainId: number
    readonly slotsInAnEpoch?: number | undefined
    readonly blockTimeSeconds?: number | undefined
    readonly accounts?: readonly Address[] | undefined
    readonly port?: number | undefined
  }
  type ErrorType = MissingBinaryError | StartError
}

/** The platform's own program: a launcher between us and it would keep a signal from reaching it. */
function binary(): string {
  const { platform } = process
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const name = `@foundry-rs/anvil-${platform}-${architecture}`
  const require = createRequire(import.meta.url)
  const launcher = require.resolve('@foundry-rs/anvil/package.json')
  try {
    const home = dirname(createRequire(launcher).resolve(`${name}/package.json`))
    const path = join(home, 'bin', platform === 'win32' ? 'anvil.exe' : 'anvil')
    if (existsSync(path)) return path
  } catch (cause) {
    throw new MissingBinaryError({ package: name, cause })
  }
  throw new MissingBinaryError({ package: name })
}

function listening(child: ChildProcess, chainId: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = []
    const fail = (cause?: unknown) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(new StartError({ chainId, said: said.slice(-3).join(' '), cause }))
    }
    const gone = () => fail()
    const timer = setTimeout(gone, 20_000)
    child.once('error', fail)
    child.once('exit', gone)
    child.stderr?.on('data', (chunk) => said.push(String(chunk).trim()))
    if (child.stdout === null) return fail()
    // Reading goes on after the address is known: a pipe that nobody empties would stop the chain.
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /^Listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1]
      if (address === undefined) return
      clearTimeout(timer)
      child.off('exit', gone)
      resolve(address)
    })
  })
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

/** Thrown when the chain's program is not installed for this platform. */
export class MissingBinaryError extends BaseError {
  override readonly name = 'Anvil.MissingBinaryError'
  override readonly code = 'ANVIL_MISSING'
  readonly package: string

  constructor(options: { readonly package: string; readonly cause?: unknown }) {
    super(`The local chain's program ${options.package} is not installed.`, {
      hint: `Install with optional dependencies, on a platform that ${options.package} is published for.`,
      cause: options.cause,
    })
    this.package = options.package
  }
}

/** Thrown when the chain's program ends, or stays silent, before it listens. */
export class StartError extends BaseError {
  override readonly name = 'Anvil.StartError'
  override readonly code = 'ANVIL_START_FAILED'
  readonly chainId: number
  readonly said: string

  constructor(options: { readonly chainId: number; readonly said: string; readonly cause?: unknown }) {
    super(`The local chain ${options.chainId} did not start: ${options.said || 'it said nothing'}.`, {
      hint: 'If a port was given, free it or give another; else run anvil by hand to see what it says.',
      cause: options.cause,
    })
    this.chainId = options.chainId
    this.said = options.said
  }
}
