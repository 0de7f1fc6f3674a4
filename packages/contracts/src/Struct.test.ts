import { type Abi, type AbiFunction, type Address, getAddress, type Hex, hashTypedData, zeroAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import {
  Certificate,
  collateralVaultAbi,
  EndConsent,
  Hash,
  LinkAccount,
  limitBookAbi,
  MarkDown,
  Market,
  MarketParams,
  MergeParticipants,
  Release,
  Settlement,
  Signature,
  Struct,
} from './index.ts'

const address: Address = '0xabcdefabcdefabcdefabcdefabcdefabcdefabcd'
const runs = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const hash = Hash.ofText('anything')
const book = { chainId: 31337003, verifyingContract: address }

const certificate: Certificate.Certificate = {
  participantId: hash,
  account: address,
  venue: zeroAddress,
  market: Market.id('ETH-PERP'),
  maxNotional: 2n ** 128n - 1n,
  credit: 0n,
  imPpm: 100_000,
  sequence: 2n ** 64n - 1n,
  issuedAt: 1_700_000_000n,
  expiresAt: 1_700_000_300n,
  epoch: 1,
  inputsHash: hash,
  modelHash: hash,
  paramsHash: hash,
}
const release: Release.Release = {
  id: hash,
  account: address,
  token: zeroAddress,
  amount: 5n,
  to: address,
  deadline: 1_700_000_000n,
  epoch: 3,
}
const settlement: Settlement.Settlement = {
  id: hash,
  account: address,
  token: zeroAddress,
  amount: 5n,
  venueChainId: 31_337_003n,
  venue: address,
  escrow: address,
  encumbrance: 6n,
  deadline: 1_700_000_000n,
  epoch: 3,
}
const evidence: MarkDown.Evidence = { lots: [{ asset: hash, amount: 7n, haircutPpm: 100_000 }], sharePpm: 500_000 }
const markDown: MarkDown.MarkDown = {
  account: address,
  venue: zeroAddress,
  credit: 9n,
  sequence: 2n,
  epoch: 3,
  inputsHash: MarkDown.hashOf(evidence),
  issuedAt: 1_700_000_000n,
}
const params: MarketParams.MarketParams = { market: hash, mmPpm: 50_000, effectiveAt: 1_700_000_000n, sequence: 4n, epoch: 1 }
const link: LinkAccount.LinkAccount = {
  participantId: hash,
  account: `eip155:0:${address}`,
  primary: `eip155:0:${zeroAddress}`,
  nonce: hash,
  issuedAt: 1_700_000_000n,
  expiresAt: 1_700_000_600n,
}
const merge: MergeParticipants.MergeParticipants = {
  from: hash,
  into: Hash.ofText('another'),
  fromAccount: `eip155:0:${address}`,
  intoAccount: `eip155:0:${zeroAddress}`,
  nonce: hash,
  issuedAt: 1_700_000_000n,
  expiresAt: 1_700_000_600n,
}

const end: EndConsent.EndConsent = { account: link.account, other: link.primary, issuedAt: 1_700_000_000n }

describe('toMessage and fromMessage', () => {
  test('worked example', () => {
    expect(Certificate.toMessage(certificate)).toEqual({
      participantId: hash,
      account: address,
      venue: zeroAddress,
      market: '0x352291f10e3a0d4a9f7beb3b623eac0b06f735c95170f956bc68b2f8b504a35d',
      maxNotional: '340282366920938463463374607431768211455',
      credit: '0',
      imPpm: 100_000,
      sequence: '18446744073709551615',
      issuedAt: '1700000000',
      expiresAt: '1700000300',
      epoch: 1,
      inputsHash: hash,
      modelHash: hash,
      paramsHash: hash,
    })
  })

  test('property: through JSON and back is the same', () => {
    const through = (message: unknown): unknown => JSON.parse(JSON.stringify(message))
    expect(Certificate.fromMessage(through(Certificate.toMessage(certificate)))).toEqual(certificate)
    expect(Release.fromMessage(through(Release.toMessage(release)))).toEqual(release)
    expect(MarketParams.fromMessage(through(MarketParams.toMessage(params)))).toEqual(params)
    expect(LinkAccount.fromMessage(through(LinkAccount.toMessage(link)))).toEqual(link)
    expect(MergeParticipants.fromMessage(through(MergeParticipants.toMessage(merge)))).toEqual(merge)
    expect(EndConsent.fromMessage(through(EndConsent.toMessage(end)))).toEqual(end)
    expect(Settlement.fromMessage(through(Settlement.toMessage(settlement)))).toEqual(settlement)
    expect(MarkDown.fromMessage(through(MarkDown.toMessage(markDown)))).toEqual(markDown)
  })

  test('edge: addresses and hashes come out in lower case', () => {
    const mixed = { ...certificate, account: '0xABcdEFABcdEFabcdEfAbCdefabcdeFABcDEFabCD' as Address }
    expect(Certificate.toMessage(mixed)).toEqual(Certificate.toMessage(certificate))
    expect(Certificate.fromMessage({ ...Certificate.toMessage(certificate), account: mixed.account })).toEqual(certificate)
  })

  test.each([
    ['maxNotional', '340282366920938463463374607431768211456'],
    ['maxNotional', '-1'],
    ['maxNotional', '1.5'],
    ['maxNotional', '0x10'],
    ['maxNotional', '007'],
    ['maxNotional', ''],
    ['maxNotional', true],
    ['maxNotional', 5],
    ['maxNotional', '1'.repeat(80)],
    ['sequence', '18446744073709551616'],
    ['imPpm', '100000'],
    ['imPpm', -1],
    ['imPpm', 1.5],
    ['imPpm', Number.NaN],
    ['imPpm', 2 ** 32],
    ['account', '0x1234'],
    ['account', `${address.slice(0, -1)}g`],
    ['account', `${address}\n`],
    ['market', address],
    ['market', null],
    ['market', undefined],
  ])('error: %s may not be %j', (field, value) => {
    const attempt = () => Certificate.fromMessage({ ...Certificate.toMessage(certificate), [field]: value })
    expect(attempt).toThrow(Struct.MalformedError)
    expect(attempt).toThrow(field)
  })

  test('error: an unknown field, and what is no object', () => {
    expect(() => Certificate.fromMessage({ ...Certificate.toMessage(certificate), more: 1 })).toThrow('has no field more')
    for (const message of [null, 'text', 5, [], undefined]) expect(() => Certificate.fromMessage(message)).toThrow('must be an object')
    expect(() => Release.fromMessage(Object.create(Release.toMessage(release)))).toThrow(Struct.MalformedError)
  })

  test('error: a struct out of range', () => {
    expect(() => Certificate.toMessage({ ...certificate, credit: -1n })).toThrow(Struct.MalformedError)
    expect(() => Certificate.toMessage({ ...certificate, credit: 2n ** 128n })).toThrow(Struct.MalformedError)
    expect(() => Certificate.toMessage({ ...certificate, sequence: 2n ** 64n })).toThrow(Struct.MalformedError)
    expect(() => LinkAccount.toMessage({ ...link, account: 5 as unknown as string })).toThrow(Struct.MalformedError)
  })
})

describe('digest', () => {
  /** The fields of a function's first argument, as the compiler wrote them. */
  function componentsOf(abi: Abi, name: string) {
    const found = abi.find((item): item is AbiFunction => item.type === 'function' && item.name === name)
    const [input] = found?.inputs ?? []
    const components = input && 'components' in input ? input.components : []
    return components.map((component) => ({ name: component.name, type: component.type }))
  }

  test('vector: the types are those in the ABI, field by field', () => {
    expect(componentsOf(limitBookAbi, 'accept')).toEqual(Certificate.types.Limit)
    expect(componentsOf(limitBookAbi, 'markDown')).toEqual(MarkDown.types.MarkDown)
    expect(componentsOf(collateralVaultAbi, 'queueSettlement')).toEqual(Settlement.types.Settlement)
    expect(componentsOf(collateralVaultAbi, 'release')).toEqual(Release.types.Release)
  })

  test('vector: golden digests, the same as the contracts give', () => {
    expect(Settlement.digest(settlement, book)).toBe('0xda0188b3d9ed62533a8f25513ee631d2132d6d358d78f476014dfeee7c3360dc')
    expect(MarkDown.digest(markDown, book)).toBe('0x4886b206cd8a1e46f84b206134b6a50ad28e84f06088cebbfe2f371ad6faa2a5')
    expect(MarkDown.hashOf(evidence)).toBe('0xd0f7e486cbdbd54cc898adcfb6b45836b20d5d4d85c5e1f56423368be72f6a1a')
    expect(Settlement.venueId(31_337_003, address)).toBe('0x333531e5e69d188f1dd02f0fc74d3e02aa8d1c244bbd576147786577f12fb0f0')
  })

  test('edge: every field, and the domain, changes it', () => {
    const digest = Certificate.digest(certificate, book)
    const flip = (value: unknown): unknown =>
      typeof value === 'bigint'
        ? value ^ 1n
        : typeof value === 'number'
          ? value ^ 1
          : `${String(value).slice(0, -1)}${String(value).endsWith('1') ? '2' : '1'}`
    for (const [field, value] of Object.entries(certificate))
      expect(Certificate.digest({ ...certificate, [field]: flip(value) }, book), field).not.toBe(digest)
    expect(Certificate.digest(certificate, { ...book, chainId: 1 })).not.toBe(digest)
    expect(Certificate.digest(certificate, { ...book, verifyingContract: zeroAddress })).not.toBe(digest)
  })

  test("property: the same bytes as viem's own hash, over random certificates and books", () => {
    let seed = 0n
    const bits = (width: number): bigint => {
      seed += 1n
      return BigInt(Hash.ofText(`${seed}`)) >> BigInt(256 - width)
    }
    const hex = (bytes: number): Hex =>
      `0x${bits(8 * bytes)
        .toString(16)
        .padStart(2 * bytes, '0')}`
    for (let run = 0; run < Math.min(500, runs); run += 1) {
      const random: Certificate.Certificate = {
        ...{ participantId: hex(32), account: hex(20), venue: hex(20), market: hex(32), maxNotional: bits(128), credit: bits(100) },
        ...{ imPpm: Number(bits(32)), sequence: bits(64), issuedAt: bits(64), expiresAt: bits(33), epoch: Number(bits(32)) },
        ...{ inputsHash: hex(32), modelHash: hex(32), paramsHash: hex(32) },
      }
      const at = { chainId: Number(bits(30)), verifyingContract: hex(20) }
      expect(Certificate.digest(random, at), JSON.stringify(at)).toBe(hashTypedData(Certificate.typedData(random, at)))
    }
  })

  test('edge: the addresses that viem takes in another case, and what it refuses', () => {
    const checksummed = { ...certificate, account: getAddress(address) }
    expect(Certificate.digest(checksummed, book)).toBe(Certificate.digest(certificate, book))
    expect(Certificate.digest(certificate, { ...book, verifyingContract: getAddress(address) })).toBe(Certificate.digest(certificate, book))
    const wrong: Partial<Certificate.Certificate>[] = [
      { account: '0xABCDEFabcdefabcdefabcdefabcdefabcdefabcd' },
      { participantId: '0x12' },
      { maxNotional: 2n ** 128n },
      { credit: -1n },
      { sequence: 2n ** 64n },
      { imPpm: 2 ** 32 },
      { epoch: -1 },
    ]
    for (const it of wrong) expect(() => Certificate.digest({ ...certificate, ...it }, book), Object.keys(it)[0] ?? '').toThrow()
  })

  test('edge: many books are remembered no longer than they fit', () => {
    const first = Certificate.digest(certificate, book)
    for (let chainId = 1; chainId <= 600; chainId += 1) Certificate.digest(certificate, { ...book, chainId })
    expect(Certificate.digest(certificate, book)).toBe(first)
  })

  test('edge: nothing else does', () => {
    const more = { ...certificate, more: 1 } as Certificate.Certificate
    expect(Certificate.toStruct(more)).toEqual(certificate)
    expect(Certificate.digest(more, book)).toBe(Certificate.digest(certificate, book))
  })

  test('worked example: a link has no chain and no contract', () => {
    const { domain, types, primaryType, message } = LinkAccount.typedData(link)
    expect(domain).toEqual({ name: 'Plimsoll', version: '1' })
    expect(hashTypedData({ domain, types, primaryType, message })).toBe(LinkAccount.digest(link))
  })

  test('worked example: nor has a merge; turned round it is another', () => {
    const { domain, types, primaryType, message } = MergeParticipants.typedData(merge)
    expect(domain).toEqual({ name: 'Plimsoll', version: '1' })
    expect(hashTypedData({ domain, types, primaryType, message })).toBe(MergeParticipants.digest(merge))
    expect(MergeParticipants.digest({ ...merge, from: merge.into, into: merge.from })).not.toBe(MergeParticipants.digest(merge))
  })

  test('worked example: nor has the end of either; who parts from whom is said', () => {
    const { domain, types, primaryType, message } = EndConsent.typedData(end)
    expect(domain).toEqual({ name: 'Plimsoll', version: '1' })
    expect(hashTypedData({ domain, types, primaryType, message })).toBe(EndConsent.digest(end))
    expect(EndConsent.digest({ ...end, account: end.other, other: end.account })).not.toBe(EndConsent.digest(end))
    expect(EndConsent.digest({ ...end, other: '' })).not.toBe(EndConsent.digest(end))
  })
})

describe('recover and sort', () => {
  const accounts = [1n, 2n, 3n].map((key) => privateKeyToAccount(`0x${key.toString(16).padStart(64, '0')}`))
  const digest = Release.digest(release, book)
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

  /** The other signature that says the same. */
  function twin(signature: Hex): Hex {
    const s = order - BigInt(`0x${signature.slice(66, 130)}`)
    return `0x${signature.slice(2, 66)}${s.toString(16).padStart(64, '0')}${signature.endsWith('1b') ? '1c' : '1b'}`
  }

  test('worked example: sorted by signer, whatever the order given', async () => {
    const signatures = await Promise.all(accounts.map((account) => account.sign({ hash: digest })))
    const sorted = await Signature.sort(digest, signatures)
    expect(await Signature.sort(digest, [...signatures].reverse())).toEqual(sorted)
    const signers = await Promise.all(sorted.map((signature) => Signature.recover(digest, signature)))
    expect(signers.map((signer) => BigInt(signer))).toEqual(
      accounts.map((account) => BigInt(account.address)).sort((a, b) => (a < b ? -1 : 1)),
    )
  })

  test('error: the high-s twin, and other forms', async () => {
    const [account] = accounts
    const signature = (await account?.sign({ hash: digest })) ?? '0x'
    expect(await Signature.recover(digest, twin(twin(signature)))).toBe(account?.address)
    const bad: Hex[] = [
      twin(signature),
      '0x',
      `${signature}00`,
      `${signature.slice(0, -2)}00` as Hex,
      `${signature.slice(0, -2)}1d` as Hex,
      `0x${'00'.repeat(64)}1b`,
    ]
    for (const it of bad) await expect(Signature.recover(digest, it), it).rejects.toBeInstanceOf(Signature.MalformedSignatureError)
  })
})

describe('Market.id', () => {
  test.each(['', 'eth-perp', 'ETH PERP', 'A'.repeat(33), 'ETH-PERP\n'])('error: %j cannot name a market', (symbol) => {
    expect(() => Market.id(symbol)).toThrow(Market.MalformedSymbolError)
  })
})
