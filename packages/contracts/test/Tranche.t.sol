// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

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
        equal(usdc.balanceOf(jane), 10_000e6, "out");
        equal(junior.held(), 10_000e6, "the rest");
        equal(junior.totalSupply(), shares / 2, "burnt");
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
        equal(usdc.balanceOf(bob), 1e6, "by allowance");
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
