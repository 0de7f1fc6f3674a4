/** An action as the transaction that does it at the real contracts, signed where they ask for a signature. */
import { collateralVaultAbi, limitBookAbi, MarkDown, perpVenueAbi, Release, Settlement } from '@plimsoll/contracts'
import { encodeFunctionData } from 'viem'
import type * as Action from './Action.ts'
import * as Contracts from './Contracts.ts'
import * as Gateway from './Gateway.ts'

type Hex = `0x${string}`

export type Transaction = { readonly from: Hex; readonly to: Hex; readonly data: Hex }

const epoch = 1

export async function atVenue(call: Action.AtVenue, pier: Contracts.Pier): Promise<Transaction> {
  const { address, limitBook, anvil } = pier
  const abi = perpVenueAbi
  const venue = (from: Hex, data: Hex): Transaction => ({ from, to: address, data })
  switch (call.kind) {
    case 'accept': {
      const { certificate, signatures } = call.signed
      const data = encodeFunctionData({ abi: limitBookAbi, functionName: 'accept', args: [certificate, signatures] })
      return { from: Contracts.keeper, to: limitBook, data }
    }
    case 'markDown': {
      const order = { ...call.order, inputsHash: MarkDown.hashOf(call.evidence) }
      const hash = MarkDown.digest(order, { chainId: anvil.chainId, verifyingContract: limitBook })
      const signature = await Gateway.sign(hash)
      const data = encodeFunctionData({ abi: limitBookAbi, functionName: 'markDown', args: [order, call.evidence, [signature]] })
      return { from: Contracts.keeper, to: limitBook, data }
    }
    case 'trade': {
      const worst = call.size > 0n ? 2n ** 200n : 0n
      return venue(call.account, encodeFunctionData({ abi, functionName: 'open', args: [call.market, call.size, worst] }))
    }
    case 'reduce': {
      const [size, worst] = call.size < 0n ? [-call.size, 0n] : [call.size, 2n ** 200n]
      return venue(call.account, encodeFunctionData({ abi, functionName: 'reduce', args: [call.market, size, worst] }))
    }
    case 'liquidate':
      return venue(Contracts.keeper, encodeFunctionData({ abi, functionName: 'liquidate', args: [call.account, call.market] }))
    case 'deposit':
      return venue(call.account, encodeFunctionData({ abi, functionName: 'deposit', args: [call.amount] }))
    case 'withdraw':
      return venue(call.account, encodeFunctionData({ abi, functionName: 'withdraw', args: [call.amount, call.account] }))
    case 'coverLoss': {
      const args = [call.account, call.amount, `0x${'00'.repeat(32)}`] as const
      return venue(Contracts.keeper, encodeFunctionData({ abi, functionName: 'coverLoss', args }))
    }
  }
}

export async function atHarbour(call: Action.AtHarbour, dock: Contracts.Dock): Promise<Transaction> {
  const { vault, token, anvil } = dock
  const abi = collateralVaultAbi
  const to = (from: Hex, data: Hex): Transaction => ({ from, to: vault, data })
  const domain = { chainId: anvil.chainId, verifyingContract: vault }
  switch (call.kind) {
    case 'deposit':
      return to(call.account, encodeFunctionData({ abi, functionName: 'deposit', args: [token, call.amount] }))
    case 'requestEscape':
      return to(call.account, encodeFunctionData({ abi, functionName: 'requestEscape', args: [token, call.amount] }))
    case 'cancelEscape':
      return to(call.account, encodeFunctionData({ abi, functionName: 'cancelEscape', args: [token] }))
    case 'executeEscape':
      return to(call.account, encodeFunctionData({ abi, functionName: 'executeEscape', args: [token, call.account] }))
    case 'release': {
      const { releaseId: id, account, amount, deadline } = call.order
      const order = { id, account, token, amount, to: account, deadline: BigInt(deadline), epoch }
      const signature = await Contracts.releaser.sign({ hash: Release.digest(order, domain) })
      return to(Contracts.keeper, encodeFunctionData({ abi, functionName: 'release', args: [order, [signature]] }))
    }
    case 'enableEscrow': {
      const { word, venue } = call
      const args = [token, BigInt(venue.chainId), venue.address, word.escrow, word.cap] as const
      return to(word.account, encodeFunctionData({ abi, functionName: 'enableEscrow', args }))
    }
    case 'queueSettlement': {
      const { venueId: _, deadline, ...rest } = call.order
      const where = { venueChainId: BigInt(call.venue.chainId), venue: call.venue.address }
      const order = { ...rest, ...where, token, deadline: BigInt(deadline), epoch }
      const signature = await Contracts.settler.sign({ hash: Settlement.digest(order, domain) })
      return to(Contracts.keeper, encodeFunctionData({ abi, functionName: 'queueSettlement', args: [order, [signature]] }))
    }
    case 'paySettlement':
    case 'lapseSettlement':
      return to(Contracts.keeper, encodeFunctionData({ abi, functionName: call.kind, args: [call.id] }))
    case 'vetoSettlement':
      return to(Contracts.owner.address, encodeFunctionData({ abi, functionName: call.kind, args: [call.id] }))
  }
}
