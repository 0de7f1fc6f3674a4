/** Markets of Compound's shapes on a local chain, with something to borrow in each, and what a deployment document says of them. */
import { cometMarketAbi, cTokenMarketAbi, testTokenAbi } from '@plimsoll/contracts'
import { cometMarketBytecode, cTokenMarketBytecode } from '@plimsoll/contracts/bytecode'
import { type Abi, type Address, type Hex, parseUnits } from 'viem'
import type { Anvil } from './Anvil.ts'
import * as Deployment from './Deployment.ts'
import type { Manifest } from './Manifest.ts'
import * as Wallet from './Wallet.ts'

export type Lending = {
  readonly chainId: number
  /** USDC against WETH. */
  readonly comet: Address
  /** USDC for shares, fifty to the dollar at the start. */
  readonly cToken: Address
  readonly base: Address
  readonly collateral: Address
}

const lender = Wallet.of('lender')

/** Deploys a market of either shape in the dollars of the chain's vault, and lends a million to each. */
export async function deploy(args: { readonly chain: Anvil; readonly manifest: Manifest }): Promise<Lending> {
  const { chain, manifest } = args
  const { chainId } = chain
  const tokens = manifest.vaults.find((vault) => vault.chainId === chainId)?.tokens ?? []
  const [base, collateral] = ['USDC', 'WETH'].map((asset) => tokens.find((token) => token.asset === asset)?.token)
  if (base === undefined || collateral === undefined)
    throw new Deployment.NotDeployedError({ chainId, what: 'a vault of dollars and ether' })
  await chain.fund([lender.address])
  const comet = await create(chain, { abi: cometMarketAbi, bytecode: cometMarketBytecode, args: [base, [collateral]] })
  const cToken = await create(chain, { abi: cTokenMarketAbi, bytecode: cTokenMarketBytecode, args: [base, 2n * 10n ** 14n] })
  const amount = parseUnits('1000000', 6)
  const write = (address: Address, abi: Abi, functionName: string, given: readonly unknown[]) =>
    Deployment.write(chain, lender, { address, abi, functionName, args: given })
  await write(base, testTokenAbi, 'mint', [lender.address, 2n * amount])
  for (const market of [comet, cToken]) await write(base, testTokenAbi, 'approve', [market, amount])
  await write(comet, cometMarketAbi, 'supply', [base, amount])
  await write(cToken, cTokenMarketAbi, 'mint', [amount])
  return { chainId, comet, cToken, base, collateral }
}

/** How the deployment document names them. */
export function observed({ comet, cToken, base, collateral }: Lending) {
  return {
    comets: [{ name: 'Compound III USDC', comet, base, collaterals: [collateral] }],
    cTokens: [{ name: 'Compound v2 USDC', cToken, underlying: base }],
  }
}

async function create(
  chain: Anvil,
  made: { readonly abi: Abi; readonly bytecode: Hex; readonly args: readonly unknown[] },
): Promise<Address> {
  const hash = await chain.wallet(lender).deployContract(made)
  const { contractAddress } = await chain.publicClient.waitForTransactionReceipt({ hash })
  if (!contractAddress) throw new Deployment.NotDeployedError({ chainId: chain.chainId, what: 'a market' })
  return contractAddress.toLowerCase() as Address
}
