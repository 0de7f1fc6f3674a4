// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {CollateralVault} from "../contracts/CollateralVault.sol";
import {SignerSet} from "../contracts/SignerSet.sol";
import {VaultFunds} from "../contracts/VaultFunds.sol";
import {VaultSettlements} from "../contracts/VaultSettlements.sol";
import {TestToken} from "../contracts/testing/TestToken.sol";
import {VaultTest} from "./VaultTest.sol";

/// @dev Keeps a hundredth of every transfer.
contract TollToken is ERC20("Toll", "TOLL") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from != address(0) && to != address(0)) {
            super._update(from, address(0xfee), value / 100);
            value -= value / 100;
        }
        super._update(from, to, value);
    }
}

contract CollateralVaultTest is VaultTest {
    function setUp() public {
        deployVault();
    }

    // ---------------------------------------------------------------- deposits

    function test_deposit_worked_example() public {
        deposit(alice, 5e6);
        deposit(alice, 2e6);
        equal(vault.locked(alice, address(token)), 7e6, "locked");
        equal(vault.totalLocked(address(token)), 7e6, "of everybody");
        equal(token.balanceOf(address(vault)), 7e6, "held");
    }

    function test_deposit_edge_for_another_account() public {
        token.mint(address(this), 5e6);
        token.approve(address(vault), 5e6);
        vm.expectEmit(address(vault));
        emit VaultFunds.Deposited(alice, address(token), 5e6, address(this));
        vault.depositFor(alice, address(token), 5e6);
        equal(vault.locked(alice, address(token)), 5e6, "alice's");
        equal(vault.locked(address(this), address(token)), 0, "not the payer's");
    }

    function test_deposit_edge_what_arrives_counts() public {
        TollToken toll = new TollToken();
        vm.prank(owner);
        vault.allowToken(address(toll), true);
        toll.mint(address(this), 1_000);
        toll.approve(address(vault), 1_000);
        vault.deposit(address(toll), 1_000);
        equal(vault.locked(address(this), address(toll)), 990, "less the toll");
    }

    function test_deposit_error() public {
        token.mint(address(this), 5e6);
        token.approve(address(vault), 5e6);
        TestToken other = new TestToken("Other", "OTHER", 18);
        vm.expectRevert(abi.encodeWithSelector(VaultFunds.TokenNotAllowed.selector, address(other)));
        vault.deposit(address(other), 1);
        vm.expectRevert(VaultFunds.ZeroAmount.selector);
        vault.deposit(address(token), 0);
        vm.expectRevert(VaultFunds.ZeroAddress.selector);
        vault.depositFor(address(0), address(token), 1);
        vm.prank(guardian);
        vault.pause();
        vm.expectRevert(Pausable.EnforcedPause.selector);
        vault.deposit(address(token), 1);
        vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
        vault.allowToken(address(token), false);
    }

    function test_deposit_edge_a_token_no_longer_allowed_still_leaves() public {
        deposit(alice, 5e6);
        vm.prank(owner);
        vault.allowToken(address(token), false);
        release(order("1", alice, 2e6));
        vm.startPrank(alice);
        vault.requestEscape(address(token), 3e6);
        vm.warp(START + DELAY);
        vault.executeEscape(address(token), alice);
        vm.stopPrank();
        equal(vault.locked(alice, address(token)), 0, "all out");
    }

    // ---------------------------------------------------------------- releases

    function test_release_worked_example() public {
        deposit(alice, 5e6);
        CollateralVault.Release memory it = order("1", alice, 2e6);
        bytes[] memory list = signed(it);
        vm.expectEmit(address(vault));
        emit CollateralVault.Released("1", alice, address(token), 2e6, address(0x70));
        vault.release(it, list);
        equal(token.balanceOf(address(0x70)), 2e6, "paid");
        equal(vault.locked(alice, address(token)), 3e6, "left");
        holds(vault.released("1"), "spent");
    }

    function test_release_edge_all_of_it() public {
        deposit(alice, 5e6);
        release(order("1", alice, 5e6));
        equal(vault.locked(alice, address(token)), 0, "nothing left");
    }

    function test_release_error() public {
        deposit(alice, 5e6);
        release(order("1", alice, 1e6));
        refuse(order("1", alice, 1e6), CollateralVault.AlreadyReleased.selector);
        refuse(order("2", alice, 4e6 + 1), VaultFunds.NotLocked.selector);
        refuse(order("2", alice, 0), VaultFunds.ZeroAmount.selector);
        refuse(order("2", address(0xb0b), 1), VaultFunds.NotLocked.selector);
        CollateralVault.Release memory it = order("2", alice, 1);
        it.to = address(0);
        refuse(it, VaultFunds.ZeroAddress.selector);
        it = order("2", alice, 1);
        it.epoch += 1;
        refuse(it, SignerSet.WrongEpoch.selector);
        it = order("2", alice, 1);
        bytes[] memory list = signed(it);
        it.to = address(0xbad);
        try vault.release(it, list) {
            holds(false, "a tampered order was paid");
        } catch {}
        it = order("2", alice, 1);
        list = new bytes[](1);
        list[0] = signature(keys[0], vault.digestOf(it));
        vm.expectPartialRevert(SignerSet.NotEnoughSigners.selector);
        vault.release(it, list);
    }

    function test_release_edge_deadline() public {
        deposit(alice, 5e6);
        CollateralVault.Release memory it = order("1", alice, 1e6);
        vm.warp(it.deadline + 1);
        refuse(it, VaultSettlements.DeadlineOver.selector);
        vm.warp(it.deadline);
        release(it);
    }

    function test_release_error_pause_and_epoch() public {
        deposit(alice, 5e6);
        CollateralVault.Release memory it = order("1", alice, 1e6);
        vm.startPrank(guardian);
        vault.pause();
        vm.stopPrank();
        refuse(it, Pausable.EnforcedPause.selector);
        vm.prank(owner);
        vault.unpause();
        vm.prank(guardian);
        vault.bumpEpoch();
        refuse(it, SignerSet.WrongEpoch.selector);
    }

    function refuse(CollateralVault.Release memory it, bytes4 reason) internal {
        bytes[] memory list = signed(it);
        vm.expectPartialRevert(reason);
        vault.release(it, list);
    }

    // ---------------------------------------------------------------- escapes

    function test_escape_worked_example() public {
        deposit(alice, 5e6);
        vm.startPrank(alice);
        vm.expectEmit(address(vault));
        emit VaultFunds.EscapeRequested(alice, address(token), 3e6, START + DELAY);
        vault.requestEscape(address(token), 3e6);
        equal(vault.escapeOf(alice, address(token)).amount, 3e6, "visible");
        vm.warp(START + DELAY - 1);
        vm.expectRevert(abi.encodeWithSelector(VaultFunds.EscapeLocked.selector, START + DELAY, START + DELAY - 1));
        vault.executeEscape(address(token), alice);
        vm.warp(START + DELAY);
        vault.executeEscape(address(token), address(0x70));
        vm.stopPrank();
        equal(token.balanceOf(address(0x70)), 3e6, "paid");
        equal(vault.locked(alice, address(token)), 2e6, "left");
        equal(vault.escapeOf(alice, address(token)).amount, 0, "over");
    }

    function test_escape_edge_no_pause_and_no_epoch_stands_in_its_way() public {
        deposit(alice, 5e6);
        vm.startPrank(guardian);
        vault.pause();
        vault.bumpEpoch();
        vm.stopPrank();
        vm.startPrank(alice);
        vault.requestEscape(address(token), 5e6);
        vm.warp(START + DELAY);
        vault.executeEscape(address(token), alice);
        vm.stopPrank();
        equal(token.balanceOf(alice), 5e6, "out");
    }

    function test_escape_edge_a_release_goes_first() public {
        deposit(alice, 5e6);
        vm.prank(alice);
        vault.requestEscape(address(token), 4e6);
        release(order("1", alice, 2e6));
        equal(vault.escapeOf(alice, address(token)).amount, 3e6, "what is left may escape");
        vm.warp(START + DELAY);
        vm.prank(alice);
        vault.executeEscape(address(token), alice);
        equal(vault.locked(alice, address(token)), 0, "all out");
    }

    function test_escape_edge_cancel() public {
        deposit(alice, 5e6);
        vm.startPrank(alice);
        vault.requestEscape(address(token), 4e6);
        vault.cancelEscape(address(token));
        vm.warp(START + DELAY);
        vm.expectRevert(VaultFunds.NoEscape.selector);
        vault.executeEscape(address(token), alice);
        vm.expectRevert(VaultFunds.NoEscape.selector);
        vault.cancelEscape(address(token));
        vm.stopPrank();
    }

    function test_escape_error() public {
        deposit(alice, 5e6);
        vm.startPrank(alice);
        vm.expectRevert(VaultFunds.ZeroAmount.selector);
        vault.requestEscape(address(token), 0);
        vm.expectRevert(abi.encodeWithSelector(VaultFunds.NotLocked.selector, 5e6 + 1, 5e6));
        vault.requestEscape(address(token), 5e6 + 1);
        vault.requestEscape(address(token), 1);
        vm.expectRevert(abi.encodeWithSelector(VaultFunds.EscapePending.selector, 1, START + DELAY));
        vault.requestEscape(address(token), 1);
        vm.expectRevert(VaultFunds.ZeroAddress.selector);
        vault.executeEscape(address(token), address(0));
        vm.stopPrank();
    }

    function test_delay_error() public {
        vm.expectRevert(abi.encodeWithSelector(VaultFunds.BadEscapeDelay.selector, 1 hours - 1));
        newVault(1 hours - 1, 5 minutes);
        vm.expectRevert(abi.encodeWithSelector(VaultFunds.BadEscapeDelay.selector, 30 days + 1));
        newVault(30 days + 1, 5 minutes);
    }

    function test_delay_edge_an_hour_and_thirty_days() public {
        equal(newVault(1 hours, 5 minutes).escapeDelaySeconds(), 1 hours, "least");
        equal(newVault(30 days, 5 minutes).escapeDelaySeconds(), 30 days, "greatest");
    }

    // ---------------------------------------------------------------- views

    function test_positions_worked_example() public {
        deposit(alice, 5e6);
        deposit(address(0xb0b), 7e6);
        vm.prank(alice);
        vault.requestEscape(address(token), 2e6);
        address[] memory accounts = new address[](3);
        (accounts[0], accounts[1], accounts[2]) = (alice, address(0xb0b), address(0xca401));
        address[] memory tokens = new address[](2);
        (tokens[0], tokens[1]) = (address(token), address(1));
        (uint256[] memory locked, uint256[] memory escaping) = vault.positions(accounts, tokens);
        uint256[6] memory wanted = [uint256(5e6), 0, 7e6, 0, 0, 0];
        for (uint256 i = 0; i < 6; ++i) {
            equal(locked[i], wanted[i], "row by row");
            equal(escaping[i], i == 0 ? 2e6 : 0, "escaping");
        }
    }

    function testFuzz_money_in_is_money_out(uint128 amount, uint128 released, uint128 escaped) public {
        amount = uint128(bound(amount, 3, type(uint96).max));
        released = uint128(bound(released, 1, amount - 2));
        escaped = uint128(bound(escaped, 1, amount - released));
        deposit(alice, amount);
        release(order("1", alice, released));
        vm.startPrank(alice);
        vault.requestEscape(address(token), escaped);
        vm.warp(START + DELAY);
        vault.executeEscape(address(token), alice);
        vm.stopPrank();
        equal(token.balanceOf(address(0x70)), released, "released");
        equal(token.balanceOf(alice), escaped, "escaped");
        equal(vault.locked(alice, address(token)), amount - released - escaped, "left");
    }
}
