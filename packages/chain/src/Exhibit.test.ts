import { describe, expect, test } from 'vitest'
import * as Exhibit from './Exhibit.ts'
import type { Hex } from './Hex.ts'
import * as PrivateTree from './PrivateTree.ts'

const word = (byte: string): Hex => `0x${byte.repeat(32)}`
const leaves: readonly PrivateTree.Leaf[] = [
  { type: 'uint256', name: 'volume', value: 7n, salt: word('01') },
  { type: 'address', name: 'wallet', value: '0xcA11bde05977b3631167028862bE2a173976CA11', salt: word('02') },
  { type: 'string', name: 'Née', value: 'AB"', salt: word('03') },
]
const binding: Exhibit.Binding = { schema: word('0a'), root: PrivateTree.root(leaves), owner: word('0b') }
const exhibit: Exhibit.Exhibit = { ...binding, disclosure: PrivateTree.disclose(leaves, ['volume']) }

describe('format and parse', () => {
  test('worked example: keys in order, no space, a number as a decimal string', () => {
    const [node = ''] = exhibit.disclosure.proof
    const rest = exhibit.disclosure.proof.slice(1).map((it) => `,"${it}"`)
    const flags = JSON.stringify(exhibit.disclosure.flags)
    const leaf = `{"name":"volume","salt":"${word('01')}","type":"uint256","value":"7"}`
    const text = `{"flags":${flags},"leaves":[${leaf}],"owner":"${word('0b')}","proof":["${node}"${rest.join('')}],"root":"${binding.root}","schema":"${word('0a')}"}`
    expect(Exhibit.format(exhibit)).toBe(text)
    expect(Exhibit.parse(text)).toEqual(exhibit)
  })

  test('worked example: hex comes back in lower case, a text as it was', () => {
    const disclosure = PrivateTree.disclose(leaves, ['wallet', 'Née'])
    const { disclosure: back } = Exhibit.parse(Exhibit.format({ ...binding, disclosure }))
    expect(back.leaves.map(({ value }) => value).sort()).toEqual(['0xca11bde05977b3631167028862be2a173976ca11', 'AB"'])
  })

  test.each<[string, Partial<Exhibit.Exhibit>]>([
    ['schema', { schema: '0x' }],
    ['root', { root: `0x${binding.root.slice(2).toUpperCase()}` }],
    ['owner', { owner: word('0B') }],
  ])('error: a %s that is not 32 bytes of lower-case hex', (what, change) => {
    expect(() => Exhibit.format({ ...exhibit, ...change })).toThrow(expect.objectContaining({ code: 'EXHIBIT_INVALID', what }))
  })

  test('error: a text with half a character would be another text for its reader', () => {
    for (const broken of [{ name: '\ud800' }, { value: '\udc00' }]) {
      const own = [{ type: 'string', name: 'a', value: 'b', salt: word('04'), ...broken }] as const
      const shown = {
        ...binding,
        root: PrivateTree.root(own),
        disclosure: PrivateTree.disclose(
          own,
          own.map(({ name }) => name),
        ),
      }
      expect(() => Exhibit.format(shown)).toThrow(Exhibit.InvalidExhibitError)
    }
  })

  test('error: what stands under another root is not shown', () => {
    expect(() => Exhibit.format({ ...exhibit, root: word('0c') })).toThrow(Exhibit.UnprovenError)
    const text = Exhibit.format(exhibit)
    expect(() => Exhibit.parse(text.replace(binding.root, word('0c')))).toThrow(Exhibit.UnprovenError)
    expect(() => Exhibit.parse(` ${text}`)).toThrow(Exhibit.InvalidExhibitError)
  })

  test.each([
    ['flags', [true, 1]],
    ['flags', 'true'],
    ['proof', [word('0a'), '0x0a']],
    ['proof', {}],
  ])('error: %s of another shape: %j', (what, value) => {
    const text = JSON.stringify({ ...(JSON.parse(Exhibit.format(exhibit)) as object), [what]: value })
    expect(() => Exhibit.parse(text)).toThrow(expect.objectContaining({ code: 'EXHIBIT_INVALID', what }))
  })

  test.each(['flags', 'leaves', 'owner', 'proof', 'root', 'schema'])('error: without its %s', (what) => {
    const { [what]: _, ...rest } = JSON.parse(Exhibit.format(exhibit)) as Record<string, unknown>
    expect(() => Exhibit.parse(JSON.stringify(rest))).toThrow(expect.objectContaining({ code: 'EXHIBIT_INVALID', what }))
  })
})

describe('leaf', () => {
  const salt = word('01')
  test.each<[unknown, PrivateTree.Leaf['value']]>([
    [{ name: 'a', salt, type: 'uint256', value: '0' }, 0n],
    [{ name: 'a', salt, type: 'bool', value: false }, false],
    [{ name: 'a', salt, type: 'string', value: '' }, ''],
    [{ name: 'a', salt, type: 'bytes32', value: word('0a') }, word('0a')],
    [{ name: 'a', salt, type: 'address', value: `0x${'0a'.repeat(20)}` }, `0x${'0a'.repeat(20)}`],
  ])('worked example: %j', (json, value) => {
    expect(Exhibit.leaf(json).value).toBe(value)
  })

  test.each<[string, unknown]>([
    ['leaf', null],
    ['leaf', 'text'],
    ['leaf', { name: 1, salt, type: 'bool', value: true }],
    ['leaf', { name: 'a', salt: '0x', type: 'bool', value: true }],
    ['value of "a"', { name: 'a', salt, type: 'bool', value: 'true' }],
    ['value of "a"', { name: 'a', salt, type: 'uint256', value: '01' }],
    ['value of "a"', { name: 'a', salt, type: 'uint256', value: '-1' }],
    ['value of "a"', { name: 'a', salt, type: 'uint256', value: '9'.repeat(79) }],
    ['value of "a"', { name: 'a', salt, type: 'bytes32', value: word('0A') }],
    ['value of "a"', { name: 'a', salt, type: 'address', value: word('0a') }],
    ['value of "a"', { name: 'a', salt, type: 'string', value: 5 }],
    ['value of "a"', { name: 'a', salt, type: 'string' }],
    [`value of "${'a'.repeat(80)}"`, { name: 'a'.repeat(81), salt, type: 'bool', value: 1 }],
    ['value of "a"', { name: 'a', salt, type: 'bytes', value: '0x' }],
    ['value of "\\u001b[2J"', { name: '\u001b[2J', salt, type: 'bool', value: 1 }],
  ])('error: its %s', (what, json) => {
    expect(() => Exhibit.leaf(json)).toThrow(expect.objectContaining({ what }))
  })
})
