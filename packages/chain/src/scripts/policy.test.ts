import { describe, expect, test } from 'vitest'
import * as Policy from './policy.ts'

const address = (digit: string) => `0x${digit.repeat(40)}`
const hash = (digit: string) => `0x${digit.repeat(64)}`
const policy = {
  books: [{ chainId: 10, limitBook: address('a'), venue: address('b') }],
  ...{ paramsHash: hash('c'), models: [hash('d')], most: '1000000000000000000000000' },
}
const problemOf = (value: unknown): string => {
  try {
    Policy.parse(typeof value === 'string' ? value : JSON.stringify(value))
    return 'none'
  } catch (error) {
    expect(error).toBeInstanceOf(Policy.InvalidPolicyError)
    return (error as Policy.InvalidPolicyError).message.replace('The policy cannot be used: ', '')
  }
}

describe('parse', () => {
  test('worked example: what is given, and any model where that is null', () => {
    expect(Policy.parse(JSON.stringify(policy))).toEqual(policy)
    expect(Policy.parse(JSON.stringify({ ...policy, models: null }))).toEqual({ ...policy, models: null })
  })

  test('bug: an address with a checksum is one in lower case, as the question that names the book has it', () => {
    const book = { venue: address('B'), limitBook: address('A'), chainId: 10 }
    const written = JSON.stringify({ most: policy.most, paramsHash: hash('C'), models: [hash('D')], books: [book] })
    expect(JSON.stringify(Policy.parse(written))).toBe(JSON.stringify(policy))
  })

  test.each<[unknown, string]>([
    ['{', 'it is no JSON.'],
    ['[]', 'the policy is no object.'],
    ['null', 'the policy is no object.'],
    ['7', 'the policy is no object.'],
    [{ ...policy, models: undefined, most: undefined }, 'the policy lacks models, most.'],
    [{ ...policy, paramsHash: undefined }, 'the policy lacks paramsHash.'],
    [{ ...policy, model: null }, 'the policy has nothing called model.'],
    [{ ...policy, books: [] }, 'books names none.'],
    [{ ...policy, books: {} }, 'books names none.'],
    [{ ...policy, books: [...policy.books, 7] }, 'books[1] is no object.'],
    [{ ...policy, books: [{ ...policy.books[0], chainId: '10' }] }, 'books[0].chainId is no number of a chain.'],
    [{ ...policy, books: [{ ...policy.books[0], chainId: 0 }] }, 'books[0].chainId is no number of a chain.'],
    [{ ...policy, books: [{ ...policy.books[0], chainId: 1.5 }] }, 'books[0].chainId is no number of a chain.'],
    [{ ...policy, books: [{ ...policy.books[0], venue: '0x12' }] }, 'books[0].venue is "0x12", not 20 bytes.'],
    [{ ...policy, books: [{ ...policy.books[0], limitBook: null }] }, 'books[0].limitBook is null, not bytes as even hex with 0x.'],
    [{ ...policy, paramsHash: address('c') }, `paramsHash is "${address('c')}", not 32 bytes.`],
    [{ ...policy, models: [hash('d'), 7] }, 'models[1] is number, not bytes as even hex with 0x.'],
    [{ ...policy, models: 'any' }, 'models is neither a list nor null.'],
    [{ ...policy, most: 1_000_000 }, 'most is no decimal text, USD × 1e18.'],
    [{ ...policy, most: '0' }, 'most is no decimal text, USD × 1e18.'],
    [{ ...policy, most: '1'.repeat(79) }, 'most is no decimal text, USD × 1e18.'],
  ])('error: %j', (value, said) => {
    expect(problemOf(value)).toBe(said)
  })

  test('edge: the smallest chain and sum, and the greatest sum', () => {
    const books = [{ ...policy.books[0], chainId: 1 }]
    for (const most of ['1', '1'.repeat(78)]) expect(problemOf({ ...policy, books, most })).toBe('none')
  })
})
