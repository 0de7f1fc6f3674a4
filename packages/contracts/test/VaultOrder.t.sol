// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CollateralVault} from "../contracts/CollateralVault.sol";
import {VaultFunds} from "../contracts/VaultFunds.sol";
import {VaultSettlements} from "../contracts/VaultSettlements.sol";
import {HostileToken} from "../contracts/testing/HostileToken.sol";
import {SettlementTest} from "./SettlementTest.sol";

/// @dev Who is paid first, and what tokens that misbehave change of it.
contract VaultOrderTest is SettlementTest {
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
