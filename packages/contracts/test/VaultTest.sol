// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CollateralVault} from "../contracts/CollateralVault.sol";
import {VaultSettlements} from "../contracts/VaultSettlements.sol";
import {TestToken} from "../contracts/testing/TestToken.sol";
import {Keys} from "./Mini.sol";

/// @dev A vault that takes one token, and orders to release it.
abstract contract VaultTest is Keys {
    uint64 internal constant DELAY = 72 hours;
    uint64 internal constant CHALLENGE = 6 hours;
    uint64 internal constant VENUE_CHAIN = 31_337_003;
    uint64 internal constant START = 1_700_000_000;

    address internal owner = address(0x0e0);
    address internal guardian = address(0x0e1);
    address internal alice = address(0xa11ce);
    address internal venue = address(0x5e11e);
    address internal escrow = address(0xe5c0);
    CollateralVault internal vault;
    TestToken internal token;

    function deployVault() internal {
        vm.warp(START);
        vault = newVault(DELAY, CHALLENGE);
        token = new TestToken("USD Coin", "USDC", 6);
        vm.prank(owner);
        vault.allowToken(address(token), true);
    }

    function newVault(uint64 delay, uint64 challenge) internal returns (CollateralVault) {
        return new CollateralVault(
            delay,
            challenge,
            owner,
            guardian,
            CollateralVault.Signers(signers(), 2),
            CollateralVault.Signers(settlers(), 2)
        );
    }

    function deposit(address account, uint256 amount) internal {
        token.mint(account, amount);
        vm.startPrank(account);
        token.approve(address(vault), amount);
        vault.deposit(address(token), amount);
        vm.stopPrank();
    }

    function order(bytes32 id, address account, uint128 amount) internal view returns (CollateralVault.Release memory) {
        return CollateralVault.Release({
            id: id,
            account: account,
            token: address(token),
            amount: amount,
            to: address(0x70),
            deadline: uint64(block.timestamp) + 60,
            epoch: vault.epoch()
        });
    }

    function signed(CollateralVault.Release memory release_) internal view returns (bytes[] memory) {
        return signatures(vault.digestOf(release_), keys[0], keys[1]);
    }

    function release(CollateralVault.Release memory release_) internal {
        vault.release(release_, signed(release_));
    }

    function enable(address account, uint128 cap) internal {
        vm.prank(account);
        vault.enableEscrow(address(token), VENUE_CHAIN, venue, escrow, cap);
    }

    function claim(bytes32 id, address account, uint128 amount)
        internal
        view
        returns (VaultSettlements.Settlement memory)
    {
        return VaultSettlements.Settlement({
            id: id,
            account: account,
            token: address(token),
            amount: amount,
            venueChainId: VENUE_CHAIN,
            venue: venue,
            escrow: escrow,
            encumbrance: type(uint128).max,
            deadline: uint64(block.timestamp) + 60,
            epoch: vault.epoch()
        });
    }

    function signed(VaultSettlements.Settlement memory it) internal view returns (bytes[] memory) {
        return signatures(vault.settlementDigestOf(it), settlementKeys[0], settlementKeys[1]);
    }

    function queue(VaultSettlements.Settlement memory it) internal {
        vault.queueSettlement(it, signed(it));
    }
}
