/** Our action at a local server in the shape of Lit's service: what the signer takes from it, whatever it does, and what a book takes from the signer. */
import { type Certificate, limitBookAbi } from '@plimsoll/contracts'
import { Anvil, Deployment, LitService, Wallet } from '@plimsoll/localnet'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signerOf } from './Ecdsa.ts'
import type { Hex } from './Hex.ts'
import * as JointSigner from './JointSigner.ts'
import * as LitRest from './LitRest.ts'
import * as LitRestSigner from './LitRestSigner.ts'
import * as LocalSigner from './LocalSigner.ts'
import * as Signer from './Signer.ts'
import { bundle } from './scripts/bundle.ts'
import { inputs } from './testing/document.ts'
import * as Posted from './testing/posted.ts'
import * as Request from './testing/request.ts'

const apiKey = 'an-api-key-of-this-test'
const requestOf = (change: Partial<Certificate.Certificate> = {}) => Request.requestOf(book, change)

let book: { readonly chainId: number; readonly verifyingContract: Hex }
let chains: Anvil.Anvil[]
let chain: Anvil.Anvil
let service: LitService.LitService
let action: string
let address: Hex
let signer: Signer.Signer

const open = (args: Partial<LitRestSigner.of.Args> = {}) =>
  LitRestSigner.of({ url: service.url, apiKey, action, address, timeoutMs: 5_000, random: () => 0, ...args })

/** What signing came to: `SIGNED`, or the code, with why. */
async function outcomeOf(signing: Promise<unknown>): Promise<string> {
  try {
    await signing
    return 'SIGNED'
  } catch (error) {
    if (!(error instanceof Signer.UnavailableError || error instanceof Signer.DisagreeError)) throw error
    expect(`${error.stack} ${JSON.stringify(error)} ${error.hint}`).not.toContain(apiKey)
    const [failure, ...more] = error.failures
    expect(more).toEqual([])
    expect(failure?.signer).toBe(address)
    return `${error.code} ${failure?.why}: ${failure?.detail}`
  }
}

/** The order in which an operator does it: the policy names the book, the key follows from the policy, the book takes the key. */
beforeAll(async () => {
  chains = await Promise.all([31_337_001, 31_337_002, inputs.subject.venue.chainId].map((chainId) => Anvil.start({ chainId })))
  const [harbour, lagoon, strait] = chains
  if (!harbour || !lagoon || !strait) throw new Error('three chains were started')
  chain = strait
  const ours = Wallet.of('ours').address
  const { venues } = await Deployment.deploy({ harbour, lagoon, strait, signers: [ours], threshold: 1 })
  book = { chainId: strait.chainId, verifyingContract: venues[0]?.limitBook ?? '0x' }
  service = await LitService.start({ root: `0x${'44'.repeat(32)}`, apiKey })
  action = await bundle(Request.policyOf(book), 'lit-rest')
  address = await LitRestSigner.fetchAddress({ url: service.url, apiKey, action, timeoutMs: 5_000 })
  await Deployment.write(strait, Wallet.of('owner'), {
    address: book.verifyingContract,
    abi: limitBookAbi,
    functionName: 'changeSigners',
    args: [[address], [], 2n],
  })
  signer = open()
})

afterAll(async () => {
  await service?.stop()
  await Promise.all((chains ?? []).map((each) => each.stop()))
})

beforeEach(() => service.become({ kind: 'none' }))

describe('fetchAddress', () => {
  test('worked example: the address that the source signs as', async () => {
    expect(address).toBe(service.addressOf(action).toLowerCase())
    const other = await bundle({ ...Request.policyOf(book), most: '1' }, 'lit-rest')
    expect(await LitRestSigner.fetchAddress({ url: service.url, apiKey, action: other, timeoutMs: 5_000 })).not.toBe(address)
  })

  test('error: what is no address', async () => {
    for (const response of ['{}', 'null', '"0x12"', '{"address":7}', `{"address":"0x${'1'.repeat(41)}"}`]) {
      service.become({ kind: 'body', text: `{"has_error":false,"logs":"","response":${response}}` })
      const asking = LitRestSigner.fetchAddress({ url: service.url, apiKey, action, timeoutMs: 5_000 })
      await expect(asking).rejects.toThrow(LitRest.RunError)
      await expect(asking).rejects.toThrow('what came back is no address')
    }
  })
})

describe('of', () => {
  test('worked example: the action signs with its own key, over the digest that is computed here', async () => {
    const request = requestOf()
    const [signature, ...more] = await signer.sign({ ...request, digest: `0x${'00'.repeat(32)}` })
    expect(more).toEqual([])
    expect(signer).toMatchObject({ kind: 'lit-rest', threshold: 1, addresses: [address] })
    expect(await signerOf({ digest: request.digest, signature: signature ?? '' })).toBe(address)
  })

  test('worked example: a book that asks for two takes it beside one of ours, and not alone', async () => {
    const request = requestOf()
    const at = { chain, request }
    const local = LocalSigner.of({ privateKeys: [Wallet.privateKeyOf('ours')], threshold: 1, chainIds: [book.chainId] })
    await expect(Posted.accept(at, await signer.sign(request))).rejects.toThrow('NotEnoughSigners')
    await Posted.accept(at, await JointSigner.of('lit-rest', [local, signer]).sign(request))
    expect(await Posted.standing(at)).toMatchObject({ maxNotional: request.certificate.maxNotional, live: true, sequence: 1n })
  })

  test('edge: a response that is the text of JSON', async () => {
    service.become({ kind: 'text' })
    expect(await outcomeOf(signer.sign(requestOf()))).toBe('SIGNED')
    service.become({ kind: 'busy', times: 2 })
    expect(await outcomeOf(signer.sign(requestOf()))).toBe('SIGNED')
  })

  test('error: what does not follow from its document, or is of another book, is refused', async () => {
    const { certificate } = requestOf()
    const before = service.requests()
    for (const change of [
      { maxNotional: certificate.maxNotional + 1n },
      { imPpm: certificate.imPpm - 1 },
      { expiresAt: certificate.issuedAt + 400n },
    ])
      expect(await outcomeOf(signer.sign(requestOf(change)))).toMatch(/^SIGNERS_DISAGREE refused: [A-Z_]+: .+/)
    const elsewhere = { ...requestOf(), limitBook: `0x${'0d'.repeat(20)}` as Hex }
    expect(await outcomeOf(signer.sign(elsewhere))).toBe('SIGNERS_DISAGREE refused: BOOK_UNKNOWN: There is no such book at that venue.')
    expect(service.requests()).toBe(before + 4)
  })

  test.each<[LitService.Fault, RegExp]>([
    [{ kind: 'impostor' }, /false: what came back is a signature of 0x[0-9a-f]{40}$/],
    [{ kind: 'other' }, /false: what came back is a signature of 0x[0-9a-f]{40}$/],
    [{ kind: 'malleable' }, /false: what came back is no signature over the digest$/],
  ])('error: a signature that is none of the key: %o', async (fault, said) => {
    service.become(fault)
    expect(await outcomeOf(signer.sign(requestOf()))).toMatch(said)
  })

  test.each(['null', '7', '{}', '{"status":"signed"}', '{"status":"signed","signature":"0x12"}', '{"status":"signed","signature":7}'])(
    'error: a response that is no answer: %s',
    async (response) => {
      service.become({ kind: 'body', text: `{"has_error":false,"logs":"","response":${response}}` })
      expect(await outcomeOf(signer.sign(requestOf()))).toContain('SIGNERS_UNAVAILABLE false')
    },
  )

  test.each<[LitService.Fault, string]>([
    [{ kind: 'down' }, 'unreachable'],
    [{ kind: 'hang' }, 'timeout'],
    [{ kind: 'drip', milliseconds: 50 }, 'timeout'],
    [{ kind: 'status', status: 401, text: apiKey }, 'unable'],
    [{ kind: 'status', status: 500, text: apiKey }, 'unable'],
    [{ kind: 'redirect', to: 'http://127.0.0.1:1/' }, 'unable'],
    [{ kind: 'error', logs: `it failed with ${apiKey}` }, 'unable'],
    [{ kind: 'huge', bytes: 1e8 }, 'unable'],
    [{ kind: 'body', text: '<html>' }, 'unable'],
  ])('error: a service that fails: %o', async (fault, why) => {
    service.become(fault)
    expect(await outcomeOf(open({ timeoutMs: 500 }).sign(requestOf()))).toContain(`SIGNERS_UNAVAILABLE ${why}: `)
  })

  test('error: a refusal with our key in it', async () => {
    service.become({ kind: 'body', text: `{"has_error":false,"response":{"status":"refused","code":"${apiKey}","message":"${apiKey}"}}` })
    expect(await outcomeOf(signer.sign(requestOf()))).toBe('SIGNERS_DISAGREE refused: (the key): (the key)')
  })

  test('error: another source than the one whose key is expected', async () => {
    const other = open({ action: `${action} ` })
    const said = `SIGNERS_UNAVAILABLE false: what came back is a signature of ${service.addressOf(`${action} `).toLowerCase()}`
    expect(await outcomeOf(other.sign(requestOf()))).toBe(said)
  })

  test('error: a document that is longer than the service takes is not sent', async () => {
    const before = service.requests()
    const request = { ...requestOf(), document: 'x'.repeat(LitRest.limits.params) }
    await expect(signer.sign(request)).rejects.toThrow(LitRest.TooLargeError)
    expect(service.requests()).toBe(before)
  })

  test('error: an address that is none', () => {
    expect(() => open({ address: '0x12' })).toThrow('signer is "0x12"')
  })
})
