/**
 * Three local nodes that speak to Lit's own client: they take its handshake, run an action in `node:vm` with the globals that Lit documents,
 * and give shares that the client combines.
 *
 * A test kit, not a network: the key lies with one dealer, not in shares nobody can join; `node:vm` confines nobody; nothing attests anything.
 */
import { createECDH, createHash, createPublicKey, randomBytes, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { createContext, runInContext } from 'node:vm'
import { type Address, encodeAbiParameters, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Anvil } from './Anvil.ts'
import * as Loopback from './Loopback.ts'

/** What a node does wrong. */
export type Fault =
  | { readonly kind: 'none' }
  /** Drops the connection. */
  | { readonly kind: 'down' }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Answers late. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Runs nothing, and gives a share of nothing, and a response of its own. */
  | { readonly kind: 'lie' }
  /** Answers that it failed. */
  | { readonly kind: 'fail' }

export type Node = {
  readonly url: string
  become(fault: Fault): void
  /** How often it was asked to execute. */
  executions(): number
}

export type LitNetwork = AsyncDisposable & {
  readonly nodes: readonly Node[]
  /** The key that only the network signs with. */
  readonly pkp: { readonly publicKey: Hex; readonly address: Address }
  /** Where the client reads who the nodes are. */
  readonly staking: { readonly address: Address; readonly abi: typeof stakingAbi }
  stop(): Promise<void>
}

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const count = 3
/** So many nodes must have come to one digest before any of them gets a share. */
const threshold = 2
/** How long the dealer waits for the nodes that were asked together. */
const gatherMs = 150
const stakingAddress: Address = '0x57a7157a7157a7157a7157a7157a7157a7157a71'

const validator = [
  { name: 'ip', type: 'uint32' },
  { name: 'ipv6', type: 'uint128' },
  { name: 'port', type: 'uint32' },
  { name: 'nodeAddress', type: 'address' },
  { name: 'reward', type: 'uint256' },
  { name: 'senderPubKey', type: 'uint256' },
  { name: 'receiverPubKey', type: 'uint256' },
] as const
const epoch = ['epochLength', 'number', 'endTime', 'retries', 'timeout'].map((name) => ({ name, type: 'uint256' }) as const)

/** The part of Lit's staking contract that the client asks. */
const stakingAbi = [
  {
    type: 'function',
    name: 'getActiveUnkickedValidatorStructsAndCounts',
    stateMutability: 'view',
    inputs: [],
    outputs: [
      { name: '', type: 'tuple', components: epoch },
      { name: '', type: 'uint256' },
      { name: '', type: 'tuple[]', components: validator },
    ],
  },
  { type: 'event', name: 'StateChanged', anonymous: false, inputs: [{ name: 'newState', type: 'uint8', indexed: false }] },
] as const

/**
 * Starts three nodes, and writes who they are to a chain.
 *
 * @param options.chain - where the client finds the nodes.
 * @param options.privateKey - of the PKP.
 */
export async function start(options: { readonly chain: Anvil; readonly privateKey: Hex }): Promise<LitNetwork> {
  const { chain, privateKey } = options
  const dealer = dealerOf(BigInt(privateKey))
  const { publicKey, address } = privateKeyToAccount(privateKey)
  const nodes = await Promise.all(Array.from({ length: count }, (_, index) => startNode({ index, dealer, publicKey })))
  const data = encodeAbiParameters(stakingAbi[0].outputs, [
    { epochLength: 3_600n, number: 2n, endTime: 4_000_000_000n, retries: 0n, timeout: 60n },
    BigInt(threshold),
    nodes.map(({ port }, i) => ({
      ...{ ip: 0x7f00_0001, ipv6: 0n, port, nodeAddress: `0x${(i + 1).toString(16).padStart(40, '0')}` as Address },
      ...{ reward: 0n, senderPubKey: 0n, receiverPubKey: 0n },
    })),
  ])
  await chain.testClient.setCode({ address: stakingAddress, bytecode: answering(data) })
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())))
  return {
    nodes,
    pkp: { publicKey, address },
    staking: { address: stakingAddress, abi: stakingAbi },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** A contract that answers every call with these bytes. */
function answering(data: Hex): Hex {
  const size = ((data.length - 2) / 2).toString(16).padStart(4, '0')
  // PUSH2 size, PUSH1 offset of the data, PUSH0, CODECOPY, PUSH2 size, PUSH0, RETURN
  return `0x61${size}600c5f3961${size}5ff3${data.slice(2)}`
}

type Share = { readonly dataSigned: string; readonly signatureShare: string; readonly bigR: string }

type Dealer = {
  /** This node's share of a signature over a digest, or null if too few others came to the same digest. */
  readonly share: (args: { readonly request: string; readonly index: number; readonly digest: bigint }) => Promise<Share | null>
}

/** Holds the key, and gives each node that came to the same digest an additive share of one signature. */
function dealerOf(key: bigint): Dealer {
  const rounds = new Map<string, { readonly digests: Map<number, bigint>; readonly dealt: Promise<ReadonlyMap<number, Share>> }>()
  return {
    share: async ({ request, index, digest }) => {
      let round = rounds.get(request)
      if (!round) {
        const digests = new Map<number, bigint>()
        round = { digests, dealt: wait(gatherMs).then(() => deal(key, digests)) }
        rounds.set(request, round)
      }
      round.digests.set(index, digest)
      return (await round.dealt).get(index) ?? null
    },
  }
}

function deal(key: bigint, digests: ReadonlyMap<number, bigint>): ReadonlyMap<number, Share> {
  const shares = new Map<number, Share>()
  for (const [digest, members] of Map.groupBy(digests.keys(), (index) => digests.get(index) ?? 0n)) {
    if (members.length < threshold) continue
    const nonce = (BigInt(`0x${randomBytes(32).toString('hex')}`) % (order - 1n)) + 1n
    const curve = createECDH('secp256k1')
    curve.setPrivateKey(Buffer.from(hex32(nonce), 'hex'))
    const bigR = curve.getPublicKey('hex', 'compressed')
    const s = (inverse(nonce) * (digest + (BigInt(`0x${bigR.slice(2)}`) % order) * key)) % order
    let rest = s
    for (const [place, index] of members.entries()) {
      const last = place === members.length - 1
      const share = last ? rest : BigInt(`0x${randomBytes(32).toString('hex')}`) % order
      rest = (rest - share + order) % order
      shares.set(index, { dataSigned: hex32(digest), signatureShare: hex32(share), bigR })
    }
  }
  return shares
}

/** By Fermat: the order is prime. */
function inverse(value: bigint): bigint {
  let [result, base, exponent] = [1n, value % order, order - 2n]
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % order
    base = (base * base) % order
  }
  return result
}

function hex32(value: bigint): string {
  return value.toString(16).padStart(64, '0')
}

type Started = Node & { readonly port: number; stop(): Promise<void> }

async function startNode(args: { readonly index: number; readonly dealer: Dealer; readonly publicKey: Hex }): Promise<Started> {
  const { index, dealer, publicKey } = args
  let fault: Fault = { kind: 'none' }
  let executions = 0
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const send = (status: number, body: unknown) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const current = fault
    if (current.kind === 'down') return void response.destroy()
    if (current.kind === 'hang') return
    if (current.kind === 'slow') await wait(current.milliseconds)
    const path = request.url ?? ''
    if (path.startsWith('/web/handshake')) return send(200, handshake(index))
    if (!path.startsWith('/web/execute')) return send(404, { message: 'there is nothing here' })
    executions += 1
    if (current.kind === 'fail') return send(500, { errorCode: 'rpc_error', message: 'the node failed' })
    const body = JSON.parse(text) as Execution
    if (!isSession(body.authSig)) return send(401, { errorCode: 'NodeNotAuthorized', message: 'the session signature does not hold' })
    const round = `${String(request.headers['x-request-id'])}`
    if (current.kind === 'lie') return send(200, lie({ index, publicKey }))
    return send(200, await execute({ body, round, index, dealer, publicKey }))
  }

  const { port, url, stop } = await Loopback.listen(server)
  return {
    ...{ port, url, stop },
    become: (next) => {
      fault = next
    },
    executions: () => executions,
  }
}

/** Keys that the client keeps and, for signing, does not use. */
function handshake(index: number) {
  return {
    serverPublicKey: `${index + 1}`.repeat(64),
    subnetPublicKey: 'a'.repeat(96),
    networkPublicKey: 'b'.repeat(96),
    networkPublicKeySet: 'c'.repeat(96),
    hdRootPubkeys: ['d'.repeat(66)],
    clientSdkVersion: '7.4.0',
    latestBlockhash: `0x${'e'.repeat(64)}`,
  }
}

type SessionSig = { readonly sig: string; readonly signedMessage: string; readonly address: string }
type Execution = {
  /** Base64. */
  readonly code: string
  readonly jsParams?: Readonly<Record<string, unknown>>
  readonly authSig?: SessionSig
}

/** Whether a session key signed the message that names itself. Whose session it is, a local node does not ask. */
function isSession(authSig: SessionSig | undefined): boolean {
  if (!authSig) return false
  const prefix = Buffer.from('302a300506032b6570032100', 'hex')
  const key = createPublicKey({ key: Buffer.concat([prefix, Buffer.from(authSig.address, 'hex')]), format: 'der', type: 'spki' })
  return verify(null, Buffer.from(authSig.signedMessage), key, Buffer.from(authSig.sig, 'hex'))
}

type Run = { readonly body: Execution; readonly round: string; readonly index: number; readonly dealer: Dealer; readonly publicKey: Hex }

/** Runs the action with what Lit gives it: its parameters as globals, `Lit.Actions`, and no way to make code of text. */
async function execute({ body, round, index, dealer, publicKey }: Run): Promise<unknown> {
  const signedData: Record<string, unknown> = {}
  let said = ''
  let logs = ''
  const actions = {
    setResponse: ({ response }: { readonly response: string }) => {
      said = response
    },
    signEcdsa: async ({ toSign, publicKey: of, sigName }: { toSign: ArrayLike<number>; publicKey: string; sigName: string }) => {
      const digest = Buffer.from(Array.from(toSign)).toString('hex')
      if (of.replace(/^0x/, '') !== publicKey.slice(2)) throw new Error('the network has no such key')
      const share = await dealer.share({ request: `${round}:${sigName}`, index, digest: BigInt(`0x${digest}`) })
      if (!share) throw new Error('the nodes did not come to one digest')
      signedData[sigName] = { sigType: 'K256', ...share, shareIndex: index, publicKey: publicKey.slice(2), sigName }
      return 'success'
    },
  }
  const context = createContext(
    {
      ...body.jsParams,
      ...{ Lit: { Actions: actions }, LitActions: actions, TextEncoder, TextDecoder },
      console: {
        log: (...values: readonly unknown[]) => {
          logs += `${values.map(String).join(' ')}\n`
        },
      },
    },
    { codeGeneration: { strings: false, wasm: false } },
  )
  try {
    await runInContext(Buffer.from(body.code, 'base64').toString('utf8'), context, { timeout: 3_000 })
  } catch (error) {
    return { ...empty, success: false, logs, error: error instanceof Error ? error.message : 'the action failed' }
  }
  return { ...empty, success: true, signedData, response: said, logs }
}

const empty = { success: false, signedData: {}, decryptedData: {}, claimData: {}, response: '', logs: '' }

function lie({ index, publicKey }: { readonly index: number; readonly publicKey: Hex }): unknown {
  const nothing = createHash('sha256').update(`a lie of node ${index}`).digest('hex')
  const certificate = {
    ...{ sigType: 'K256', dataSigned: nothing, signatureShare: nothing, shareIndex: index },
    ...{ bigR: `02${nothing}`, publicKey: publicKey.slice(2), sigName: 'certificate' },
  }
  return { ...empty, success: true, signedData: { certificate }, response: JSON.stringify({ status: 'signed', digest: `0x${nothing}` }) }
}
