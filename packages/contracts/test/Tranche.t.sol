// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {BackstopQueue} from "../contracts/BackstopQueue.sol";
import {Tranche} from "../contracts/Tranche.sol";
import {BackstopTest} from "./BackstopTest.sol";

/// @dev Shares: what they cost, when they leave, and what they pay on the way.
contract TrancheTest is BackstopTest {
    bytes4 private constant TOO_MUCH = bytes4(keccak256("ERC4626ExceededMaxRedeem(address,uint256,uint256)"));
    bytes4 private constant CLOSED = bytes4(keccak256("ERC4626ExceededMaxDeposit(address,uint256,uint256)"));

    function setUp() public {
        deployBackstop();
    }

    function inherited(int256 price) internal {
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        eth.set(price);
        backstop.inherit(alice, ETH);
    }

    function test_redeem_worked_example() public {
        uint256 shares = junior.balanceOf(jane);
        equal(shares, 20_000e12, "six digits more than the token");
        vm.startPrank(jane);
        junior.requestRedeem(shares / 2);
        equal(junior.balanceOf(jane), shares / 2, "queued");
        vm.warp(START + 3 days - 1);
        vm.expectPartialRevert(TOO_MUCH);
        junior.redeem(1, jane, jane);
        vm.warp(START + 3 days);
        equal(junior.maxWithdraw(jane), 10_000e6, "half");
        junior.redeem(shares / 2, jane, jane);
        vm.stopPrank();
        equal(junior.held(), 10_000e6, "the rest");
        equal(junior.totalSupply(), shares / 2, "burnt");
        equal(junior.maxRedeem(jane), 0, "and used up");
        equal(junior.requestOf(jane).shares, 0, "nothing waits");
        equal(usdc.balanceOf(jane), 0, "not out yet");
        uint256 era = block.timestamp / 1 hours;
        equal(junior.leftOf(jane, era), 10_000e6, "but hers");
        uint256 until = (era + 2) * 1 hours;
        holds(until - block.timestamp > 1 hours && until - block.timestamp <= 2 hours, "for an hour at least");
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(Tranche.StillLiable.selector, until));
        junior.claim(jane, era);
        vm.warp(until);
        junior.claim(jane, era); // by anyone
        equal(usdc.balanceOf(jane), 10_000e6, "out");
        vm.expectRevert(Tranche.ZeroShares.selector);
        junior.claim(jane, era);
        equal(junior.capital(), 10_000e6, "the rest");
    }

    // ---------------------------------------------------------------- no run before a loss

    /// @dev Alice is under water, and everybody sees it; Jane's time to leave has come. She leaves, and pays nevertheless.
    function test_redeem_edge_nobody_runs_before_a_loss() public {
        supply(junior, carol, 20_000e6);
        leaves(jane, 20_000e12, 10_000e12);
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        eth.set(1_700e8); // a thousand below zero
        vm.prank(jane);
        junior.redeem(10_000e12, jane, jane);
        equal(junior.held(), 30_000e6, "she left before it was inherited");
        equal(junior.capital(), 40_000e6, "and all is there to pay");
        uint256 era = block.timestamp / 1 hours;
        vm.warp((era + 2) * 1 hours - 1);
        fresh(1_700e8);
        backstop.inherit(alice, ETH);
        equal(junior.held(), 29_250e6, "three quarters of a thousand");
        equal(junior.leftOf(jane, era), 9_750e6, "and a quarter");
        vm.warp((era + 2) * 1 hours);
        junior.claim(jane, era);
        equal(usdc.balanceOf(jane), 9_750e6, "what her shares would have paid, had they stayed");
        equal(junior.capital(), 29_250e6, "the rest");
    }

    /// @dev Two who left an hour apart pay alike, and who left before them pays no more.
    function test_draw_edge_by_what_is_liable() public {
        supply(junior, carol, 20_000e6);
        leaves(jane, 20_000e12, 20_000e12);
        uint256 era = block.timestamp / 1 hours;
        vm.prank(jane);
        junior.redeem(4_000e12, jane, jane);
        vm.warp((era + 1) * 1 hours);
        fresh(2_000e8);
        vm.prank(jane);
        junior.redeem(6_000e12, bob, jane);
        vm.warp((era + 2) * 1 hours);
        fresh(2_000e8);
        vm.prank(jane);
        junior.redeem(2_000e12, bob, jane);
        vm.prank(address(backstop));
        equal(junior.draw(3_600e6), 3_600e6, "of 28,000 that stay, and 8,000");
        equal(junior.held(), 25_200e6, "a tenth");
        equal(junior.leftOf(jane, era), 4_000e6, "not liable any more");
        equal(junior.leftOf(bob, era + 1), 5_400e6, "a tenth");
        equal(junior.leftOf(bob, era + 2), 1_800e6, "and a tenth");
        vm.prank(jane);
        junior.redeem(2_000e12, jane, jane); // 900 each thousand: into an exit that paid already
        equal(junior.leftOf(jane, era + 2), 1_800e6, "pays for nothing from before");
        equal(junior.leftOf(bob, era + 2), 1_800e6, "nor for him");
        vm.prank(address(backstop));
        equal(junior.draw(1_000_000e6), 32_400e6, "all there is");
        equal(junior.held() + junior.capital(), 0, "nothing is left");
        equal(junior.leftOf(bob, era + 1) + junior.leftOf(bob, era + 2), 0, "of either");
        equal(junior.leftOf(jane, era), 4_000e6, "but this");
        junior.claim(jane, era);
    }

    /// @dev What was lost altogether is not shared with who leaves next.
    function test_redeem_edge_after_all_was_lost() public {
        supply(junior, carol, 20_000e6);
        leaves(jane, 20_000e12, 20_000e12);
        vm.startPrank(jane);
        junior.redeem(10_000e12, jane, jane);
        vm.stopPrank();
        vm.prank(address(backstop));
        junior.draw(40_000e6);
        supply(junior, sam, 100e6);
        equal(junior.maxRedeem(jane), 0, "not in this era");
        vm.warp((block.timestamp / 1 hours + 1) * 1 hours);
        equal(junior.maxRedeem(jane), 10_000e12, "in the next");
    }

    /// @dev A share of a loss that is not paid yet falls on what is liable too; capacity counts what stays.
    function test_capital_edge_while_some_leaves() public {
        leaves(jane, 20_000e12, 10_000e12);
        vm.prank(jane);
        junior.redeem(10_000e12, jane, jane);
        equal(backstop.capacity(), 130_000e18, "twice what stays, 65,000");
        inherited(1_820e8);
        eth.set(1_700e8); // 1,000 lost beside the penalty, and 200 to give
        equal(junior.totalAssets(), 10_000e6 - 600e6, "half of it");
        era_ = block.timestamp / 1 hours;
        vm.warp(block.timestamp + 600);
        fresh(1_700e8);
        deposit(bob, 20_000e6);
        vm.startPrank(bob);
        backstop.bid(ETH, MAX, MAX);
        backstop.bid(ETH, MAX, MAX);
        vm.stopPrank();
        holds(junior.held() < 9_600e6 && junior.leftOf(jane, era_) < 9_600e6, "both paid");
        holds(junior.held() <= junior.leftOf(jane, era_) + 1 && junior.leftOf(jane, era_) <= junior.held() + 1, "alike");
    }

    /// @dev 69,300 are lost: more than the 65,000 that stay, less than the 75,000 that can pay.
    function test_surrender_edge_what_left_can_carry_it() public {
        leaves(jane, 20_000e12, 10_000e12);
        vm.prank(jane);
        junior.redeem(10_000e12, jane, jane);
        deposit(alice, 14_770e6);
        open(alice, ETH, 70e18);
        eth.set(1_800e8);
        backstop.inherit(alice, ETH);
        eth.set(800e8);
        vm.expectPartialRevert(BackstopQueue.OutOfTurn.selector);
        backstop.surrender(ETH);
    }

    /// @dev 11,200 are lost, and 800 may be given to bidders: of 20,000 that pay first, half stays.
    function test_totalAssets_edge_a_loss_beyond_what_stays() public {
        leaves(jane, 20_000e12, 10_000e12);
        vm.prank(jane);
        junior.redeem(10_000e12, jane, jane);
        deposit(alice, 8_040e6);
        open(alice, ETH, 40e18);
        eth.set(1_820e8);
        backstop.inherit(alice, ETH);
        eth.set(1_520e8);
        holds(junior.totalAssets() <= 4_000e6 && junior.totalAssets() >= 4_000e6 - 10, "six of ten thousand");
        equal(senior.totalAssets(), 50_000e6, "not its turn");
    }

    /// @dev 60 ether from 1,800 to 700 are 66,000; 20,000 of junior, 5,000 of the fund and the account's own go first. What
    ///      left of senior bears its part of the rest, so that what stayed does not bear all of it.
    function test_totalAssets_edge_a_loss_beyond_what_stays_of_senior() public {
        vm.prank(sam);
        senior.requestRedeem(20_000e12);
        vm.warp(START + 3 days);
        fresh(2_000e8);
        vm.prank(sam);
        senior.redeem(20_000e12, sam, sam);
        deposit(alice, 12_660e6);
        open(alice, ETH, 60e18);
        eth.set(1_800e8);
        backstop.inherit(alice, ETH);
        eth.set(700e8);
        equal(junior.totalAssets(), 0, "first");
        uint256 left = senior.totalAssets();
        holds(left < 5_460e6 && left > 5_300e6, "of thirty thousand");
    }

    function test_claim_edge_two_of_one_hour() public {
        leaves(jane, 20_000e12, 10_000e12);
        uint256 era = block.timestamp / 1 hours;
        vm.startPrank(jane);
        junior.redeem(4_000e12, jane, jane);
        junior.redeem(6_000e12, bob, jane);
        vm.stopPrank();
        vm.warp((era + 2) * 1 hours);
        junior.claim(jane, era);
        equal(junior.leftOf(bob, era), 6_000e6, "his is as it was");
        junior.claim(bob, era);
        equal(usdc.balanceOf(jane), 4_000e6, "hers");
        equal(usdc.balanceOf(bob), 6_000e6, "his");
    }

    uint256 private era_;

    /// @dev Shares queued, and waited for.
    function leaves(address who, uint256 all, uint256 shares) private {
        equal(junior.balanceOf(who), all, "has");
        vm.prank(who);
        junior.requestRedeem(shares);
        vm.warp(START + 3 days);
        fresh(2_000e8);
    }

    function test_redeem_edge_the_time_to_leave_ends() public {
        vm.startPrank(jane);
        junior.requestRedeem(1e12);
        vm.warp(START + 5 days);
        equal(junior.maxRedeem(jane), 0, "too late");
        junior.requestRedeem(1e12);
        vm.warp(START + 8 days);
        equal(junior.maxRedeem(jane), 2e12, "again, with what waited before");
        junior.cancelRequest();
        equal(junior.balanceOf(jane), 20_000e12, "taken back");
        vm.expectRevert(Tranche.ZeroShares.selector);
        junior.cancelRequest();
        vm.expectRevert(Tranche.ZeroShares.selector);
        junior.requestRedeem(0);
        vm.stopPrank();
    }

    function test_redeem_edge_for_somebody_else() public {
        vm.prank(jane);
        junior.requestRedeem(2e12);
        vm.warp(START + 3 days);
        vm.prank(bob);
        vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientAllowance(address,uint256,uint256)")));
        junior.redeem(1e12, bob, jane);
        vm.prank(jane);
        junior.approve(bob, 1e12);
        vm.prank(bob);
        junior.redeem(1e12, bob, jane);
        equal(junior.leftOf(bob, block.timestamp / 1 hours), 1e6, "by allowance");
    }

    /// @dev A queue cannot run: what waits pays like what stays, and nobody leaves while something is inherited.
    function test_queue_edge_losses_hit_it() public {
        vm.startPrank(jane);
        junior.requestRedeem(10_000e12);
        vm.stopPrank();
        vm.warp(START + 3 days);
        fresh(2_000e8);
        inherited(1_700e8); // a thousand missing
        equal(junior.maxRedeem(jane), 0, "locked");
        vm.warp(START + 3 days + 600);
        fresh(1_650e8); // and five hundred more
        deposit(bob, 20_000e6);
        vm.startPrank(bob);
        backstop.bid(ETH, MAX, MAX);
        backstop.bid(ETH, MAX, MAX);
        vm.stopPrank();
        uint256 held = junior.held();
        equal(held, 19_000e6 - 500e6 - 1, "paid by what waits and what stays");
        equal(junior.maxWithdraw(jane), held / 2, "half of what is left");
    }

    function test_queue_edge_a_lock_ends() public {
        inherited(1_820e8);
        vm.prank(jane);
        junior.requestRedeem(10_000e12);
        vm.warp(START + 5 days - 1);
        fresh(1_820e8);
        equal(junior.maxRedeem(jane), 0, "locked");
        vm.prank(jane);
        junior.requestRedeem(1);
        vm.warp(START + 8 days);
        equal(junior.maxRedeem(jane), 0, "not on a stale price");
        fresh(1_800e8);
        equal(junior.maxRedeem(jane), 10_000e12 + 1, "after seven days");
        // At the worst price: the penalty made the 200 good that were lost since, and may be given to bidders yet.
        equal(junior.totalAssets(), 20_000e6 - 200_000_000, "marked");
    }

    function test_deposit_edge_at_the_mark_not_at_the_worst() public {
        inherited(1_820e8);
        eth.set(1_700e8); // 1,000 lost beside the penalty
        equal(junior.totalAssets(), 20_000e6 - 1_000e6 - 200e6, "who leaves");
        uint256 shares = junior.previewDeposit(1_900e6);
        holds(shares > 1_999e12 && shares <= 2_001e12, "who comes: 1,900 of 19,000");
        equal(junior.previewMint(shares), 1_900e6, "the same the other way");
    }

    function test_deposit_error_not_into_a_gain_or_a_pause() public {
        inherited(1_820e8);
        equal(junior.maxDeposit(jane), 0, "the penalty is not theirs who come now");
        vm.expectPartialRevert(CLOSED);
        junior.deposit(1, jane);
        eth.set(1_800e8 - 1);
        equal(junior.maxDeposit(jane), MAX, "it is gone");
        vm.warp(START + 2 hours);
        equal(junior.maxDeposit(jane), 0, "stale");
        fresh(1_790e8);
        vm.prank(guardian);
        backstop.pause();
        equal(junior.maxMint(jane), 0, "paused");
    }

    function test_draw_and_earn_error_nobody_else() public {
        vm.expectPartialRevert(Tranche.NotBackstop.selector);
        junior.draw(1);
        vm.expectPartialRevert(Tranche.NotBackstop.selector);
        junior.earn(1);
    }

    /// @dev Whoever is first and makes gifts takes nothing from whoever is second.
    function testFuzz_a_gift_moves_no_price(uint64 first, uint64 gift, uint64 second) public {
        Tranche fresh_ = new_();
        uint256 a = bound(first, 1, 1e12);
        uint256 b = bound(second, 1, 1e12);
        supply(fresh_, jane, a);
        usdc.mint(address(fresh_), gift);
        supply(fresh_, sam, b);
        equal(fresh_.held(), a + b, "gifts do not count");
        holds(worth(fresh_, sam) + 1 >= b, "the second keeps what he brought");
        holds(worth(fresh_, jane) <= a, "the first gains nothing");
    }

    function new_() private returns (Tranche) {
        return new TrancheHolder(address(usdc)).tranche();
    }
}

/// @dev Books without a loss.
contract TrancheHolder {
    Tranche public tranche;

    constructor(address token) {
        tranche = new Tranche(IERC20(token), "t", "t", 1, 1);
    }

    function pendingLossOf(address) external pure returns (uint256, uint256) {
        return (0, 0);
    }

    function gates() external pure returns (bool, bool) {
        return (true, true);
    }
}
