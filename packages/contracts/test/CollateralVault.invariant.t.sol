// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CollateralVault} from "../contracts/CollateralVault.sol";
import {VaultFunds} from "../contracts/VaultFunds.sol";
import {VaultSettlements} from "../contracts/VaultSettlements.sol";
import {TestToken} from "../contracts/testing/TestToken.sol";
import {VaultTest} from "./VaultTest.sol";

/// @dev Three accounts, two signers and a guardian doing what they may in any order.
contract VaultActor is VaultTest {
    address[3] public actors = [address(0xa1), address(0xa2), address(0xa3)];
    mapping(bytes32 id => uint256) public payments;
    bool public paidTwice;
    bool public escapeBlocked;
    bool public escapedEarly;
    uint256 public paid;
    uint256 public taken;

    constructor() {
        deployVault();
    }

    function parts() external view returns (CollateralVault, TestToken) {
        return (vault, token);
    }

    function add(uint256 who, uint256 amount) external {
        if (vault.paused()) return;
        amount = bound(amount, 1, 1e12);
        deposit(actors[who % 3], amount);
        taken += amount;
    }

    function letGo(uint256 who, uint256 amount, uint256 id) external {
        bytes32 key = bytes32(id % 16);
        CollateralVault.Release memory it = order(key, actors[who % 3], uint128(bound(amount, 1, 1e12)));
        try vault.release(it, signed(it)) {
            if (++payments[key] > 1) paidTwice = true;
            paid += it.amount;
        } catch {}
    }

    function request(uint256 who, uint256 amount) external {
        address actor = actors[who % 3];
        uint256 held = vault.locked(actor, address(token));
        if (held == 0 || vault.escapeOf(actor, address(token)).amount != 0) return;
        vm.prank(actor);
        vault.requestEscape(address(token), uint128(bound(amount, 1, held)));
    }

    function cancel(uint256 who) external {
        address actor = actors[who % 3];
        if (vault.escapeOf(actor, address(token)).amount == 0) return;
        vm.prank(actor);
        vault.cancelEscape(address(token));
    }

    function escape(uint256 who) external {
        address actor = actors[who % 3];
        VaultFunds.Escape memory it = vault.escapeOf(actor, address(token));
        if (it.amount == 0) return;
        vm.prank(actor);
        try vault.executeEscape(address(token), address(0x70)) {
            if (block.timestamp < it.unlocksAt) escapedEarly = true;
            paid += it.amount;
        } catch {
            if (block.timestamp >= it.unlocksAt) escapeBlocked = true;
        }
    }

    function stop(bool on) external {
        if (vault.paused() == on) return;
        vm.prank(owner);
        if (on) vault.pause();
        else vault.unpause();
    }

    function wait(uint256 seconds_) external {
        vm.warp(block.timestamp + bound(seconds_, 1, 2 days));
    }
}

contract CollateralVaultInvariants is VaultTest {
    VaultActor internal actor;

    function setUp() public {
        actor = new VaultActor();
        (vault, token) = actor.parts();
        target(address(actor));
    }

    function invariant_locked_is_what_the_vault_holds() public view {
        uint256 sum = 0;
        for (uint256 i = 0; i < 3; ++i) {
            sum += vault.locked(actor.actors(i), address(token));
        }
        equal(sum, token.balanceOf(address(vault)), "every token is somebody's");
        equal(sum, vault.totalLocked(address(token)), "and counted");
        equal(sum + actor.paid(), actor.taken(), "in less out");
    }

    function invariant_escape_is_covered_and_never_blocked() public view {
        for (uint256 i = 0; i < 3; ++i) {
            address who = actor.actors(i);
            holds(vault.escapeOf(who, address(token)).amount <= vault.locked(who, address(token)), "covered");
        }
        holds(!actor.escapeBlocked(), "an escape was due, and refused");
        holds(!actor.escapedEarly(), "an escape was not due, and paid");
    }

    function invariant_release_pays_once_per_id() public view {
        holds(!actor.paidTwice(), "an id was paid twice");
    }
}
