import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Parse } from '@plimsoll/margin'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, BookDocument } from './index.ts'
import { crossBook, isolated, market, usd } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
type Schema = { readonly [key: string]: unknown }
const schema: Schema = JSON.parse(readFileSync(join(import.meta.dirname, '../schema/book.schema.json'), 'utf8'))

/** The keywords that the schema uses, and no others. */
function conforms(value: unknown, given: Schema): boolean {
  const known = ['$schema', '$id', '$defs', 'title', 'description', '$ref', 'const', 'enum', 'type', 'required', 'additionalProperties']
  const words = [...known, 'properties', 'items', 'pattern', 'minimum', 'maximum']
  for (const word of Object.keys(given)) if (!words.includes(word)) throw new Error(`the test knows no ${word}`)
  if (typeof given['$ref'] === 'string') {
    const target = (schema['$defs'] as Record<string, Schema>)[given['$ref'].split('/').at(-1) ?? '']
    return target !== undefined && conforms(value, target)
  }
  if ('const' in given && value !== given['const']) return false
  if (Array.isArray(given['enum']) && !given['enum'].includes(value)) return false
  const type = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : value === null ? 'null' : typeof value
  if (given['type'] !== undefined && given['type'] !== type) return false
  if (typeof value === 'string' && typeof given['pattern'] === 'string' && !new RegExp(given['pattern']).test(value)) return false
  if (typeof value === 'number' && (value < Number(given['minimum'] ?? value) || value > Number(given['maximum'] ?? value))) return false
  if (Array.isArray(value)) return value.every((item) => conforms(item, (given['items'] ?? {}) as Schema))
  if (typeof value !== 'object' || value === null) return true
  const properties = (given['properties'] ?? {}) as Record<string, Schema>
  if (((given['required'] ?? []) as string[]).some((name) => !(name in value))) return false
  return Object.entries(value).every(([name, item]) => {
    const own = properties[name]
    if (own) return conforms(item, own)
    return given['additionalProperties'] !== false && conforms(item, (given['additionalProperties'] ?? {}) as Schema)
  })
}

const account = {
  account: 'a',
  equity: '-1.5',
  collateral: '0',
  positions: [{ market: 'M', side: 'long', notional: '10', maintenancePpm: 5 }],
}
const text = (...accounts: unknown[]) => JSON.stringify({ format: BookDocument.format, accounts })

describe('parse', () => {
  test('worked example: amounts in USD, labels beside the book', () => {
    const { book, labels } = BookDocument.parse(
      text({ ...account, holdings: [{ market: 'M', value: '0.000001' }], labels: { tier: 'human' } }),
    )
    expect(book.accounts[0]).toMatchObject({ equity: usd(-1.5), holdings: [{ market: 'M', value: 10n ** 12n }] })
    expect(labels).toEqual({ a: { tier: 'human' } })
    expect(BookDocument.parse(text(account)).labels).toEqual({})
  })

  test('property: what is written is read back as the same, and is as the schema says', () => {
    fc.assert(
      fc.property(crossBook(fc.constantFrom('long', 'short')), fc.boolean(), (book, labelled) => {
        const labels = labelled ? Object.fromEntries(book.accounts.map(({ account }, i) => [account, { tranche: `t${i % 3}` }])) : {}
        const written = BookDocument.stringify({ book, labels })
        expect(BookDocument.parse(written)).toEqual({ book, labels })
        expect(conforms(JSON.parse(written), schema)).toBe(true)
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    )
  })

  test('edge: ten thousand positions and as many holdings of an account, and no more', () => {
    const [position] = account.positions
    const many = (count: number) => {
      const positions = Array.from({ length: count }, (_, k) => ({ ...position, market: `M${k}` }))
      return BookDocument.parse(text({ ...account, positions, holdings: positions.map(({ market }) => ({ market, value: '1' })) }))
    }
    expect(many(10_000).book.accounts[0]?.holdings).toHaveLength(10_000)
    expect(() => many(10_001)).toThrow('accounts[0].positions')
    expect(BookDocument.parse(text({ ...account, holdings: [] })).book.accounts).toHaveLength(1)
  })

  test('error: whatever the schema refuses, by the path where it stands', () => {
    const [position] = account.positions
    const bad: readonly [unknown, string][] = [
      [{ ...account, equity: 1.5 }, 'accounts[0].equity'],
      [{ ...account, equity: '1e3' }, 'accounts[0].equity'],
      [{ ...account, positions: [{ ...position, side: 'both' }] }, 'accounts[0].positions[0].side'],
      [{ ...account, positions: [{ ...position, maintenancePpm: 1.5 }] }, 'accounts[0].positions[0].maintenancePpm'],
      [{ ...account, more: 1 }, 'accounts[0].more'],
      [{ ...account, labels: { tier: 3 } }, 'accounts[0].labels'],
      [{ ...account, holdings: [{ market: 'M' }] }, 'accounts[0].holdings[0].value'],
      ['account', 'accounts[0]'],
      [null, 'accounts[0]'],
      [[], 'accounts[0]'],
      ...[null, [], 'tier'].map((labels): [unknown, string] => [{ ...account, labels }, 'accounts[0].labels']),
    ]
    for (const [each, path] of bad) {
      expect(() => BookDocument.parse(text(each)), path).toThrow(path)
      expect(conforms(JSON.parse(text(each)), schema), path).toBe(false)
    }
    expect(() => BookDocument.parse('{')).toThrow(Parse.UnreadableDocumentError)
    expect(() => BookDocument.parse(JSON.stringify({ format: 'plimsoll-book/2', accounts: [] }))).toThrow('format')
    expect(() => BookDocument.parse(text(account, account))).toThrow(Book.InvalidBookError)
  })
})

describe('stringify', () => {
  test('worked example: a line a field, every digit of an amount and no more', () => {
    const book = Book.of([{ account: 'a', equity: -1n, collateral: usd(2.5), positions: [] }])
    expect(BookDocument.stringify({ book, labels: { a: { tier: 'human' } } }).split('\n')).toEqual([
      '{',
      ' "format": "plimsoll-book/1",',
      ' "accounts": [',
      '  {',
      '   "account": "a",',
      '   "equity": "-0.000000000000000001",',
      '   "collateral": "2.5",',
      '   "positions": [],',
      '   "labels": {',
      '    "tier": "human"',
      '   }',
      '  }',
      ' ]',
      '}',
    ])
  })
})

describe('fromTable', () => {
  const head = 'account,equity,collateral,market,side,notional,maintenance_ppm,labels'

  test('worked example: a row a position, a row a holding, a row for nothing', () => {
    const { book, labels } = BookDocument.fromTable(
      [
        `\ufeff${head}`,
        `a,20,25,${market},long,100,50000,tier=human chain=1`,
        `a,20,25,${market},held,5,,tier=human chain=1`,
        '',
        'b,7,7,,,,,',
        `c,9,9,${market},short,8,0,`,
      ].join('\r\n'),
    )
    expect(book.accounts[0]).toEqual({ ...isolated('a', 'long', 100, 20), collateral: usd(25), holdings: [{ market, value: usd(5) }] })
    expect(book.accounts[1]).toMatchObject({ account: 'b', positions: [] })
    expect(book.accounts[2]).toEqual(isolated('c', 'short', 8, 9, 0))
    expect(labels).toEqual({ a: { tier: 'human', chain: '1' } })
    expect(BookDocument.fromTable(head.replace(',labels', '')).book.accounts).toEqual([])
  })

  test('bug: of an amount with a comma what came before it was taken, and of two columns of a name the first', () => {
    const last = 'account,equity,collateral,market,side,maintenance_ppm,notional'
    expect(() => BookDocument.fromTable(`${last}\na,20,25,${market},long,50000,1,250`)).toThrow('line 2, cells')
    expect(BookDocument.fromTable(`${last}\na,20,25,${market},long,50000,1250`).book.accounts).toHaveLength(1)
    expect(() => BookDocument.fromTable(`${last},notional\na,20,25,${market},long,50000,1,250`)).toThrow('column notional twice')
  })

  test('error: a column too many or too few, a cell, two rows that disagree', () => {
    const row = `a,20,25,${market},long,100,50000,`
    expect(() => BookDocument.fromTable(`${head},x`)).toThrow('a column x')
    const needed = head.split(',').slice(0, -1)
    for (const name of needed)
      expect(() => BookDocument.fromTable(needed.filter((each) => each !== name).join(','))).toThrow(`no column ${name}`)
    expect(() => BookDocument.fromTable(`${head}\n${row.replace('20', 'much')}`)).toThrow('line 2, equity')
    expect(() => BookDocument.fromTable(`${head}\n${row.replace('50000', '-1')}`)).toThrow('line 2, maintenance_ppm')
    expect(() => BookDocument.fromTable(`${head}\n${row.replace('50000', '')}`)).toThrow('line 2, maintenance_ppm')
    expect(() => BookDocument.fromTable(`${head}\n${row}\n${row.replace('20', '21').replace(market, 'X')}`)).toThrow('line 3, account')
    const human = `${row}tier=human`
    for (const labels of ['tier=bot', 'rank=human', 'tier=human chain=1', ''])
      expect(() => BookDocument.fromTable(`${head}\n${human}\n${row.replace(market, 'X')}${labels}`)).toThrow('line 3, account')
    expect(() => BookDocument.fromTable(`${head}\n${row}\n${row}`)).toThrow(Book.InvalidBookError)
  })
})
