// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {CollateralVault} from "../contracts/CollateralVault.sol";
import {SignerSet} from "../contracts/SignerSet.sol";
import {VaultFunds} from "../contracts/VaultFunds.sol";
import {VaultSettlements} from "../contracts/VaultSettlements.sol";
import {HostileToken} from "../contracts/testing/HostileToken.sol";
import {VaultTest} from "./VaultTest.sol";

contract VaultSettlementsTest is VaultTest {
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

    // ---------------------------------------------------------------- who is paid first

    function test_order_edge_a_claim_received_before_an_escape_ends_is_paid_first() public {
        vm.prank(alice);
        vault.requestEscape(address(token), 10e6);
        vm.warp(START + DELAY - 1);
        queue(claim("1", alice, 4e6));
        vm.warp(START + DELAY);
        vm.startPrank(alice);
        vault.executeEscape(address(token), alice);
        equal(token.balanceOf(alice), 6e6, "what nobody claims, at once");
        vm.expectRevert(abi.encodeWithSelector(VaultFunds.EscapeReserved.selector, 4e6, 4e6));
        vault.executeEscape(address(token), alice);
        vm.stopPrank();
        vm.warp(START + DELAY - 1 + CHALLENGE);
        vault.paySettlement("1");
        equal(token.balanceOf(escrow), 4e6, "the claim");
        equal(vault.escapeOf(alice, address(token)).amount, 0, "nothing left to escape");
    }

    function test_order_edge_a_vetoed_claim_leaves_the_rest_to_the_escape() public {
        vm.prank(alice);
        vault.requestEscape(address(token), 10e6);
        queue(claim("1", alice, 4e6));
        vm.warp(START + DELAY);
        vm.prank(alice);
        vault.executeEscape(address(token), alice);
        vm.prank(guardian);
        vault.vetoSettlement("1");
        vm.prank(alice);
        vault.executeEscape(address(token), alice);
        equal(token.balanceOf(alice), 10e6, "all of it");
    }

    function test_order_edge_a_claim_after_an_escape_is_due_comes_after_it() public {
        vm.prank(alice);
        vault.requestEscape(address(token), 8e6);
        vm.warp(START + DELAY);
        refuse(claim("1", alice, 2e6 + 1), VaultFunds.NotLocked.selector);
        queue(claim("1", alice, 2e6));
        vm.prank(alice);
        vault.executeEscape(address(token), alice);
        equal(token.balanceOf(alice), 8e6, "the escape whole");
    }

    function test_order_edge_a_release_leaves_what_is_reserved() public {
        queue(claim("1", alice, 4e6));
        refuseRelease(order("1", alice, 6e6 + 1), VaultFunds.NotLocked.selector);
        release(order("1", alice, 6e6));
        vm.warp(START + CHALLENGE);
        vault.paySettlement("1");
        equal(vault.locked(alice, address(token)), 0, "every unit paid once");
    }

    function test_order_edge_a_token_that_cannot_pay_the_escrow_traps_nobody() public {
        HostileToken bad = new HostileToken();
        vm.prank(owner);
        vault.allowToken(address(bad), true);
        bad.mint(alice, 10e6);
        vm.startPrank(alice);
        bad.approve(address(vault), 10e6);
        vault.deposit(address(bad), 10e6);
        vault.enableEscrow(address(bad), VENUE_CHAIN, venue, escrow, 10e6);
        vault.requestEscape(address(bad), 10e6);
        vm.stopPrank();
        VaultSettlements.Settlement memory it = claim("1", alice, 10e6);
        it.token = address(bad);
        queue(it);
        bad.setBlocked(escrow, true);
        vm.warp(START + DELAY);
        vm.expectPartialRevert(HostileToken.Blocked.selector);
        vault.paySettlement("1");
        vm.warp(START + CHALLENGE + vault.PAYABLE_SECONDS());
        vault.lapseSettlement("1");
        vm.prank(alice);
        vault.executeEscape(address(bad), alice);
        equal(bad.balanceOf(alice), 10e6, "out");
    }

    function test_challenge_error() public {
        vm.expectRevert(abi.encodeWithSelector(VaultSettlements.BadChallenge.selector, 5 minutes - 1));
        newVault(DELAY, 5 minutes - 1);
        vm.expectRevert(abi.encodeWithSelector(VaultSettlements.BadChallenge.selector, DELAY));
        newVault(DELAY, DELAY);
        equal(newVault(DELAY, DELAY - 1).challengeSeconds(), DELAY - 1, "shorter than the escape");
    }

    // ---------------------------------------------------------------- tokens that misbehave

    function hostile() internal returns (HostileToken bad) {
        bad = new HostileToken();
        vm.prank(owner);
        vault.allowToken(address(bad), true);
        for (uint256 i = 0; i < 2; ++i) {
            address who = i == 0 ? alice : address(0xb0b);
            bad.mint(who, 10e6);
            vm.startPrank(who);
            bad.approve(address(vault), 10e6);
            vault.deposit(address(bad), 8e6);
            vm.stopPrank();
        }
    }

    function test_token_edge_a_loss_of_balance_is_shared() public {
        HostileToken bad = hostile();
        bad.rebase(750_000); // 16 become 12
        address[] memory who = new address[](1);
        address[] memory which = new address[](1);
        (who[0], which[0]) = (alice, address(bad));
        (uint256[] memory held,) = vault.positions(who, which);
        equal(held[0], 6e6, "counts for what it would be paid");
        CollateralVault.Release memory it = order("1", alice, 8e6);
        it.token = address(bad);
        release(it);
        it = order("2", address(0xb0b), 8e6);
        it.token = address(bad);
        release(it);
        equal(bad.balanceOf(address(0x70)), 12e6, "six each");
        equal(vault.totalLocked(address(bad)), 0, "nobody is last");
    }

    function test_token_error_nobody_fills_a_hole() public {
        HostileToken bad = hostile();
        bad.rebase(999_999);
        vm.prank(alice);
        vm.expectPartialRevert(VaultFunds.TokenShort.selector);
        vault.deposit(address(bad), 1e6);
        bad.rebase(1e6);
        vm.prank(alice);
        vault.deposit(address(bad), 1e6);
    }

    function test_token_error_other_decimals() public {
        HostileToken bad = hostile();
        bad.setDecimals(5);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(VaultFunds.DecimalsChanged.selector, 5, 6));
        vault.deposit(address(bad), 1e6);
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(VaultFunds.DecimalsChanged.selector, 5, 6));
        vault.allowToken(address(bad), true);
        vault.allowToken(address(bad), false);
        vm.stopPrank();
        equal(vault.pinnedDecimals(address(bad)), 6, "as pinned");
        CollateralVault.Release memory it = order("1", alice, 8e6);
        it.token = address(bad);
        release(it); // leaves in its own units
    }

    function test_token_error_calling_back() public {
        HostileToken bad = hostile();
        vm.startPrank(alice);
        vault.requestEscape(address(bad), 8e6);
        vm.warp(START + DELAY);
        bad.arm(address(vault), abi.encodeCall(vault.depositFor, (alice, address(bad), 1e6)));
        vault.executeEscape(address(bad), alice);
        vm.stopPrank();
        holds(!bad.reentered(), "refused");
        equal(bad.balanceOf(alice), 10e6, "paid once");
    }

    /// @dev Whatever is claimed, released and escaped: each unit is paid once, the claim in time whole.
    function testFuzz_every_unit_once(uint128 amount, uint128 claimed, uint128 released, uint128 escaped) public {
        address bob = address(0xb0b);
        amount = uint128(bound(amount, 1e6, type(uint96).max));
        claimed = uint128(bound(claimed, 1, amount));
        released = uint128(bound(released, 1, amount));
        escaped = uint128(bound(escaped, 1, amount));
        deposit(bob, amount);
        enable(bob, amount);
        vm.prank(bob);
        vault.requestEscape(address(token), escaped);
        queue(claim("1", bob, claimed));
        CollateralVault.Release memory it = order("1", bob, released);
        uint256 gone = 0;
        try vault.release(it, signed(it)) {
            gone = released;
        } catch {
            holds(uint256(released) + claimed > amount, "refused only where reserved");
        }
        vm.warp(START + DELAY);
        if (vault.escapeOf(bob, address(token)).amount != 0 && gone + claimed < amount) {
            vm.prank(bob);
            vault.executeEscape(address(token), bob);
        }
        vault.paySettlement("1");
        equal(token.balanceOf(escrow), claimed, "the claim whole");
        equal(token.balanceOf(address(0x70)), gone, "the release");
        equal(
            token.balanceOf(escrow) + gone + token.balanceOf(bob) + vault.locked(bob, address(token)),
            amount,
            "every unit once"
        );
    }
}
