// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BackstopLayers} from "../contracts/BackstopLayers.sol";
import {BackstopQueue} from "../contracts/BackstopQueue.sol";
import {PerpLiquidations} from "../contracts/PerpLiquidations.sol";
import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {PerpPositions} from "../contracts/PerpPositions.sol";
import {BackstopTest} from "./BackstopTest.sol";

/// @dev Whose profit pays when no layer can, in a book of any size.
contract BackstopQueueTest is BackstopTest {
    /// @dev What a transaction may use of a block, by EIP-7825.
    uint256 private constant TRANSACTION_GAS = 16_777_216;

    function setUp() public {
        deployBackstop();
    }

    function liquidated(address account, uint256 collateral_, int256 size, int256 price) internal {
        deposit(account, collateral_);
        open(account, ETH, size);
        eth.set(price);
        vm.prank(keeper);
        venue.liquidate(account, ETH);
    }

    function test_deleverage_error_out_of_turn_and_rank() public {
        deposit(carol, 60_000e6);
        open(carol, ETH, -100e18);
        deposit(bob, 6_000e6);
        open(bob, ETH, -20e18); // more leverage, a higher rank
        liquidated(alice, 40_200e6, 200e18, 1_400e8);
        BackstopQueue.Winner[] memory two = new BackstopQueue.Winner[](2);
        two[0] = BackstopQueue.Winner(carol, ETH);
        two[1] = BackstopQueue.Winner(bob, ETH);
        holds(backstop.rankOf(bob, ETH) < backstop.rankOf(carol, ETH), "Carol made more");
        backstop.cover(alice);
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.Missing.selector, carol, ETH));
        backstop.deleverage(alice, queue(bob, ETH));
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.OutOfRank.selector, 0));
        backstop.deleverage(alice, queue(jane, ETH)); // no winner
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.OutOfRank.selector, 0));
        backstop.deleverage(alice, new BackstopQueue.Winner[](0));
        backstop.deleverage(alice, two); // Bob is not needed
        equal(venue.sizeOf(bob, ETH), -20e18, "Bob keeps his");
    }

    function test_deleverage_error_while_a_layer_can_pay() public {
        deposit(carol, 60_000e6);
        open(carol, ETH, -100e18);
        liquidated(alice, 2_010e6, 10e18, 1_700e8);
        vm.expectPartialRevert(BackstopQueue.OutOfTurn.selector);
        backstop.deleverage(alice, queue(carol, ETH));
    }

    function test_deleverage_error_order_and_length() public {
        ruin(4, 1e18);
        BackstopQueue.Winner[] memory list = winners(4, 3);
        (list[0], list[1]) = (list[1], list[0]);
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.OutOfRank.selector, 1));
        backstop.deleverage(alice, list);
        list[1] = list[0] = BackstopQueue.Winner(winner(3), ETH);
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.OutOfRank.selector, 1));
        backstop.deleverage(alice, list); // nobody twice
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.OutOfRank.selector, 65));
        backstop.deleverage(alice, new BackstopQueue.Winner[](65));
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.Missing.selector, winner(0), ETH));
        backstop.deleverage(alice, winners(4, 2)); // does not pay all, and leaves somebody out
        backstop.deleverage(alice, winners(4, 4));
    }

    /// @dev bug: who stood in the queue behind its last payer was never asked, and counted as present: the first in rank paid nothing.
    function test_deleverage_bug_the_first_in_rank_hides_behind_the_last_payer() public {
        ruin(12, 1e18); // nine of them pay all
        BackstopQueue.Winner[] memory list = new BackstopQueue.Winner[](10);
        for (uint256 i = 0; i < 9; ++i) {
            list[i] = BackstopQueue.Winner(winner(10 - i), ETH);
        }
        list[9] = BackstopQueue.Winner(winner(11), ETH);
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.Missing.selector, winner(11), ETH));
        backstop.deleverage(alice, list);
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.Missing.selector, winner(11), ETH));
        backstop.checkQueue(alice, list, 1);
        backstop.deleverage(alice, winners(12, 10)); // one too many does no harm
        holds(venue.sizeOf(winner(11), ETH) > -1.011e18, "the first pays");
        equal(venue.sizeOf(winner(2), ETH), -1.002e18, "the one too many does not");
    }

    /// @dev bug: who held a market whose feed is dead besides read as ruined, and the next in rank paid for him.
    function test_deleverage_bug_a_dead_feed_hides_the_first_in_rank() public {
        deposit(carol, 60_000e6);
        open(carol, ETH, -100e18);
        open(carol, BTC, 4e18);
        deposit(bob, 6_000e6);
        open(bob, ETH, -20e18);
        liquidated(alice, 40_200e6, 200e18, 1_400e8);
        backstop.cover(alice);
        btc.set(0);
        vm.expectRevert(abi.encodeWithSelector(PerpMarkets.PriceNotPositive.selector, BTC));
        backstop.deleverage(alice, queue(bob, ETH));
        vm.expectRevert(abi.encodeWithSelector(PerpMarkets.PriceNotPositive.selector, BTC));
        backstop.rankOf(carol, ETH);
        btc.set(40_000e8);
        backstop.checkQueue(alice, queue(carol, ETH), 1);
        btc.set(0); // what has begun goes on at the prices at which it began
        backstop.deleverage(alice, queue(carol, ETH));
        equal(venue.accountOf(alice).unsettledLoss, 0, "the first in rank pays");
    }

    /// @dev A market that nobody holds stands in nobody's way.
    function test_deleverage_edge_a_dead_feed_of_an_empty_market() public {
        ruin(1, 10e18);
        btc.set(0);
        backstop.deleverage(alice, winners(1, 1));
        equal(venue.accountOf(alice).unsettledLoss, 0, "paid");
    }

    // ---------------------------------------------------------------- the record

    /// @dev What a winner gives up is no fee of his.
    function test_deleverage_worked_example_is_recorded_as_what_it_is() public {
        ruin(1, 10e18);
        PerpPositions.AccountView memory before = venue.accountOf(winner(0));
        uint256 profit = uint256(before.positions[0].unrealised); // 600 an ether, ten of them
        equal(profit, 6_000e18, "profit");
        equal(venue.accountOf(alice).unsettledLoss, 5_000e18, "owed");
        int256 left = -10e18 + 8_333_333_333_333_333_334;
        vm.expectEmit(address(venue));
        emit PerpPositions.PositionChanged(
            winner(0), ETH, 8_333_333_333_333_333_334, left, 1_400e18, 2_000e18, 5_000e18 + 400, 0
        );
        vm.expectEmit(address(venue));
        emit PerpLiquidations.Deleveraged(winner(0), ETH, alice, -8_333_333_333_333_333_334, 1_400e18, 5_000e18);
        backstop.deleverage(alice, winners(1, 1));
        PerpPositions.AccountView memory after_ = venue.accountOf(winner(0));
        holds(after_.equity <= before.equity - 5_000e18 + 1e13, "five thousand less");
        holds(after_.equity >= before.equity - 5_000e18 - 1e13, "and no more");
        equal(venue.accountOf(alice).unsettledLoss, 0, "paid");
    }

    // ---------------------------------------------------------------- a book that does not fit a block

    /// @dev Four hundred accounts, read in pages of eighty; every call fits a transaction, and the price moves meanwhile.
    function test_a_large_book_fits_blocks() public {
        ruin(400, 1e18);
        BackstopQueue.Winner[] memory list = winners(400, 20);
        uint256 most = 0;
        uint256 calls = 0;
        for (uint256 left = MAX; left != 0; ++calls) {
            uint256 before = gasleft();
            backstop.checkQueue(alice, list, 80);
            most = max(most, before - gasleft());
            left = backstop.roundOf(address(this), alice, list).cursor;
            vm.warp(START + calls * 12);
            fresh(1_400e8 - int256(calls) * 10e8); // everybody's rank rises above what was the queue's last
        }
        equal(calls, 5, "pages");
        uint256 start = gasleft();
        backstop.deleverage(alice, list);
        most = max(most, start - gasleft());
        holds(most < TRANSACTION_GAS / 2, "half of what a transaction may use");
        equal(venue.accountOf(alice).unsettledLoss, 0, "paid");
        holds(venue.sizeOf(winner(399), ETH) > -1e18, "by the first in rank");
        equal(venue.sizeOf(winner(380), ETH), -1.38e18, "not by the last of the queue");
    }

    function test_check_error_somebody_is_missing() public {
        ruin(6, 1e18);
        BackstopQueue.Winner[] memory list = winners(6, 5); // does not pay all, so that nobody may be missing
        backstop.checkQueue(alice, list, 5);
        equal(backstop.roundOf(address(this), alice, list).cursor, 1, "the first of the book is read last");
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.Missing.selector, winner(0), ETH));
        backstop.checkQueue(alice, list, 1);
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.Missing.selector, winner(0), ETH));
        backstop.deleverage(alice, list);
    }

    function test_check_edge_a_round_is_its_callers_and_ends() public {
        ruin(6, 1e18);
        BackstopQueue.Winner[] memory list = winners(6, 6);
        backstop.checkQueue(alice, list, 4);
        equal(backstop.roundOf(bob, alice, list).startedAt, 0, "nobody else's");
        vm.warp(START + 10 minutes - 1);
        equal(backstop.roundOf(address(this), alice, list).cursor, 2, "two are left");
        vm.warp(START + 10 minutes);
        equal(backstop.roundOf(address(this), alice, list).startedAt, 0, "too old");
        fresh(1_390e8);
        backstop.checkQueue(alice, list, 4);
        BackstopQueue.Round memory round = backstop.roundOf(address(this), alice, list);
        equal(round.marks[0], 1_390e18, "anew, at the prices now");
        equal(round.cursor, 2, "from the end");
    }

    /// @dev Later pages are read at the prices of the first: a rank that rises meanwhile is nobody's fault.
    function test_check_edge_prices_move_between_pages() public {
        ruin(10, 1e18);
        BackstopQueue.Winner[] memory list = winners(10, 9); // pays all: the last in rank is not needed
        backstop.checkQueue(alice, list, 5);
        fresh(1_390e8); // and everybody's rank is above what was the queue's last
        holds(backstop.rankOf(winner(0), ETH) > backstop.roundOf(address(this), alice, list).threshold, "it is");
        backstop.checkQueue(alice, list, 5);
        backstop.deleverage(alice, list);
        equal(venue.accountOf(alice).unsettledLoss, 0, "paid");
        equal(venue.sizeOf(winner(0), ETH), -1e18, "without him");
    }

    /// @dev Who moves in the list of accounts is read, whichever way he moves; whose profit is gone is passed over.
    function test_check_edge_the_book_moves_between_pages() public {
        ruin(6, 1e18);
        BackstopQueue.Winner[] memory list = winners(6, 5);
        backstop.checkQueue(alice, list, 2); // reads the fifth and the fourth
        vm.prank(winner(2));
        venue.reduce(ETH, MAX, MAX); // the fifth fills the gap; the gain is taken
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.Missing.selector, winner(0), ETH));
        backstop.deleverage(alice, list);
        list = winners(6, 6);
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.OutOfRank.selector, 3));
        backstop.deleverage(alice, list); // the second has nothing any more
        BackstopQueue.Winner[] memory five = new BackstopQueue.Winner[](5);
        (five[0], five[1], five[2], five[3], five[4]) = (list[0], list[1], list[2], list[4], list[5]);
        backstop.checkQueue(alice, five, 2);
        vm.prank(winner(5));
        venue.reduce(ETH, MAX, MAX);
        uint256 owed = venue.accountOf(alice).unsettledLoss;
        backstop.deleverage(alice, five); // the first is passed over
        holds(venue.accountOf(alice).unsettledLoss < owed - 2_400e18, "four pay");
        equal(venue.sizeOf(winner(0), ETH), 0, "all they have");
    }

    /// @dev A newcomer who is moved into an unread place has no profit at the price that he came at: pages at one price, as in
    ///      one block, are not his to stop. At another price he may make a check fail, and it begins anew.
    function test_check_edge_a_newcomer_in_an_unread_place() public {
        ruin(10, 1e18);
        BackstopQueue.Winner[] memory list = winners(10, 9); // pays all
        newcomer(list, 0);
        backstop.checkQueue(alice, list, 5);
        equal(backstop.roundOf(address(this), alice, list).cursor, 0, "all is read");

        setUp();
        ruin(10, 1e18);
        newcomer(list, 10e8); // 10 an ether of profit at the prices of the first page
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.Missing.selector, bob, ETH));
        backstop.checkQueue(alice, list, 5);
        vm.warp(START + 10 minutes);
        fresh(1_390e8);
        backstop.deleverage(alice, list);
        equal(venue.accountOf(alice).unsettledLoss, 0, "paid");
    }

    /// @dev Half of the book is read; then somebody opens, and is moved to the place of the first, who closes.
    function newcomer(BackstopQueue.Winner[] memory list, int256 lower) private {
        backstop.checkQueue(alice, list, 5);
        eth.set(1_400e8 - lower);
        deposit(bob, 5_000e6);
        open(bob, ETH, 20e18);
        vm.prank(winner(0));
        venue.reduce(ETH, MAX, MAX);
        (address[] memory first,) = venue.accountsWithPositions(0, 1);
        holds(first[0] == bob, "moved");
    }

    /// @dev More than a queue may hold owe: the first sixty-four pay, then the next.
    function test_deleverage_edge_more_than_one_queue() public {
        ruin(70, 0.05e18);
        backstop.deleverage(alice, winners(70, 64));
        holds(venue.accountOf(alice).unsettledLoss > 0, "not all is paid");
        equal(venue.sizeOf(winner(6), ETH), 0, "the last of the first");
        holds(venue.sizeOf(winner(5), ETH) < 0, "the next");
        backstop.deleverage(alice, winners(6, 6));
        equal(venue.sizeOf(winner(0), ETH), 0, "all");
        vm.expectRevert(abi.encodeWithSelector(BackstopQueue.OutOfRank.selector, 0));
        backstop.deleverage(alice, winners(1, 1)); // nobody has anything
    }

    function max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }

    function winner(uint256 i) private pure returns (address) {
        return address(uint160(0x10000 + i));
    }

    /// @dev So many accounts short, each a little more than the one before; Alice's loss leaves 5,000 unpaid.
    function ruin(uint256 count, int256 least) private {
        for (uint256 i = 0; i < count; ++i) {
            deposit(winner(i), 5_000e6);
            open(winner(i), ETH, -least - int256(i) * 0.001e18);
        }
        liquidated(alice, 40_200e6, 200e18, 1_400e8);
        backstop.cover(alice);
    }

    /// @dev The first `length` in rank of `count`.
    function winners(uint256 count, uint256 length) private pure returns (BackstopQueue.Winner[] memory list) {
        list = new BackstopQueue.Winner[](length);
        for (uint256 i = 0; i < length; ++i) {
            list[i] = BackstopQueue.Winner(winner(count - 1 - i), ETH);
        }
    }
}
