// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Backstop} from "../contracts/Backstop.sol";
import {BackstopInventory} from "../contracts/BackstopInventory.sol";
import {LimitGuarded} from "../contracts/LimitGuarded.sol";
import {BackstopTest} from "./BackstopTest.sol";

/// @dev Whoever lets his own position be inherited, to buy it back at a discount: Alice holds it, Bob bids, Carol calls,
///      and a hedge elsewhere earns what Alice loses. All four are one person. A caller gets a tenth of the penalty.
contract BackstopAttackTest is BackstopTest {
    event log_named_int(string key, int256 val);

    address private honest = address(0x40e57);

    function setUp() public {
        deployBackstopWith(100_000);
    }

    // ---------------------------------------------------------------- the charge

    function test_charge_worked_example() public {
        enter(alice, 10e18);
        eth.set(1_860e8); // equity 600 on 18,600
        vm.expectEmit(address(backstop));
        emit Backstop.Inherited(alice, ETH, 10e18, 1_860e18, 372e6, carol, 37.2e6);
        vm.prank(carol);
        backstop.inherit(alice, ETH);
        equal(collateral(carol), 37.2e18, "a tenth for the call");
        equal(backstop.chargeOf(ETH), 334.8e6, "the rest is what it may be sold below the mark for");
        vm.warp(START + 3_600);
        equal(backstop.offerOf(ETH).price, 1_860e18 - 33.48e18, "and no more, however late");
        equal(backstop.offerOf(ETH).discountPpm, 18_000, "1.8 %");
    }

    function test_charge_edge_nothing_left_behind_is_sold_at_the_mark() public {
        enter(alice, 10e18);
        eth.set(1_790e8); // a hundred below zero
        vm.prank(carol);
        backstop.inherit(alice, ETH);
        equal(backstop.chargeOf(ETH), 0, "nothing");
        equal(collateral(carol), 0, "nor for the call");
        vm.warp(START + 30 days);
        fresh(1_790e8);
        equal(backstop.offerOf(ETH).price, 1_790e18, "the mark");
    }

    /// @dev What takes away from the other side needs no discount: its charge becomes income.
    function test_charge_edge_netting_and_turning() public {
        enter(alice, 10e18);
        enter(honest, -4e18);
        enter(bob, -12e18);
        eth.set(1_860e8);
        backstop.inherit(alice, ETH);
        equal(backstop.chargeOf(ETH), 334.8e6, "of ten");
        eth.set(2_140e8); // a short's equity 60 an ether
        backstop.inherit(honest, ETH);
        equal(backstop.offerOf(ETH).inventory, 6e18, "six are left");
        equal(backstop.chargeOf(ETH), 200.88e6, "with six tenths");
        backstop.inherit(bob, ETH);
        equal(backstop.offerOf(ETH).inventory, -6e18, "turned");
        equal(backstop.chargeOf(ETH), 231.12e6, "half of what twelve left behind: 513.60 less a tenth");
        enter(alice, 6e18);
        eth.set(2_000e8);
        equal(backstop.offerOf(ETH).startedAt, START, "since it turned");
    }

    /// @dev Nobody wanted it for twelve auctions: it is closed at the oracle price, a lot at a time.
    function test_unwind_worked_example() public {
        enter(alice, 10e18);
        eth.set(1_860e8);
        backstop.inherit(alice, ETH);
        vm.warp(START + 7_199);
        fresh(1_860e8);
        vm.expectRevert(abi.encodeWithSelector(Backstop.TooSoon.selector, START + 7_200));
        backstop.unwind(ETH);
        vm.warp(START + 7_200);
        fresh(1_850e8);
        int256 lot = backstop.offerOf(ETH).size;
        vm.expectEmit(address(backstop));
        emit Backstop.Surrendered(ETH, lot);
        backstop.unwind(ETH);
        equal(venue.sizeOf(address(backstop), ETH), 10e18 - lot, "a lot less");
        vm.expectRevert(abi.encodeWithSelector(Backstop.TooSoon.selector, START + 14_400));
        backstop.unwind(ETH);
        vm.warp(START + 14_400);
        fresh(1_850e8);
        backstop.unwind(ETH);
        equal(backstop.offerOf(ETH).inventory, 0, "nothing is left");
        equal(backstop.openSince(), 0, "nor locked");
        equal(junior.held(), 20_000e6, "the penalty paid for the ten that each ether lost");
        vm.expectRevert(abi.encodeWithSelector(BackstopInventory.NoLot.selector, ETH));
        backstop.unwind(ETH);
    }

    // ---------------------------------------------------------------- the attack

    /// @dev Initial margin stays where it is withdrawn from.
    function test_attack_withdraw_to_be_inherited() public {
        deposit(alice, 4_010e6);
        open(alice, ETH, 10e18);
        vm.prank(alice);
        vm.expectPartialRevert(LimitGuarded.MarginExceeded.selector);
        venue.withdraw(2_000e6 + 1, alice);
        vm.prank(alice);
        venue.withdraw(2_000e6, alice);
        int256 profit = attack(10e18, 140, [uint256(600), 600], [int256(0), 0]);
        holds(profit <= -10e18 && profit > -10.0001e18, "poorer by the fee of opening: the penalty comes back at best");
    }

    /// @dev The same by waiting time: what comes back approaches what was left behind, and is never more.
    function test_attack_by_waiting_time() public {
        uint256[6] memory waits = [uint256(0), 60, 120, 240, 600, 1 days];
        int256 most = type(int256).min;
        for (uint256 i = 0; i < 6; ++i) {
            setUp();
            enter(alice, 10e18);
            int256 profit = attack(10e18, 140, [waits[i], waits[i]], [int256(0), 0]);
            emit log_named_int("profit", profit);
            if (profit > most) most = profit;
        }
        holds(most < 0, "the best waiting time loses");
    }

    /// @dev Whatever the side, the size, the move that made it fall, the waits before each bid and where the price goes
    ///      meanwhile: no profit, beyond what the account owed when a price jumped past all it had.
    function testFuzz_attack_does_not_pay(
        uint96 size,
        uint16 move,
        uint32[2] memory wait,
        uint16[2] memory drift,
        bool short
    ) public {
        int256 held = int256(bound(size, 1e17, 55e18));
        if (short) held = -held;
        uint256 fall = bound(move, 138, 260);
        enter(alice, held);
        uint256[2] memory waits = [bound(wait[0], 0, 2 days), bound(wait[1], 0, 2 days)];
        int256[2] memory drifts = [int256(bound(drift[0], 0, 400)) - 200, int256(bound(drift[1], 0, 400)) - 200];
        int256 profit = attack(held, fall, waits, drifts);
        int256 owed = fall > 200 ? held * (int256(fall) - 200) : int256(0);
        holds(profit <= (owed < 0 ? -owed : owed), "the attack pays");
    }

    /// @dev Beside somebody else's lot there is no more to get than that one left behind, which is any bidder's.
    function testFuzz_attack_beside_an_honest_lot(uint96 size, uint96 other, uint16 move, uint32 wait) public {
        int256 held = int256(bound(size, 1e17, 30e18));
        int256 theirs = int256(bound(other, 1e17, 20e18));
        enter(alice, held);
        enter(honest, theirs);
        eth.set(1_860e8);
        backstop.inherit(honest, ETH);
        uint256 left = backstop.chargeOf(ETH);
        uint256 fall = bound(move, 140, 200);
        int256 profit = attack(held, fall, [bound(wait, 0, 2 days), 600], [int256(0), 0]);
        holds(profit <= int256(left * 1e12), "more than the honest one left");
    }

    /// @dev Ether at 2,000, and just the initial margin.
    function enter(address who, int256 size) private {
        eth.set(2_000e8);
        uint256 amount = uint256(size > 0 ? size : -size);
        deposit(who, amount * 201 / 1e12 + 10);
        open(who, ETH, size);
    }

    /// @return profit Of all four, USD × 1e18. The hedge ends when Alice's position does, and Bob closes what he buys.
    function attack(int256 held, uint256 fall, uint256[2] memory waits, int256[2] memory drifts)
        private
        returns (int256 profit)
    {
        int256 start = money(alice) + int256(uint256(held > 0 ? held : -held)); // with the fee that was paid
        int256 price = 2_000 + (held > 0 ? -int256(fall) : int256(fall));
        fresh(price * 1e8);
        vm.prank(carol);
        backstop.inherit(alice, ETH);
        profit = int256(fall) * (held > 0 ? held : -held) + money(alice) - start;
        deposit(bob, 100_000e6);
        uint256 time = START;
        for (uint256 i = 0; backstop.offerOf(ETH).inventory != 0; ++i) {
            vm.warp(time += waits[i % 2]);
            fresh((price + drifts[i % 2]) * 1e8);
            vm.startPrank(bob);
            backstop.bid(ETH, MAX, held > 0 ? MAX : 0);
            venue.reduce(ETH, MAX, held > 0 ? 0 : MAX);
            vm.stopPrank();
        }
        profit += money(bob) - 100_000e18 + money(carol);
    }

    function money(address who) private view returns (int256) {
        return
            int256(collateral(who)) - int256(venue.accountOf(who).unsettledLoss)
                + int256(venue.accountOf(who).unpaidGain);
    }
}
