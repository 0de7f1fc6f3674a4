import { describe, expect, test } from 'vitest'
import * as Book from './Book.ts'

const terms = { price: '3000', initial: '10%', maintenance: '5%' }
const anna = { id: 'anna', balances: { USDC: '1000' }, positions: { 'ETH-PERP': { size: '-2', entry: '2900' } } }
const book = { assets: { USDC: { price: '1' } }, markets: { 'ETH-PERP': terms }, accounts: [anna] }

describe('parse', () => {
  test('bug: fees below nothing were equity, prices could be below nothing, and of two accounts of a name nobody knew which', () => {
    expect(Book.parse({ ...book, accounts: [{ ...anna, fees: '0' }] }).accounts).toMatchObject([{ id: 'anna', account: { fees: 0n } }])
    const refused = (change: object, at: string) => expect(() => Book.parse({ ...book, ...change })).toThrow(`${at} is not a`)
    refused({ accounts: [{ ...anna, fees: '-1000000' }] }, 'anna.fees')
    refused({ accounts: [anna, { id: 'ben' }, { id: 'anna' }] }, 'accounts[2].id')
    refused({ assets: { USDC: { price: '-1' } } }, 'USDC.price')
    refused({ markets: { 'ETH-PERP': { ...terms, price: '-3000' } } }, 'ETH-PERP.price')
    refused({ markets: { 'ETH-PERP': { ...terms, openInterest: '-1' } } }, 'ETH-PERP.openInterest')
  })
})
