import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Envelope from './Envelope.ts'
import * as Exhibit from './Exhibit.ts'
import type { Hex } from './Hex.ts'
import * as Hpke from './Hpke.ts'
import * as PrivateTree from './PrivateTree.ts'
import * as NodeEnvelope from './testing/NodeEnvelope.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const bytesOf = (text: string) => createHash('sha256').update(text).digest()
const hexOf = (text: string): Hex => `0x${bytesOf(text).toString('hex')}`

const leaves: readonly PrivateTree.Leaf[] = [
  { type: 'string', name: 'name', value: 'Ånn Exämple 🙂', salt: hexOf('salt 1') },
  { type: 'uint256', name: 'volume', value: 1_250_000n, salt: hexOf('salt 2') },
  { type: 'bool', name: 'over 18', value: true, salt: hexOf('salt 3') },
  { type: 'bytes32', name: 'document', value: `0x${'0D'.repeat(32)}`, salt: hexOf('salt 4') },
  { type: 'address', name: 'wallet', value: '0xcA11bde05977b3631167028862bE2a173976CA11', salt: hexOf('salt 5') },
]
const binding: Exhibit.Binding = { schema: hexOf('schema'), root: PrivateTree.root(leaves), owner: hexOf('owner') }
const shown = (names: readonly string[]): Exhibit.Exhibit => ({ ...binding, disclosure: PrivateTree.disclose(leaves, names) })
const keys = (n: number) => Promise.all(Array.from({ length: n }, () => Hpke.keyPair()))
const publicOf = (pairs: readonly Hpke.KeyPair[]) => pairs.map(({ publicKey }) => publicKey)
const codeOf = (opening: Promise<unknown>) =>
  opening.then(
    () => 'opened',
    (error: { readonly code?: string }) => error.code ?? String(error),
  )

/** An envelope by the other implementation, with whatever text. */
function crafted(args: {
  readonly text: string | Buffer
  readonly to: Hpke.KeyPair
  readonly seed?: string
  readonly commitment?: Buffer
}): Buffer {
  const { text, to, seed = 'crafted', ...rest } = args
  const nobody = Array.from({ length: 15 }, (_, i) => NodeEnvelope.pair(bytesOf(`${seed} nobody ${i}`)).publicKey)
  return NodeEnvelope.seal({
    ...{ text, dataKey: bytesOf(`${seed} data key`), recipients: [Buffer.from(to.publicKey.slice(2), 'hex'), ...nobody] },
    ...rest,
    ephemerals: Array.from({ length: 16 }, (_, i) => bytesOf(`${seed} ephemeral ${i}`)),
  })
}

describe('seal and open', () => {
  test('worked example: two recipients read what is shown, and it stands under the root that was attested', async () => {
    const [ann, ben, eve] = (await keys(3)) as [Hpke.KeyPair, Hpke.KeyPair, Hpke.KeyPair]
    const envelope = await Envelope.seal(shown(['over 18']), publicOf([ann, ben]))
    for (const { privateKey } of [ann, ben]) {
      const disclosure = await Envelope.open(envelope, { binding, privateKey })
      expect(disclosure.leaves).toEqual([leaves[2]])
      expect(PrivateTree.holds(binding.root, disclosure)).toBe(true)
    }
    expect(await codeOf(Envelope.open(envelope, { binding, privateKey: eve.privateKey }))).toBe('ENVELOPE_NOT_FOR_KEY')
  })

  test('worked example: a backup of every value makes the tree again', async () => {
    const [owner] = (await keys(1)) as [Hpke.KeyPair]
    const envelope = await Envelope.seal(shown(leaves.map(({ name }) => name)), [owner.publicKey])
    const { leaves: back } = await Envelope.open(envelope, { binding, privateKey: owner.privateKey })
    expect(PrivateTree.root(back)).toBe(binding.root)
  })

  test('edge: its length tells neither how many read it nor, but for its power of two, how much', async () => {
    const pairs = await keys(16)
    const lengths = await Promise.all(
      [1, 2, 16].map(async (n) => (await Envelope.seal(shown(['name']), publicOf(pairs.slice(0, n)))).length),
    )
    expect(lengths).toEqual([2360, 2360, 2360])
    expect((await Envelope.seal(shown(['name', 'volume']), publicOf(pairs))).length).toBe(2360)
    const texts = [binding.schema, binding.root, binding.owner, ...publicOf(pairs)].map((it) => it.slice(2))
    const wire = Buffer.from(await Envelope.seal(shown(['name']), publicOf(pairs))).toString('hex')
    for (const secret of [...texts, Buffer.from('Exämple').toString('hex')]) expect(wire).not.toContain(secret)
  })

  test('edge: slots are in the order of their bytes, so that a place says nothing, and each opens for one', async () => {
    const pairs = await keys(3)
    const envelope = Buffer.from(await Envelope.seal(shown(['name']), publicOf(pairs)))
    const slots = Array.from({ length: 16 }, (_, i) => envelope.subarray(8 + i * 80, 88 + i * 80))
    expect([...slots].sort(Buffer.compare)).toEqual(slots)
    for (const { privateKey } of pairs) expect(NodeEnvelope.open(envelope, Buffer.from(privateKey.slice(2), 'hex')).opened).toBe(1)
  })

  test('edge: content of just a power of two has no padding; one byte more doubles it', async () => {
    const [ann] = (await keys(1)) as [Hpke.KeyPair]
    const sized = async (length: number) => {
      const leaf = { type: 'string', name: 'x', value: '', salt: hexOf('salt') } as const
      const of = (value: string) => {
        const own = [{ ...leaf, value }]
        return { ...binding, root: PrivateTree.root(own), disclosure: PrivateTree.disclose(own, ['x']) }
      }
      const exhibit = of('v'.repeat(length - Exhibit.format(of('')).length))
      const envelope = await Envelope.seal(exhibit, [ann.publicKey])
      const { leaves: back } = await Envelope.open(envelope, { binding: exhibit, privateKey: ann.privateKey })
      expect(back).toEqual(exhibit.disclosure.leaves)
      return envelope.length - 1320 - 16
    }
    expect([await sized(1024), await sized(1025), await sized(2048), await sized(1 << 20)]).toEqual([1024, 2048, 2048, 1 << 20])
    expect(Envelope.maxBytes).toBe(1320 + (1 << 20) + 16)
  })

  test('error: a byte more than 1 MiB is not sealed', async () => {
    const [ann] = (await keys(1)) as [Hpke.KeyPair]
    const own = [{ type: 'string', name: 'x', value: 'v'.repeat(1 << 20), salt: hexOf('salt') }] as const
    const exhibit = { ...binding, root: PrivateTree.root(own), disclosure: PrivateTree.disclose(own, ['x']) }
    await expect(Envelope.seal(exhibit, [ann.publicKey])).rejects.toThrow(Envelope.TooLargeError)
  })

  test('edge: every byte changed is refused, whoever’s slot it is in', { timeout: 240_000 }, async () => {
    const [ann, ben] = (await keys(2)) as [Hpke.KeyPair, Hpke.KeyPair]
    const envelope = await Envelope.seal(shown(['over 18']), publicOf([ann, ben]))
    const codes = new Map<string, number>()
    // Each byte of what stands once, and every fifth of slots and body; each of all in a deep run.
    const step = numRuns < 10_000 ? 5 : 1
    for (const at of envelope.keys()) {
      if (at > 160 && at % step !== 0) continue
      const changed = new Uint8Array(envelope)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      const code = await codeOf(Envelope.open(changed, { binding, privateKey: ann.privateKey }))
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    expect(envelope).toHaveLength(2360)
    expect([...codes.values()].reduce((sum, n) => sum + n, 0)).toBe(step === 1 ? 2360 : 161 + 439)
    expect(codes.get('ENVELOPE_VERSION_UNKNOWN')).toBe(1)
    expect(codes.get('ENVELOPE_NOT_FOR_KEY')).toBeLessThanOrEqual(80)
    expect([...codes.keys()].filter((code) => !/^ENVELOPE_(TAMPERED|NOT_FOR_KEY|MALFORMED|VERSION_UNKNOWN)$/.test(code))).toEqual([])
  })

  test('edge: truncated anywhere, or longer, it is refused before anything is decrypted', async () => {
    const [ann] = (await keys(1)) as [Hpke.KeyPair]
    const envelope = await Envelope.seal(shown(['over 18']), [ann.publicKey])
    const open = (bytes: Uint8Array) => codeOf(Envelope.open(bytes, { binding, privateKey: ann.privateKey }))
    for (let length = 0; length < envelope.length; length += 1) expect(await open(envelope.slice(0, length))).toBe('ENVELOPE_MALFORMED')
    for (const more of [1, 16, 1024, 4096]) {
      const code = await open(Hpke.joined([envelope, new Uint8Array(more)]))
      // 1024 more is a length that an envelope may have.
      expect(code).toBe(more === 1024 ? 'ENVELOPE_TAMPERED' : 'ENVELOPE_MALFORMED')
    }
    expect(await open(Hpke.joined([envelope, new Uint8Array(Envelope.maxBytes)]))).toBe('ENVELOPE_TOO_LARGE')
    expect(await open(Hpke.joined([new Uint8Array(8), envelope]))).toBe('ENVELOPE_MALFORMED')
  })

  test('edge: nothing of one envelope serves in another: slots, commitment, body', async () => {
    const [ann] = (await keys(1)) as [Hpke.KeyPair]
    const [one, two] = [await Envelope.seal(shown(['over 18']), [ann.publicKey]), await Envelope.seal(shown(['name']), [ann.publicKey])]
    const cuts = [
      [8, 1288],
      [1288, 1320],
      [1320, 2360],
      [1288, 2360],
      [8, 1320],
    ] as const
    for (const [from, to] of cuts) {
      const mixed = Hpke.joined([one.slice(0, from), two.slice(from, to), one.slice(to)])
      expect(await codeOf(Envelope.open(mixed, { binding, privateKey: ann.privateKey }))).toBe('ENVELOPE_TAMPERED')
    }
  })

  test('edge: slots in another order are another envelope', async () => {
    const [ann] = (await keys(1)) as [Hpke.KeyPair]
    const envelope = await Envelope.seal(shown(['over 18']), [ann.publicKey])
    const turned = Hpke.joined([envelope.slice(0, 8), envelope.slice(88, 168), envelope.slice(8, 88), envelope.slice(168)])
    expect(await codeOf(Envelope.open(turned, { binding, privateKey: ann.privateKey }))).toBe('ENVELOPE_MALFORMED')
    const twice = Hpke.joined([envelope.slice(0, 88), envelope.slice(8, 88), envelope.slice(168)])
    expect(await codeOf(Envelope.open(twice, { binding, privateKey: ann.privateKey }))).toBe('ENVELOPE_MALFORMED')
  })

  test('property: any choice of values for any recipients opens for each of them, and shows those values', {
    timeout: 600_000,
  }, async () => {
    const pairs = await keys(16)
    const chosen = fc.subarray([...leaves], { minLength: 1 })
    // Each reader costs a key agreement; up to all sixteen in a deep run.
    const readers = fc.shuffledSubarray(pairs, { minLength: 1, maxLength: numRuns < 10_000 ? 5 : 16 })
    await fc.assert(
      fc.asyncProperty(chosen, readers, fc.nat(), async (some, to, pick) => {
        const envelope = await Envelope.seal(shown(some.map(({ name }) => name)), publicOf(to))
        const reader = to[pick % to.length] ?? to[0]
        if (!reader) return
        const { leaves: back } = await Envelope.open(envelope, { binding, privateKey: reader.privateKey })
        const wanted = some.map(({ type, value, ...rest }) => ({
          ...rest,
          ...{ type, value: typeof value === 'string' && type !== 'string' ? value.toLowerCase() : value },
        }))
        expect(new Set(back)).toEqual(new Set(wanted))
      }),
      { numRuns },
    )
  })

  test('property: any text is one envelope, read as it was written', { timeout: 600_000 }, async () => {
    const [ann] = (await keys(1)) as [Hpke.KeyPair]
    const text = fc.string({ unit: 'binary', maxLength: 200 }).filter((it) => it.isWellFormed())
    await fc.assert(
      fc.asyncProperty(text, text, async (name, value) => {
        const own = [{ type: 'string', name, value, salt: hexOf('salt') } as const]
        const exhibit = { ...binding, root: PrivateTree.root(own), disclosure: PrivateTree.disclose(own, [name]) }
        const { leaves: back } = await Envelope.open(await Envelope.seal(exhibit, [ann.publicKey]), {
          ...{ binding: exhibit, privateKey: ann.privateKey },
        })
        expect(back).toEqual(own)
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })

  test.each<[keyof Exhibit.Binding]>([['schema'], ['root'], ['owner']])(
    'error: asked for another %s, it is refused by name',
    async (field) => {
      const [ann] = (await keys(1)) as [Hpke.KeyPair]
      const envelope = await Envelope.seal(shown(['over 18']), [ann.publicKey])
      const asked = { binding: { ...binding, [field]: hexOf('another') }, privateKey: ann.privateKey }
      await expect(Envelope.open(envelope, asked)).rejects.toMatchObject({ name: 'Envelope.ForeignError', code: 'ENVELOPE_FOREIGN', field })
    },
  )

  test('error: no recipient, 17, one twice, no key', async () => {
    const pairs = await keys(17)
    const [first = '0x'] = publicOf(pairs)
    const seal = (to: readonly Hex[]) => codeOf(Envelope.seal(shown(['name']), to))
    expect(await seal([])).toBe('RECIPIENTS_MISSING')
    expect(await seal(publicOf(pairs))).toBe('RECIPIENTS_TOO_MANY')
    expect(await seal([first, first])).toBe('RECIPIENTS_REPEATED')
    expect(await seal([first, `0x${'00'.repeat(32)}`])).toBe('KEY_INVALID')
    expect(await seal(['0x'])).toBe('KEY_INVALID')
    expect(await seal(publicOf(pairs.slice(1)))).toBe('opened')
  })

  test('error: what does not stand under the root is not sealed', async () => {
    const [ann] = (await keys(1)) as [Hpke.KeyPair]
    const seal = (exhibit: Exhibit.Exhibit) => codeOf(Envelope.seal(exhibit, [ann.publicKey]))
    expect(await seal({ ...shown(['name']), root: hexOf('another') })).toBe('EXHIBIT_UNPROVEN')
    expect(await seal({ ...binding, disclosure: { leaves: [], proof: [], flags: [] } })).toBe('EXHIBIT_UNPROVEN')
    expect(await seal({ ...shown(['name']), owner: '0x01' })).toBe('EXHIBIT_INVALID')
  })
})

describe('hostile senders', () => {
  const good = Exhibit.format(shown(['over 18']))
  test.each<[string, string, string]>([
    ['opened', 'as it should be', good],
    ['EXHIBIT_INVALID', 'no JSON', 'hello'],
    ['EXHIBIT_INVALID', 'nothing', ''],
    ['EXHIBIT_INVALID', 'null', 'null'],
    ['EXHIBIT_INVALID', 'a space', good.replace(':', ': ')],
    ['EXHIBIT_INVALID', 'a key more', good.replace('{"flags"', '{"a":1,"flags"')],
    ['EXHIBIT_INVALID', 'a key twice', good.replace('{"flags"', '{"flags":[],"flags"')],
    ['EXHIBIT_INVALID', 'an escape that need not be', good.replace('over', '\\u006fver')],
    ['EXHIBIT_INVALID', 'a lone surrogate', good.replace('over', '\\ud800')],
    ['EXHIBIT_INVALID', 'a prototype', good.replace('{"flags"', '{"__proto__":{},"flags"')],
    ['EXHIBIT_INVALID', 'no leaves', good.replace(/"leaves":\[.*?\]/, '"leaves":{}')],
    ['EXHIBIT_UNPROVEN', 'none of the leaves', good.replace(/"leaves":\[.*?\]/, '"leaves":[]')],
    ['EXHIBIT_UNPROVEN', 'another value', good.replace('"value":true', '"value":false')],
    ['EXHIBIT_INVALID', 'a value of another type', good.replace('"value":true', '"value":"true"')],
    ['EXHIBIT_INVALID', 'a type there is not', good.replace('"bool"', '"uint8"').replace('"value":true', '"value":"1"')],
    ['EXHIBIT_INVALID', 'a number', good.replace('"bool"', '"uint256"').replace('"value":true', '"value":1')],
    [
      'EXHIBIT_UNPROVEN',
      'a number beyond 256 bits',
      good.replace('"bool"', '"uint256"').replace('"value":true', `"value":"${'9'.repeat(78)}"`),
    ],
    ['EXHIBIT_INVALID', 'a long number', good.replace('"bool"', '"uint256"').replace('"value":true', `"value":"${'9'.repeat(90_000)}"`)],
    ['EXHIBIT_INVALID', 'depth', `${'['.repeat(500_000)}`],
    ['EXHIBIT_INVALID', 'closed depth', `${'['.repeat(400_000)}${']'.repeat(400_000)}`],
    ['EXHIBIT_UNPROVEN', 'a proof of thousands', good.replace('"proof":[', `"proof":[${`"0x${'ab'.repeat(32)}",`.repeat(10_000)}`)],
  ])('error: %s, %s', async (code, _, text) => {
    const [ann] = (await keys(1)) as [Hpke.KeyPair]
    expect(await codeOf(Envelope.open(crafted({ text, to: ann }), { binding, privateKey: ann.privateKey }))).toBe(code)
  })

  test('error: bytes that are no UTF-8, and padding that is no padding', async () => {
    const [ann] = (await keys(1)) as [Hpke.KeyPair]
    const open = (text: string) => codeOf(Envelope.open(crafted({ text, to: ann }), { binding, privateKey: ann.privateKey }))
    const own = [{ type: 'string', name: 'x', value: '\ufffd', salt: hexOf('salt') }] as const
    const other = { ...binding, root: PrivateTree.root(own), disclosure: PrivateTree.disclose(own, ['x']) }
    const [before = '', after = ''] = Exhibit.format(other).split('\ufffd')
    const broken = Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)])
    for (const [text, code] of [
      [Exhibit.format(other), 'opened'],
      [broken, 'EXHIBIT_INVALID'],
    ] as const)
      expect(await codeOf(Envelope.open(crafted({ text, to: ann }), { binding: other, privateKey: ann.privateKey }))).toBe(code)
    expect(await open(`\ufeff${good}`)).toBe('EXHIBIT_INVALID')
    expect(await open(`${good}\0x`)).toBe('EXHIBIT_INVALID')
    expect(await open(`${good}${'\0'.repeat(1500)}`)).toBe('EXHIBIT_INVALID')
    expect(await open(`${good}${'\0'.repeat(10)}`)).toBe('opened')
  })
})

describe('another implementation', () => {
  const ann = NodeEnvelope.pair(bytesOf('ann'))
  const to: Hpke.KeyPair = { publicKey: `0x${ann.publicKey.toString('hex')}`, privateKey: `0x${ann.secret.toString('hex')}` }

  test('vector: an envelope that node:crypto made from the page, byte for byte the same each time, opens', async () => {
    const envelope = crafted({ text: Exhibit.format(shown(['over 18', 'wallet'])), to, seed: 'golden' })
    expect(envelope.length).toBe(2360)
    expect(createHash('sha256').update(envelope).digest('hex')).toMatchInlineSnapshot(
      `"7882e95d14657d4c02a370a9a7153b7d63b25213ad8642b06aaf76868f47394d"`,
    )
    const { leaves: back } = await Envelope.open(envelope, { binding, privateKey: to.privateKey })
    expect(back.map(({ name }) => name).sort()).toEqual(['over 18', 'wallet'])
  })

  test('vector: node:crypto opens, from the page, what was sealed here', async () => {
    const exhibit = shown(['name', 'volume', 'document'])
    const { text } = NodeEnvelope.open(Buffer.from(await Envelope.seal(exhibit, [to.publicKey])), ann.secret)
    expect(text).toBe(Exhibit.format(exhibit))
  })

  test('edge: a body sealed whole, under another commitment than its key’s, is refused: one body says one thing to all', async () => {
    const text = Exhibit.format(shown(['over 18']))
    const envelope = crafted({ text, to, commitment: bytesOf('another') })
    expect(NodeEnvelope.open(crafted({ text, to }), ann.secret).text).toBe(text)
    expect(await codeOf(Envelope.open(envelope, { binding, privateKey: to.privateKey }))).toBe('ENVELOPE_TAMPERED')
  })
})
