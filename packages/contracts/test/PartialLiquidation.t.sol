// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PerpLiquidations} from "../contracts/PerpLiquidations.sol";
import {PerpVenue} from "../contracts/PerpVenue.sol";
import {HostileToken} from "../contracts/testing/HostileToken.sol";
import {VenueTest} from "./VenueTest.sol";

/// @dev Liquidations that close no more than restores a target.
contract PartialLiquidationTest is VenueTest {
    function setUp() public {
        deployVenue();
        terms(ETH, 1_250_000, 0);
    }

    function terms(bytes32 market, uint32 targetPpm, uint32 insurancePpm) internal {
        vm.prank(owner);
        venue.setLiquidationTerms(market, PerpLiquidations.LiquidationTerms(targetPpm, insurancePpm));
    }

    function liquidate(address account, bytes32 market) internal {
        vm.prank(keeper);
        venue.liquidate(account, market);
    }

    /// @dev Equity 940, maintenance margin 947: (1.25 · 947 − 940) / (1.25 · 5 % − 1 %) = 4,642.86 of 18,940.
    function test_part_worked_example() public {
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        eth.set(1_894e8);
        liquidate(alice, ETH);
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        uint256 closed = 10e18 - uint256(a.positions[0].size);
        equal(closed, 2_451_350_128_224_468_246, "4,642.86 at 1,894, rounded up");
        equal(usdc.balanceOf(keeper), 46_428_571, "one percent of it, rounded down");
        holds(uint256(a.equity) * 4 >= a.mm * 5 - 5e12, "a quarter above maintenance margin, but for a token's unit");
        holds(uint256(a.equity) * 4 <= a.mm * 5 + 5e12, "and no more");
    }

    /// @dev Ten ether at 1,890 need 945, and 1,100 are lost beside the fee of 10.
    function test_liquidate_edge_equity_of_just_the_maintenance_margin_is_enough() public {
        deposit(alice, 2_055e6);
        open(alice, ETH, 10e18);
        eth.set(1_890e8);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(PerpLiquidations.Healthy.selector, int256(945e18), 945e18));
        venue.liquidate(alice, ETH);
        deposit(bob, 2_055e6 - 1);
        eth.set(2_000e8);
        open(bob, ETH, 10e18);
        eth.set(1_890e8);
        liquidate(bob, ETH);
    }

    function test_part_edge_a_target_of_one_is_just_enough() public {
        terms(ETH, 1_000_000, 0);
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        eth.set(1_894e8); // (947 − 940) / (5 % − 1 %) = 175
        liquidate(alice, ETH);
        equal(10e18 - uint256(venue.accountOf(alice).positions[0].size), 92_397_043_294_614_573, "175 at 1,894");
    }

    function test_part_edge_of_a_short() public {
        deposit(alice, 2_060e6);
        open(alice, ETH, -10e18);
        eth.set(2_101e8); // equity 1,040, maintenance margin 1,050.5
        liquidate(alice, ETH);
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        holds(a.positions[0].size < 0 && a.positions[0].size > -10e18, "some of it is left");
        holds(uint256(a.equity) * 4 >= a.mm * 5 - 5e12, "at the target");
    }

    function test_part_edge_all_of_one_market_where_that_is_not_enough() public {
        terms(BTC, 1_250_000, 0);
        deposit(alice, 6_030e6);
        open(alice, ETH, 1e18);
        open(alice, BTC, 1e18);
        btc.set(35_500e8); // loses 4,500: equity 1,509 on 1,875
        liquidate(alice, ETH);
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        equal(a.positions.length, 1, "all ether");
        holds(a.equity < int256(a.mm), "and still below");
        liquidate(alice, BTC);
        a = venue.accountOf(alice);
        holds(uint256(a.equity) * 4 >= a.mm * 5 - 5e12, "then as much bitcoin as it takes");
    }

    /// @dev Equity 150 on 1,065.60: a close may cost 5 % · 150 / 1,065.60 of what it closes, not one percent.
    function test_cost_edge_no_more_than_its_share_of_the_equity() public {
        deposit(alice, 2_850e6);
        open(alice, ETH, 10e18);
        open(alice, BTC, 0.1e18); // 2,838 left
        eth.set(1_731.2e8); // loses 2,688
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        liquidate(alice, ETH);
        PerpVenue.AccountView memory b = venue.accountOf(alice);
        equal(b.positions.length, 1, "all ether");
        equal(usdc.balanceOf(keeper), 121_846_846, "of 17,312; one percent would be 173.12");
        holds(b.equity * int256(a.mm) >= a.equity * int256(b.mm), "health does not fall");
    }

    function test_cost_edge_of_all_is_no_more_than_the_equity() public {
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        eth.set(1_805e8); // equity 50 on 902.50
        liquidate(alice, ETH);
        equal(collateral(alice), 1e12, "all but the rounding");
        equal(usdc.balanceOf(keeper), 49_999_999, "not 180.50");
    }

    function test_insurance_takes_its_share_of_the_fee() public {
        address fund = address(0xf0d);
        vm.startPrank(owner);
        venue.appoint(address(0), fund);
        vm.expectRevert(PerpLiquidations.AlreadyAppointed.selector);
        venue.appoint(address(1), fund);
        vm.stopPrank();
        terms(ETH, 0, 400_000);
        deposit(alice, 2_010e6);
        open(alice, ETH, 10e18);
        eth.set(1_894e8);
        liquidate(alice, ETH);
        equal(usdc.balanceOf(keeper), 113.64e6, "six tenths of 189.40");
        equal(usdc.balanceOf(fund), 75.76e6, "four");
    }

    /// @dev A token that lists accounts, as some do: neither the fund nor the caller on its list stops a liquidation.
    function test_liquidate_edge_a_token_that_refuses_whom_the_fee_is_for() public {
        HostileToken host = new HostileToken();
        PerpVenue other = new PerpVenue(host, book, owner, guardian);
        address fund = address(0xf0d);
        vm.startPrank(owner);
        other.addMarket(config(ETH, eth));
        other.appoint(address(0), fund);
        other.setLiquidationTerms(ETH, PerpLiquidations.LiquidationTerms(0, 400_000));
        vm.stopPrank();
        host.mint(alice, 2_010e6);
        vm.startPrank(alice);
        host.approve(address(other), 2_010e6);
        other.deposit(2_010e6);
        other.open(ETH, 10e18, MAX);
        vm.stopPrank();
        eth.set(1_894e8);
        host.setBlocked(fund, true);
        host.setBlocked(keeper, true);
        vm.prank(keeper);
        other.liquidate(alice, ETH);
        equal(other.accountOf(alice).positions.length, 0, "closed");
        equal(other.accountOf(keeper).collateral, 113.64e18, "six tenths of 189.40, as collateral there");
        equal(other.accountOf(fund).collateral, 75.76e18, "four");
        host.setBlocked(keeper, false);
        vm.prank(keeper);
        other.withdraw(113.64e6, keeper);
        equal(host.balanceOf(keeper), 113.64e6, "and can be had once it may be paid");
    }

    function test_terms_error() public {
        vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
        venue.setLiquidationTerms(ETH, PerpLiquidations.LiquidationTerms(0, 0));
        vm.startPrank(owner);
        vm.expectPartialRevert(bytes4(keccak256("OutOfBounds(string)")));
        venue.setLiquidationTerms(ETH, PerpLiquidations.LiquidationTerms(999_999, 0));
        vm.expectPartialRevert(bytes4(keccak256("OutOfBounds(string)")));
        venue.setLiquidationTerms(ETH, PerpLiquidations.LiquidationTerms(5_000_001, 0));
        vm.expectPartialRevert(bytes4(keccak256("OutOfBounds(string)")));
        venue.setLiquidationTerms(ETH, PerpLiquidations.LiquidationTerms(0, 1_000_001));
        vm.expectPartialRevert(bytes4(keccak256("UnknownMarket(bytes32)")));
        venue.setLiquidationTerms("XAU-PERP", PerpLiquidations.LiquidationTerms(0, 0));
        vm.stopPrank();
    }

    function test_engines_error_nobody_else() public {
        vm.expectPartialRevert(PerpLiquidations.NotAppointed.selector);
        venue.reduceFor(alice, ETH, 1, 0);
        vm.expectPartialRevert(PerpLiquidations.NotAppointed.selector);
        venue.inherit(alice, ETH, 0);
        vm.expectPartialRevert(PerpLiquidations.NotAppointed.selector);
        venue.handOn(alice, ETH, 1);
        vm.expectPartialRevert(PerpLiquidations.NotAppointed.selector);
        venue.forfeit(alice, ETH, bob, 1);
    }

    /// @dev Whatever the position, the price and the target: health does not fall by more than a token's unit, a part
    ///      reaches its target, and what is healthy is not touched.
    function testFuzz_health_never_falls(uint96 size, uint96 other, uint32 price, uint32 target, bool short) public {
        terms(ETH, uint32(bound(target, 1e6, 5e6)), 0);
        deposit(alice, 20_000e6);
        int256 opened = int256(bound(size, 1e18, 80e18));
        open(alice, ETH, short ? -opened : opened);
        open(alice, BTC, int256(bound(other, 1e15, 0.05e18)));
        uint256 p = bound(price, 1_700e8, 2_350e8);
        eth.set(int256(p));
        PerpVenue.AccountView memory a = venue.accountOf(alice);
        if (a.equity >= int256(a.mm)) {
            vm.expectPartialRevert(PerpLiquidations.Healthy.selector);
            venue.liquidate(alice, ETH);
            return;
        }
        liquidate(alice, ETH);
        PerpVenue.AccountView memory b = venue.accountOf(alice);
        if (a.equity <= 0) {
            holds(b.equity >= a.equity - 2e12, "no equity is lost");
            equal(b.positions.length, 1, "all is closed");
            return;
        }
        holds((b.equity + 3e12) * int256(a.mm) >= a.equity * int256(b.mm), "health falls");
        if (b.positions.length == 2) {
            (uint256 t,) = venue.liquidationTermsOf(ETH);
            holds((b.equity + 3e12) * 1e6 >= int256(b.mm * t), "a part misses its target");
            holds((b.equity - 3e12) * 1e6 <= int256(b.mm * t), "a part closes more than it must");
        }
    }
}
