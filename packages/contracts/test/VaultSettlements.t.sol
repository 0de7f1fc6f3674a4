// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {CollateralVault} from "../contracts/CollateralVault.sol";
import {SignerSet} from "../contracts/SignerSet.sol";
import {VaultFunds} from "../contracts/VaultFunds.sol";
import {VaultSettlements} from "../contracts/VaultSettlements.sol";
import {SettlementTest} from "./SettlementTest.sol";

/// @dev Claims: who signs them, what stops them, and what depositors allow.
contract VaultSettlementsTest is SettlementTest {
    // ---------------------------------------------------------------- settlements

    function test_settlement_worked_example() public {
        VaultSettlements.Settlement memory it = claim("1", alice, 4e6);
        bytes[] memory list = signed(it);
        bytes32 venueId = vault.venueIdOf(VENUE_CHAIN, venue);
        vm.expectEmit(address(vault));
        emit VaultSettlements.SettlementQueued("1", alice, address(token), 4e6, venueId, escrow, START + CHALLENGE);
        vault.queueSettlement(it, list);
        equal(vault.reserved(alice, address(token)), 4e6, "reserved");
        vm.warp(START + CHALLENGE - 1);
        vm.expectRevert(
            abi.encodeWithSelector(VaultSettlements.Challengeable.selector, START + CHALLENGE, START + CHALLENGE - 1)
        );
        vault.paySettlement("1");
        vm.warp(START + CHALLENGE);
        vm.prank(guardian);
        vault.pause(); // stops no payment
        vm.expectEmit(address(vault));
        emit VaultSettlements.SettlementPaid("1", alice, address(token), 4e6, escrow);
        vault.paySettlement("1");
        equal(token.balanceOf(escrow), 4e6, "paid");
        equal(vault.locked(alice, address(token)), 6e6, "left");
        equal(vault.totalLocked(address(token)), 6e6, "of everybody");
        equal(vault.reserved(alice, address(token)), 0, "nothing reserved");
        equal(escrowed().used, 4e6, "used of the cap");
        equal(escrowed().queued, 0, "nothing queued");
        holds(vault.claimOf("1").status == VaultSettlements.Status.Paid, "once");
        vm.expectPartialRevert(VaultSettlements.NotQueued.selector);
        vault.paySettlement("1");
    }

    function test_settlement_error() public {
        refuse(claim("1", alice, 0), VaultFunds.ZeroAmount.selector);
        refuse(claim("1", alice, 6e6 + 1), VaultSettlements.AboveCap.selector);
        VaultSettlements.Settlement memory it = claim("1", alice, 4e6);
        it.encumbrance = 4e6 - 1;
        refuse(it, VaultSettlements.AboveEncumbrance.selector);
        it = claim("1", alice, 4e6);
        it.escrow = address(0xbad);
        refuse(it, VaultSettlements.EscrowNotEnabled.selector);
        it.escrow = address(0);
        refuse(it, VaultSettlements.EscrowNotEnabled.selector);
        it = claim("1", alice, 4e6);
        it.venue = address(0xbad);
        refuse(it, VaultSettlements.EscrowNotEnabled.selector);
        it = claim("1", alice, 4e6);
        it.venueChainId += 1;
        refuse(it, VaultSettlements.EscrowNotEnabled.selector);
        it = claim("1", address(0xb0b), 4e6);
        refuse(it, VaultSettlements.EscrowNotEnabled.selector);
        it = claim("1", alice, 4e6);
        it.epoch += 1;
        refuse(it, SignerSet.WrongEpoch.selector);
        it = claim("1", alice, 4e6);
        vm.warp(it.deadline + 1);
        refuse(it, VaultSettlements.DeadlineOver.selector);
        vm.warp(it.deadline);
        queue(it);
        refuse(it, VaultSettlements.AlreadyOrdered.selector);
        vm.prank(guardian);
        vault.pause();
        refuse(claim("2", alice, 1), Pausable.EnforcedPause.selector);
    }

    function test_settlement_edge_cap_and_encumbrance_over_several() public {
        VaultSettlements.Settlement memory it = claim("1", alice, 4e6);
        it.encumbrance = 4e6;
        queue(it);
        it = claim("2", alice, 1);
        it.encumbrance = 4e6; // what is queued counts
        refuse(it, VaultSettlements.AboveEncumbrance.selector);
        vm.warp(START + CHALLENGE);
        vault.paySettlement("1");
        it = claim("2", alice, 2e6 + 1); // the cap is for all that is ever paid
        refuse(it, VaultSettlements.AboveCap.selector);
        it = claim("2", alice, 2e6);
        it.encumbrance = 2e6;
        queue(it);
        vm.prank(guardian);
        vault.vetoSettlement("2");
        queue(claim("3", alice, 2e6)); // a veto gives the cap back
    }

    function test_settlement_edge_not_more_than_is_locked() public {
        enable(alice, 20e6);
        refuse(claim("1", alice, 10e6 + 1), VaultFunds.NotLocked.selector);
        queue(claim("1", alice, 9e6));
        refuse(claim("2", alice, 1e6 + 1), VaultFunds.NotLocked.selector);
        queue(claim("2", alice, 1e6));
    }

    function test_settlement_error_keys() public {
        VaultSettlements.Settlement memory it = claim("1", alice, 1e6);
        bytes[] memory list = signatures(vault.settlementDigestOf(it), keys[0], keys[1]); // the release keys
        vm.expectPartialRevert(SignerSet.BadSigner.selector);
        vault.queueSettlement(it, list);
        list = new bytes[](1);
        list[0] = signature(settlementKeys[0], vault.settlementDigestOf(it));
        vm.expectPartialRevert(SignerSet.NotEnoughSigners.selector);
        vault.queueSettlement(it, list);
        CollateralVault.Release memory other = order("1", alice, 1e6);
        list = signatures(vault.digestOf(other), settlementKeys[0], settlementKeys[1]);
        vm.expectPartialRevert(SignerSet.BadSigner.selector);
        vault.release(other, list);
        list = signed(it);
        it.amount += 1;
        try vault.queueSettlement(it, list) {
            holds(false, "a tampered order was taken");
        } catch {}
    }

    function test_keys_error_no_key_has_two_tasks() public {
        address[] memory one = new address[](1);
        one[0] = signers()[0];
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(SignerSet.BadSignerChange.selector, one[0]));
        vault.changeSettlers(one, new address[](0), 2);
        one[0] = settlers()[0];
        vm.expectRevert(abi.encodeWithSelector(SignerSet.BadSignerChange.selector, one[0]));
        vault.changeSigners(one, new address[](0), 2);
        vm.stopPrank();
        vm.expectPartialRevert(SignerSet.BadSignerChange.selector);
        new CollateralVault(
            DELAY,
            CHALLENGE,
            owner,
            guardian,
            CollateralVault.Signers(signers(), 2),
            CollateralVault.Signers(signers(), 2)
        );
    }

    function test_keys_worked_example_rotation_with_overlap() public {
        address[] memory none = new address[](0);
        address[] memory fresh = new address[](1);
        address[] memory old = new address[](1);
        fresh[0] = vm.addr(uint256(keccak256("seven")));
        old[0] = vm.addr(settlementKeys[0]);
        vm.prank(owner);
        vault.changeSettlers(fresh, none, 2);
        queue(claim("1", alice, 1)); // the old pair still signs
        equal(vault.settlers().length, 4, "both valid");
        vm.prank(owner);
        vault.changeSettlers(none, old, 2);
        refuse(claim("2", alice, 1), SignerSet.BadSigner.selector);
        equal(vault.settlementThreshold(), 2, "as before");
        vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
        vault.changeSettlers(fresh, none, 2);
    }

    // ---------------------------------------------------------------- veto and lapse

    function test_veto_worked_example() public {
        queue(claim("1", alice, 4e6));
        vm.expectPartialRevert(bytes4(keccak256("NotGuardian(address)")));
        vault.vetoSettlement("1");
        vm.warp(START + CHALLENGE + 1); // until it is paid
        vm.prank(guardian);
        vault.vetoSettlement("1");
        equal(vault.reserved(alice, address(token)), 0, "freed");
        equal(escrowed().used, 0, "and given back");
        vm.expectPartialRevert(VaultSettlements.NotQueued.selector);
        vault.paySettlement("1");
        refuse(claim("1", alice, 4e6), VaultSettlements.AlreadyOrdered.selector); // for good
    }

    function test_lapse_edge_of_time() public {
        queue(claim("1", alice, 4e6));
        uint64 end = START + CHALLENGE + vault.PAYABLE_SECONDS();
        vm.warp(end - 1);
        vm.expectPartialRevert(VaultSettlements.ClaimAlive.selector);
        vault.lapseSettlement("1");
        vm.warp(end);
        vm.expectPartialRevert(VaultSettlements.ClaimLapsed.selector);
        vault.paySettlement("1");
        vault.lapseSettlement("1");
        equal(vault.reserved(alice, address(token)), 0, "freed");
        vm.expectPartialRevert(VaultSettlements.NotQueued.selector);
        vault.lapseSettlement("1");
    }

    function test_lapse_edge_an_epoch_revokes_what_is_queued() public {
        queue(claim("1", alice, 4e6));
        queue(claim("2", alice, 1e6));
        vm.prank(guardian);
        vault.bumpEpoch();
        vm.warp(START + CHALLENGE);
        vm.expectPartialRevert(VaultSettlements.ClaimLapsed.selector);
        vault.paySettlement("1");
        vault.lapseSettlement("1");
        vault.lapseSettlement("2");
        equal(vault.reserved(alice, address(token)), 0, "both");
    }

    // ---------------------------------------------------------------- escrows

    function test_escrow_edge_a_higher_cap_at_once_a_lower_one_after_the_delay() public {
        enable(alice, 7e6);
        equal(escrowed().cap, 7e6, "at once");
        enable(alice, 1e6);
        equal(escrowed().cap, 7e6, "not yet");
        equal(escrowed().lowersAt, START + DELAY, "but then");
        vm.warp(START + DELAY - 1);
        queue(claim("1", alice, 5e6));
        vm.warp(START + DELAY);
        equal(escrowed().cap, 1e6, "now");
        refuse(claim("2", alice, 1), VaultSettlements.AboveCap.selector);
        vm.warp(START + DELAY - 1 + CHALLENGE);
        vault.paySettlement("1"); // received in time
        enable(alice, 8e6);
        queue(claim("3", alice, 3e6));
    }

    function test_escrow_edge_a_later_word_replaces_a_lowering() public {
        enable(alice, 1e6);
        enable(alice, 6e6);
        vm.warp(START + DELAY);
        equal(escrowed().cap, 6e6, "taken back");
        equal(escrowed().lowersAt, 0, "nothing pending");
    }

    function test_escrow_error() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(VaultSettlements.EscrowFixed.selector, escrow));
        vault.enableEscrow(address(token), VENUE_CHAIN, venue, address(0xe5c1), 1e6);
        vm.expectRevert(VaultFunds.ZeroAddress.selector);
        vault.enableEscrow(address(token), VENUE_CHAIN, venue, address(0), 1e6);
        vm.expectRevert(VaultFunds.ZeroAddress.selector);
        vault.enableEscrow(address(token), VENUE_CHAIN, address(0), escrow, 1e6);
        vault.enableEscrow(address(token), VENUE_CHAIN, venue, escrow, 0);
        vm.warp(START + DELAY);
        vault.enableEscrow(address(token), VENUE_CHAIN, venue, address(0xe5c1), 1e6);
        vm.stopPrank();
        equal(escrowed().escrow, address(0xe5c1), "another, after the delay");
    }
}
