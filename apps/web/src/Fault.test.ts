import { MarginError } from '@plimsoll/sdk'
import { describe, expect, test } from 'vitest'
import * as Fault from './Fault.ts'

describe('of', () => {
  test('worked example: the gateway speaks for itself', () => {
    const error = new MarginError({ code: 'RATE_LIMITED', shortMessage: 'Too many requests.', hint: 'Try again in 3 s.' })
    expect(Fault.of(error)).toEqual({ code: 'RATE_LIMITED', message: 'Too many requests.', hint: 'Try again in 3 s.' })
    const call = Object.assign(new Error('There is no market X.'), {
      name: 'TRPCClientError',
      data: { plimsoll: { code: 'UNKNOWN_MARKET', hint: 'Markets here: Y.' } },
    })
    expect(Fault.of(call)).toEqual({ code: 'UNKNOWN_MARKET', message: 'There is no market X.', hint: 'Markets here: Y.' })
  })

  test('edge: wallets answer with numbers, some of them one level down', () => {
    expect(Fault.of({ code: 4001, message: 'User rejected the request.' }).code).toBe('WALLET_DECLINED')
    expect(Fault.of({ code: -32_603, data: { originalError: { code: 4001 } } }).code).toBe('WALLET_DECLINED')
    expect(Fault.of({ code: -32_002 }).code).toBe('WALLET_BUSY')
    expect(Fault.of({ code: 4100 }).code).toBe('WALLET_LOCKED')
    const wrapped = new MarginError({ code: 'GATEWAY_UNREACHABLE', shortMessage: 'No answer.', hint: 'Wait.', cause: { code: 4001 } })
    expect(Fault.of(wrapped).code).toBe('WALLET_DECLINED')
  })

  test('worked example: a gateway that is gone is said alike, whoever asked; nobody is sent to look for its address', () => {
    const sdk = new MarginError({ code: 'GATEWAY_UNREACHABLE', shortMessage: 'No answer.', hint: 'Check the transport.' })
    const call = Object.assign(new Error('fetch failed'), { name: 'TRPCClientError' })
    expect(Fault.of(sdk)).toEqual(Fault.of(call))
    expect(Fault.of(sdk).hint).toBe('This page keeps trying.')
  })

  test('error: what nobody knows still says something, and what to do', () => {
    expect(Fault.of(Object.assign(new Error('fetch failed'), { name: 'TRPCClientError' })).code).toBe('GATEWAY_UNREACHABLE')
    expect(Fault.of(Object.assign(new Error('No account.'), { code: 'NO_ACCOUNT', hint: 'Make one.' }))).toEqual({
      code: 'NO_ACCOUNT',
      message: 'No account.',
      hint: 'Make one.',
    })
    for (const odd of [null, undefined, 'boom', 7, {}, new Error('boom')]) expect(Fault.of(odd)).toMatchObject({ code: 'UNEXPECTED' })
  })
})

describe('asked', () => {
  test('worked example: what a person asked for is not repeated by the page, and is not said to be', () => {
    const gone = Object.assign(new Error('fetch failed'), { name: 'TRPCClientError' })
    expect(Fault.asked(gone)).toMatchObject({ code: 'GATEWAY_UNREACHABLE', hint: 'Ask again: the same is not done twice.' })
    expect(Fault.asked({ code: 4001 })).toEqual(Fault.of({ code: 4001 }))
  })
})

describe('distinct', () => {
  test('worked example: three questions, two of them failing alike, one answered', () => {
    const gone = Object.assign(new Error('fetch failed'), { name: 'TRPCClientError' })
    const codes = Fault.distinct([gone, null, new Error('boom'), gone]).map(({ code }) => code)
    expect(codes).toEqual(['GATEWAY_UNREACHABLE', 'UNEXPECTED'])
  })
})
