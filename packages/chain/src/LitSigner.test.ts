/** Lit's own client, unmodified, before three local nodes: what it takes, whatever one of them does. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { Certificate } from '@plimsoll/contracts'
import { Anvil, Deployment, FaultyRpc, LitNetwork, LitService, Wallet } from '@plimsoll/localnet'
import { privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signerOf } from './Ecdsa.ts'
import type { Hex } from './Hex.ts'
import * as LitRestSigner from './LitRestSigner.ts'
import * as LitSigner from './LitSigner.ts'
import * as LocalSigner from './LocalSigner.ts'
import * as QuorumSigner from './QuorumSigner.ts'
import type * as Signer from './Signer.ts'
import { bundle } from './scripts/bundle.ts'
import { inputs } from './testing/document.ts'
import * as Posted from './testing/posted.ts'
import * as Request from './testing/request.ts'

const pkp = Wallet.privateKeyOf('a pkp')

let book: { readonly chainId: number; readonly verifyingContract: Hex }
let chains: Anvil.Anvil[]
let chain: Anvil.Anvil
let rpc: FaultyRpc.FaultyRpc
let lit: LitNetwork.LitNetwork
let signer: Signer.Signer
let source: string

const requestOf = (change: Partial<Certificate.Certificate> = {}) => Request.requestOf(book, change)

function open(rpcUrl: string, timeoutMs = 6_000): Signer.Signer {
  return LitSigner.of({
    network: {
      litNetwork: 'custom',
      rpcUrl,
      contractContext: { Staking: lit.staking },
      nodeProtocol: 'http://',
      checkNodeAttestation: false,
    },
    publicKey: lit.pkp.publicKey,
    action: source,
    session: Wallet.of('a session'),
    timeoutMs,
  })
}

async function codeOf(signing: Promise<unknown>): Promise<string> {
  try {
    await signing
    return 'SIGNED'
  } catch (error) {
    return (error as Signer.UnavailableError).code
  }
}

/** A signer of a quorum that checks nothing, and computes the digest of what it is asked. */
async function startMember(key: Hex, asked: QuorumSigner.Question[]): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(async (request, response) => {
    const question = (await json(request)) as QuorumSigner.TiedQuestion
    const { ties: _, endings: __, ...rest } = question
    asked.push(rest)
    const { chainId, limitBook: verifyingContract } = question
    const digest = Certificate.digest(Certificate.fromMessage(question.certificate), { chainId, verifyingContract })
    const [signature] = await LocalSigner.of({ privateKeys: [key], threshold: 1, chainIds: [chainId] }).sign({ digest })
    response.end(JSON.stringify({ status: 'signed', signature }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = async () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: stop }
}

beforeAll(async () => {
  chains = await Promise.all([31_337_001, 31_337_002, inputs.subject.venue.chainId].map((chainId) => Anvil.start({ chainId })))
  const [harbour, lagoon, strait] = chains
  if (!harbour || !lagoon || !strait) throw new Error('three chains were started')
  chain = strait
  const signers = [privateKeyToAddress(pkp)]
  const { venues } = await Deployment.deploy({ harbour, lagoon, strait, signers, threshold: 1 })
  book = { chainId: strait.chainId, verifyingContract: venues[0]?.limitBook ?? '0x' }
  rpc = await FaultyRpc.start({ target: chain.url })
  lit = await LitNetwork.start({ chain, privateKey: pkp })
  source = await bundle(Request.policyOf(book), 'lit')
  signer = open(rpc.url)
  await signer.sign(requestOf())
})

afterAll(async () => {
  await lit?.stop()
  await rpc?.stop()
  await Promise.all((chains ?? []).map((each) => each.stop()))
})

beforeEach(() => {
  for (const node of lit.nodes) node.become({ kind: 'none' })
  rpc.become({ kind: 'none' })
})

describe('of', () => {
  test('worked example: the nodes run the action, the client combines their shares, and the key is the one that signed', async () => {
    const request = requestOf()
    const [signature, ...more] = await signer.sign(request)
    expect(more).toEqual([])
    expect(signer).toMatchObject({ kind: 'lit', threshold: 1, addresses: [lit.pkp.address.toLowerCase()] })
    expect(await signerOf({ digest: request.digest, signature: signature ?? '' })).toBe(lit.pkp.address.toLowerCase())
  })

  test('worked example: the limit book takes it, and takes it from nobody else', async () => {
    const request = requestOf()
    const at = { chain, request }
    const other = LocalSigner.of({ privateKeys: [Wallet.privateKeyOf('another')], threshold: 1, chainIds: [book.chainId] })
    await expect(Posted.accept(at, await other.sign(request))).rejects.toThrow('BadSigner')
    await Posted.accept(at, await signer.sign(request))
    expect(await Posted.standing(at)).toMatchObject({ maxNotional: request.certificate.maxNotional, live: true, sequence: 1n })
  })

  test('worked example: nodes, an enclave, a quorum and a local key sign one digest', async () => {
    const request = requestOf()
    const key = Wallet.privateKeyOf('another')
    const local = LocalSigner.of({ privateKeys: [key], threshold: 1, chainIds: [book.chainId] })
    await using service = await LitService.start({ root: Wallet.privateKeyOf('a root'), apiKey: 'a-key-of-this-test' })
    const rest = { url: service.url, apiKey: service.apiKey, action: await bundle(Request.policyOf(book), 'lit-rest'), timeoutMs: 5_000 }
    const enclave = LitRestSigner.of({ ...rest, address: await LitRestSigner.fetchAddress(rest) })
    const asked: QuorumSigner.Question[] = []
    await using member = await startMember(key, asked)
    const quorum = QuorumSigner.of({ members: [{ url: member.url, address: local.addresses[0] ?? '0x' }], threshold: 1, timeoutMs: 5_000 })
    for (const each of [signer, enclave, quorum, local]) {
      const [signature] = await each.sign(request)
      expect(await signerOf({ digest: request.digest, signature: signature ?? '' }), each.kind).toBe(each.addresses[0])
    }
    // What all of them but the local key are asked is one question.
    expect(JSON.parse(service.last()?.body ?? '')).toMatchObject({ js_params: { question: asked[0] } })
  })

  test.each<[string, LitNetwork.Fault]>([
    ['fails', { kind: 'fail' }],
    ['is gone', { kind: 'down' }],
    ['lies', { kind: 'lie' }],
    ['is slow', { kind: 'slow', milliseconds: 30_000 }],
    ['hangs', { kind: 'hang' }],
  ])(
    'edge: a node that %s is left out, and the key still signs',
    async (_, fault) => {
      for (const node of lit.nodes) {
        const fresh = open(rpc.url)
        await fresh.sign(requestOf())
        node.become(fault)
        const request = requestOf()
        const started = Date.now()
        const [signature] = await fresh.sign(request)
        expect(Date.now() - started).toBeLessThan(6_000)
        expect(await signerOf({ digest: request.digest, signature: signature ?? '' })).toBe(lit.pkp.address.toLowerCase())
        node.become({ kind: 'none' })
      }
    },
    90_000,
  )

  test('error: two nodes that do not answer', async () => {
    for (const kind of ['down', 'hang', 'fail', 'lie'] as const) {
      lit.nodes[0]?.become({ kind })
      lit.nodes[1]?.become({ kind })
      expect(await codeOf(signer.sign(requestOf())), kind).toBe('SIGNERS_UNAVAILABLE')
    }
  })

  test('error: what is not derived from its document is refused by every node', async () => {
    const { certificate } = requestOf()
    for (const change of [
      { maxNotional: certificate.maxNotional + 1n },
      { imPpm: certificate.imPpm - 1 },
      { expiresAt: certificate.issuedAt + 400n },
    ])
      expect(await codeOf(signer.sign(requestOf(change)))).toBe('SIGNERS_DISAGREE')
  })

  test('error: another book than the policy names', async () => {
    expect(await codeOf(signer.sign({ ...requestOf(), limitBook: `0x${'0d'.repeat(20)}` }))).toBe('SIGNERS_DISAGREE')
  })

  test('error: the RPC is lost, or takes the question and never answers', async () => {
    for (const kind of ['down', 'hang'] as const) {
      rpc.become({ kind })
      const started = Date.now()
      expect(await codeOf(open(rpc.url, 1_500).sign(requestOf())), kind).toBe('SIGNERS_UNAVAILABLE')
      expect(Date.now() - started).toBeLessThan(4_000)
      // Whoever is connected already needs it no longer.
      expect(await codeOf(signer.sign(requestOf())), kind).toBe('SIGNED')
    }
  })

  test('edge: a signer that could not connect connects once it can, and keeps what it has until then', async () => {
    const late = open(rpc.url, 1_500)
    rpc.become({ kind: 'hang' })
    expect(await codeOf(late.sign(requestOf()))).toBe('SIGNERS_UNAVAILABLE')
    rpc.become({ kind: 'none' })
    expect(await codeOf(late.sign(requestOf()))).toBe('SIGNED')
    for (const index of [0, 1]) lit.nodes[index]?.become({ kind: 'down' })
    expect(await codeOf(late.sign(requestOf()))).toBe('SIGNERS_UNAVAILABLE')
    lit.nodes[0]?.become({ kind: 'none' })
    expect(await codeOf(late.sign(requestOf()))).toBe('SIGNED')
  })

  test('error: a node that is gone while connecting', async () => {
    lit.nodes[2]?.become({ kind: 'down' })
    expect(await codeOf(open(rpc.url, 1_500).sign(requestOf()))).toBe('SIGNERS_UNAVAILABLE')
  })
})
