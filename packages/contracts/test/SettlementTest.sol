// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CollateralVault} from "../contracts/CollateralVault.sol";
import {VaultSettlements} from "../contracts/VaultSettlements.sol";
import {VaultTest} from "./VaultTest.sol";

/// @dev A vault with ten of Alice's in it, six of which the venue may claim.
abstract contract SettlementTest is VaultTest {
    function setUp() public {
        deployVault();
        deposit(alice, 10e6);
        enable(alice, 6e6);
    }

    function refuse(VaultSettlements.Settlement memory it, bytes4 reason) internal {
        bytes[] memory list = signed(it);
        vm.expectPartialRevert(reason);
        vault.queueSettlement(it, list);
    }

    function refuseRelease(CollateralVault.Release memory it, bytes4 reason) internal {
        bytes[] memory list = signed(it);
        vm.expectPartialRevert(reason);
        vault.release(it, list);
    }

    function escrowed() internal view returns (VaultSettlements.Escrow memory) {
        return vault.escrowOf(alice, address(token), VENUE_CHAIN, venue);
    }
}
