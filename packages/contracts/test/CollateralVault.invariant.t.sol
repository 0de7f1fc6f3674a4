// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CollateralVault} from "../contracts/CollateralVault.sol";
import {VaultFunds} from "../contracts/VaultFunds.sol";
import {VaultSettlements} from "../contracts/VaultSettlements.sol";
import {TestToken} from "../contracts/testing/TestToken.sol";
import {VaultTest} from "./VaultTest.sol";

/// @dev Three accounts, release keys, settlement keys, an owner and a guardian doing what they may in any order.
contract VaultActor is VaultTest {
    address[3] public actors = [address(0xa1), address(0xa2), address(0xa3)];
    mapping(bytes32 id => uint256) public payments;
    bool public paidTwice;
    bool public escapeBlocked;
    bool public escapedEarly;
    bool public claimBlocked;
    bool public claimJumped;
    uint256 public paid;
    uint256 public taken;
    uint256 public claims;
    mapping(address account => uint256) public greatestCap;
    mapping(address account => uint256) public settled;

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
        uint256 before = vault.locked(actor, address(token));
        vm.prank(actor);
        try vault.executeEscape(address(token), address(0x70)) {
            if (block.timestamp < it.unlocksAt) escapedEarly = true;
            paid += before - vault.locked(actor, address(token));
        } catch {
            bool free = vault.locked(actor, address(token)) > vault.reserved(actor, address(token));
            if (block.timestamp >= it.unlocksAt && free) escapeBlocked = true;
        }
    }

    function allow(uint256 who, uint256 cap) external {
        address actor = actors[who % 3];
        cap = bound(cap, 0, 1e12);
        enable(actor, uint128(cap));
        uint256 held = vault.escrowOf(actor, address(token), VENUE_CHAIN, venue).cap;
        if (held > greatestCap[actor]) greatestCap[actor] = held;
    }

    /// @dev A claim that comes when an escape is due must leave the escape what it had.
    function order(uint256 who, uint256 amount) external {
        address actor = actors[who % 3];
        VaultSettlements.Settlement memory it = claim(bytes32(claims), actor, uint128(bound(amount, 1, 1e12)));
        VaultFunds.Escape memory escape_ = vault.escapeOf(actor, address(token));
        uint256 before = due(actor, escape_);
        try vault.queueSettlement(it, signed(it)) {
            ++claims;
            if (due(actor, escape_) < before) claimJumped = true;
        } catch {}
    }

    function due(address actor, VaultFunds.Escape memory escape_) private view returns (uint256) {
        if (escape_.amount == 0 || block.timestamp < escape_.unlocksAt) return 0;
        uint256 free = vault.locked(actor, address(token)) - vault.reserved(actor, address(token));
        return free < escape_.amount ? free : escape_.amount;
    }

    /// @dev A claim that is due and alive must be payable, whatever was released or escaped meanwhile.
    function pay(uint256 id) external {
        if (claims == 0) return;
        VaultSettlements.Claim memory it = vault.claimOf(bytes32(id % claims));
        bool alive = it.status == VaultSettlements.Status.Queued && block.timestamp >= it.readyAt
            && block.timestamp < it.lapsesAt && it.epoch == vault.epoch();
        try vault.paySettlement(bytes32(id % claims)) {
            if (!alive) claimJumped = true;
            paid += it.amount;
            settled[it.account] += it.amount;
        } catch {
            if (alive) claimBlocked = true;
        }
    }

    function veto(uint256 id) external {
        if (claims == 0 || vault.claimOf(bytes32(id % claims)).status != VaultSettlements.Status.Queued) return;
        vm.prank(guardian);
        vault.vetoSettlement(bytes32(id % claims));
    }

    function lapse(uint256 id) external {
        if (claims == 0) return;
        try vault.lapseSettlement(bytes32(id % claims)) {} catch {}
    }

    function revoke(uint256 chance) external {
        if (chance % 8 != 0) return;
        vm.prank(guardian);
        vault.bumpEpoch();
    }

    /// @dev Whatever happened: with time alone, and nobody's leave, an account is out.
    function walkOut(uint256 who) external returns (bool out) {
        address actor = actors[who % 3];
        if (vault.escapeOf(actor, address(token)).amount == 0) return true;
        vm.warp(block.timestamp + DELAY + CHALLENGE + vault.PAYABLE_SECONDS());
        for (uint256 i = 0; i < claims; ++i) {
            try vault.lapseSettlement(bytes32(i)) {} catch {}
        }
        vm.prank(actor);
        vault.executeEscape(address(token), address(0x70));
        return vault.escapeOf(actor, address(token)).amount == 0;
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
        exclude(address(actor), VaultActor.walkOut.selector);
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

    function invariant_what_is_reserved_is_there_and_is_what_is_queued() public view {
        uint256 reserved = 0;
        for (uint256 i = 0; i < 3; ++i) {
            address who = actor.actors(i);
            holds(vault.reserved(who, address(token)) <= vault.locked(who, address(token)), "reserved is locked");
            holds(actor.settled(who) <= actor.greatestCap(who), "never above what the depositor allowed");
            reserved += vault.reserved(who, address(token));
        }
        uint256 queued = 0;
        for (uint256 i = 0; i < actor.claims(); ++i) {
            VaultSettlements.Claim memory it = vault.claimOf(bytes32(i));
            if (it.status == VaultSettlements.Status.Queued) queued += it.amount;
        }
        equal(reserved, queued, "no more and no less");
    }

    function invariant_nobody_is_paid_out_of_order() public view {
        holds(!actor.claimBlocked(), "a claim was due, and could not be paid");
        holds(!actor.claimJumped(), "a claim was paid that was not due, or before an escape that was");
    }

    function invariant_an_escape_always_ends() public {
        for (uint256 i = 0; i < 3; ++i) {
            holds(actor.walkOut(i), "out by time alone");
        }
    }

    function invariant_release_pays_once_per_id() public view {
        holds(!actor.paidTwice(), "an id was paid twice");
    }
}
